import { oc } from "@orpc/contract";
import { errorPayloadSchema } from "../graph/events.ts";

/** Every failure a person can cause crosses the wire as this one typed error, whose data is the HeddleError's payload. */
export const procedure = oc.errors({ HEDDLE_ERROR: { data: errorPayloadSchema } });
