import type { PortDefinition } from "../../graph/definition.ts";
import { findInput } from "../../graph/linkable-params.ts";
import { INPUT_NODE, OUTPUT_NODE } from "../../graph/subgraphs/boundary.ts";
import { NEW_PORT } from "../../graph/subgraphs/lookup.ts";
import type { LinkEnds } from "../document/commands.ts";
import { freshId } from "../document/ids.ts";
import { interfaceOf, type Patch } from "../document/patch.ts";
import { spokenDefinitions } from "../i18n/spoken-definitions.ts";
import type { Session } from "../session/session.ts";

/** A link to the empty socket of a boundary node makes a socket of the subgraph, named as what is at its other end. */
export function withBoundaryPort(session: Session, ends: LinkEnds): { made: Patch[]; patches: LinkEnds } {
  const { inside, nodesById } = session.documents.getState();
  const subgraph = inside.at(-1);
  const from = nodesById.get(ends.from.node);
  const to = nodesById.get(ends.to.node);
  const comesIn = from?.type === INPUT_NODE && ends.from.port === NEW_PORT;
  const goesOut = to?.type === OUTPUT_NODE && ends.to.port === NEW_PORT;
  if (!subgraph || comesIn === goesOut) return { made: [], patches: ends };
  const other = spokenDefinitions(session.definitionOf)((comesIn ? to : from)?.type ?? "");
  const port: PortDefinition | undefined = comesIn
    ? other && findInput(other, ends.to.port)
    : other?.outputs.find(({ name }) => name === ends.from.port);
  if (!port) return { made: [], patches: ends };
  const before = interfaceOf(subgraph);
  const side = comesIn ? "inputs" : "outputs";
  const name = freshId(port.name, new Set([...before[side], ...before.params].map((one) => one.name)));
  const after = { ...before, [side]: [...before[side], { name, label: port.label, type: port.type }] };
  return {
    made: [{ collection: "interface", scope: subgraph.id, before, after }],
    patches: comesIn
      ? { ...ends, from: { node: ends.from.node, port: name } }
      : { ...ends, to: { node: ends.to.node, port: name } },
  };
}
