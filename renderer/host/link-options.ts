import type { ClientContext } from "@orpc/client";
import { ClientRetryPlugin } from "@orpc/client/plugins";
import type { StandardLinkInterceptorOptions } from "@orpc/client/standard";
import { fromWireError } from "../../protocol/errors.ts";

const RESUBSCRIBE_MS = 500;

/**
 * How calls behave on every transport: failures are HeddleErrors, and the subscription to `events` is taken up again, from
 * the last event that was seen, whenever the connection was lost.
 */
export const linkOptions = {
  interceptors: [
    async ({ next, signal }: StandardLinkInterceptorOptions<ClientContext> & { next(): Promise<unknown> }) => {
      try {
        return await next();
      } catch (error) {
        throw signal?.aborted ? error : fromWireError(error);
      }
    },
  ],
  plugins: [
    new ClientRetryPlugin({
      default: {
        retry: ({ path }) => (path[0] === "events" ? Number.POSITIVE_INFINITY : 0),
        retryDelay: RESUBSCRIBE_MS,
      },
    }),
  ],
};
