import type { PreparationProgress } from "../engine/types.ts";
import type { RunContext } from "../graph/execution/runner.ts";
import type { NodeServices } from "./services.ts";

type Progress = RunContext<NodeServices>["progress"];

/** Shows on the node that a model is being brought into its fast form, in percent. It happens once per model. */
export function showPreparing(progress: Progress): (preparation: PreparationProgress) => void {
  return ({ done, total }) =>
    progress({
      value: Math.floor((100 * done) / total),
      max: 100,
      label: "Preparing the model for this machine (once)",
      labelCode: "preparing",
    });
}
