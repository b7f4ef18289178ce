import { memo } from "react";
import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { JsonValue } from "../../graph/document.ts";
import { portOfParam } from "../../graph/linkable-params.ts";
import type { Problem } from "../../graph/problems.ts";
import { isBoundary } from "../../graph/subgraphs/boundary.ts";
import { inputKey } from "../document/document-store.ts";
import type { SeedMode } from "../document/seeds.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { OutsideParam } from "../subgraph/outside-param.tsx";
import { ParamRow } from "../widgets/param-row.tsx";
import styles from "./node.module.css";
import { fitting, Socket } from "./socket.tsx";

/** More than a line with a value takes, also where the canvas is magnified. */
const TALL_PX = 64;

/**
 * The row of a parameter: its widget, and at its left edge a socket when it is one. While a link feeds it, the row says
 * where its value comes from. A link that is dropped on the row makes it a socket.
 */
export const ParamSocketRow = memo(function ParamSocketRow({
  nodeId,
  definition,
  param,
  value,
  seedMode,
  problem,
  isSocket,
}: {
  nodeId: string;
  definition: NodeDefinition;
  param: ParamDefinition;
  value: JsonValue;
  seedMode: SeedMode;
  problem: Problem | undefined;
  isSocket: boolean;
}) {
  const { view } = useSession();
  const port = portOfParam(param);
  const source = useDocument((state) => state.linkByInput.get(inputKey(nodeId, param.name))?.from.node);
  const isSetOutside = useDocument(({ inside }) =>
    Boolean(inside.at(-1)?.params.some((own) => own.node === nodeId && own.param === param.name)),
  );
  const hasMenu = useView(({ canvasMenu }) => {
    const of = canvasMenu?.of;
    return typeof of === "object" && "node" in of && of.node === nodeId && of.param === param.name;
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu is of the field inside, and its key opens it there
    <div
      className={styles.param}
      data-socket-row={param.name}
      data-menu={hasMenu || undefined}
      data-fits={port && fitting("inputs", port.type)}
      onContextMenu={(event) => {
        // In text the mouse opens the browser's own menu, to copy and paste words; the menu key opens this one.
        const isMouse = (event.nativeEvent as PointerEvent).pointerType === "mouse";
        if (isMouse && (event.target as Element).closest("textarea, input:focus")) return;
        event.preventDefault();
        event.stopPropagation();
        const { left, bottom, height } = event.currentTarget.getBoundingClientRect();
        // Below the row, whose value one wants to see; of a tall one, where one points.
        const x = isMouse ? event.clientX : left + 16;
        const at = isMouse && height > TALL_PX ? { x, y: event.clientY } : { x, y: bottom, above: height };
        view.setState({ canvasMenu: { at, of: { node: nodeId, param: param.name } } });
      }}
    >
      {isSocket && port && <Socket port={port} side="inputs" />}
      {source === undefined && isSetOutside ? (
        <OutsideParam nodeId={nodeId} definition={definition} param={param} value={value} />
      ) : source === undefined ? (
        <ParamRow
          nodeId={nodeId}
          definition={definition}
          param={param}
          value={value}
          seedMode={seedMode}
          problem={problem}
        />
      ) : (
        <LinkedParam nodeId={nodeId} definition={definition} param={param} sourceId={source} />
      )}
    </div>
  );
});

function LinkedParam({
  nodeId,
  definition,
  param,
  sourceId,
}: {
  nodeId: string;
  definition: NodeDefinition;
  param: ParamDefinition;
  sourceId: string;
}) {
  const { view } = useSession();
  const text = useText();
  const words = useDefinitionText();
  const source = useDocument((state) => state.nodesById.get(sourceId));
  const port = useDocument((state) => state.linkByInput.get(inputKey(nodeId, param.name))?.from.port);
  const sourceDefinition = useDocument((state) => source && state.definitionOf(source.type));
  const label = words.param(definition, param);
  const title = source?.title || (sourceDefinition ? words.title(sourceDefinition) : sourceId);
  const owner = source && isBoundary(source) ? text("subgraph.inputs") : title;
  // As the search for a node calls it: of several outputs, the one.
  const output = sourceDefinition?.outputs.find((one) => one.name === port);
  const isOneOfSeveral = output && (sourceDefinition?.outputs.length ?? 0) > 1;
  const name =
    isOneOfSeveral && sourceDefinition ? `${owner} ${words.port(sourceDefinition, "outputs", output)}` : owner;
  return (
    <button
      type="button"
      className={`${styles.linked} nodrag`}
      aria-label={text("param.linked", { label, name })}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        view.setState({
          nodePalette: {
            at: { x: box.left, y: box.bottom + 4 },
            link: { nodeId, port: param.name, side: "input" },
          },
        });
      }}
    >
      <span className={styles.linkedLabel}>{label}</span>
      <span className={styles.linkedFrom}>{name}</span>
    </button>
  );
}
