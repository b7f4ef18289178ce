import { ORPCError } from "@orpc/client";
import { HeddleError, toHeddleError } from "../common/errors.ts";
import { errorPayloadSchema } from "../graph/events.ts";

/** Carries a failure over the wire: {@link fromWireError} gives the same HeddleError on the other side. */
export function toWireError(error: unknown): ORPCError<"HEDDLE_ERROR", unknown> {
  const { code, message, help, nodeId, field, details } = toHeddleError(error);
  return new ORPCError("HEDDLE_ERROR", {
    defined: true,
    message,
    data: { code, message, help, nodeId, field, details },
  });
}

/** Any rejection of an RPC call as a {@link HeddleError}. */
export function fromWireError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  if (error instanceof ORPCError) {
    const payload = errorPayloadSchema.safeParse(error.data);
    if (payload.success) return new HeddleError(payload.data, { cause: error });
    return new HeddleError(
      {
        code: error.code === "BAD_REQUEST" ? "bad-request" : "host-error",
        message: `The host refused the request: ${error.message}`,
        help: "Reload the window. If it happens again, the window and the host are of different versions: restart Heddle.",
        details: { reason: error.message },
      },
      { cause: error },
    );
  }
  return new HeddleError(
    {
      code: "connection-lost",
      message: "The connection to Heddle was lost.",
      help: "Heddle reconnects by itself. If it does not, look whether it is still running and reload this page.",
    },
    { cause: error },
  );
}
