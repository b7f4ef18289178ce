import type { ParamDefinition } from "../../graph/definition.ts";
import { readParam } from "../../graph/values.ts";
import { setSweep } from "../document/form-commands.ts";
import type { Session } from "../session/session.ts";
import { outermostPlace } from "./inner-params.ts";

const MOST_AXES = 3;

/**
 * Opens the matrix of runs with an axis along this param of a node of the graph in front; one that is there already keeps
 * its values.
 */
export function openSweepOf(session: Session, nodeId: string, param: ParamDefinition): void {
  const { document, nodesById, inside, path } = session.documents.getState();
  const axes = document.sweep?.axes ?? [];
  const node = nodesById.get(nodeId);
  const place = outermostPlace(inside, path, { node: nodeId, param: param.name });
  if (node && !axes.some((axis) => axis.node === place.node && axis.param === place.param)) {
    const axis = { ...place, values: [readParam(node.params, param)] };
    const sweep = { combine: "all" as const, ...document.sweep, axes: [...axes.slice(0, MOST_AXES - 1), axis] };
    session.documents.commit({ label: "sweep", patches: setSweep(document, sweep), whole: true });
  }
  session.view.setState({ sweepDialog: true });
}
