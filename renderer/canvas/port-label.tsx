import type { NodeDefinition, PortDefinition } from "../../graph/definition.ts";
import type { Problem } from "../../graph/problems.ts";
import { inputKey } from "../document/document-store.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useDocument, useSession } from "../session/context.tsx";
import styles from "./node.module.css";

/**
 * The name of a socket, as a button: from the keyboard it opens the palette of everything this socket can be connected
 * to, which is how links are made without a pointer.
 */
export function PortLabel({
  nodeId,
  definition,
  port,
  side,
  problem,
}: {
  nodeId: string;
  definition: NodeDefinition;
  port: PortDefinition;
  side: "inputs" | "outputs";
  problem?: Problem | undefined;
}) {
  const { view } = useSession();
  const words = useDefinitionText();
  const text = useText();
  const label = words.port(definition, side, port);
  const trouble = problem && problemText(text, problem).message;
  const isMissing = problem?.severity === "error";
  const isLinked = useDocument((state) => side === "inputs" && state.linkByInput.has(inputKey(nodeId, port.name)));
  return (
    <>
      <button
        type="button"
        className={`${styles.portName} nodrag`}
        title={trouble ?? words.sentence(port.description)}
        data-missing={isMissing || undefined}
        data-optional={(port.optional && !isLinked) || undefined}
        aria-label={text(side === "inputs" ? "port.connectInput" : "port.connectOutput", { label })}
        aria-description={trouble}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          view.setState({
            nodePalette: {
              at: { x: box.left, y: box.bottom + 4 },
              link: { nodeId, port: port.name, side: side === "inputs" ? "input" : "output" },
            },
          });
        }}
      >
        {label}
      </button>
      {isMissing && <span className={styles.needed}>{text("port.needed")}</span>}
    </>
  );
}
