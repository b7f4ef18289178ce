import { type NodeProps, useUpdateNodeInternals } from "@xyflow/react";
import { LogIn, LogOut } from "lucide-react";
import { memo, useEffect } from "react";
import type { PortDefinition } from "../../graph/definition.ts";
import { INPUT_NODE } from "../../graph/subgraphs/boundary.ts";
import { NEW_PORT } from "../../graph/subgraphs/lookup.ts";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useSession } from "../session/context.tsx";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";
import { PortLabel } from "./port-label.tsx";
import { isSameCard } from "./same-card.ts";
import { Socket } from "./socket.tsx";

/** Where a subgraph begins or ends: its sockets, seen from inside, and an empty one that makes another. */
export const BoundaryCard = memo(function BoundaryCard({ id, selected }: NodeProps<FlowNode>) {
  const { view, flow } = useSession();
  const text = useText();
  const node = useDocument((state) => state.nodesById.get(id));
  const definition = useDocument((state) => node && state.definitionOf(node.type));
  const subgraphId = useDocument((state) => state.inside.at(-1)?.id);
  const updateInternals = useUpdateNodeInternals();
  useEffect(() => {
    if (!definition) return;
    flow.forgetEstimate(id);
    updateInternals(id);
  }, [definition, id, updateInternals, flow]);
  if (!node || !definition) return null;
  const isInput = node.type === INPUT_NODE;
  const side = isInput ? "outputs" : "inputs";
  const ports: readonly PortDefinition[] = definition[side];
  const title = text(isInput ? "subgraph.inputs" : "subgraph.outputs");
  return (
    <article
      className={`${styles.card} ${styles.boundary}`}
      data-selected={selected || undefined}
      aria-label={title}
      onDoubleClick={() => subgraphId !== undefined && view.setState({ subgraphDialog: subgraphId })}
    >
      <header className={styles.header}>
        {isInput ? (
          <LogIn size={14} className={styles.boundaryIcon} />
        ) : (
          <LogOut size={14} className={styles.boundaryIcon} />
        )}
        <h2 className={styles.title}>{title}</h2>
      </header>
      <div className={styles.rule} />
      <div className={styles.ports}>
        <div className={isInput ? styles.outputs : styles.inputs}>
          {ports.map((port) => {
            const isNew = port.name === NEW_PORT;
            const shown = isNew ? { ...port, label: text("subgraph.newSocket") } : port;
            const label = (
              <PortLabel
                key="label"
                nodeId={id}
                definition={definition}
                port={isNew ? { ...shown, optional: true } : shown}
                side={side}
              />
            );
            const socket = <Socket key="socket" port={port} side={side} />;
            return (
              <div key={port.name} className={styles.port} data-new={isNew || undefined}>
                {isInput ? [label, socket] : [socket, label]}
              </div>
            );
          })}
        </div>
      </div>
    </article>
  );
}, isSameCard);
