import type { ErrorPayload } from "../common/errors.ts";

/** One thing that is wrong with a workflow. `error`: it cannot run like this; `warning`: it can. */
export interface Problem extends ErrorPayload {
  severity: "error" | "warning";
}
