import { ORPCError, os } from "@orpc/server";
import { toWireError } from "../protocol/errors.ts";

/** Whatever a service throws leaves as the contract's one typed error; oRPC's own refusals (bad input) stay as they are. */
export const wireErrors = os.middleware(async ({ next }) => {
  try {
    return await next();
  } catch (error) {
    throw error instanceof ORPCError ? error : toWireError(error);
  }
});
