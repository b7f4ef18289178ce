import type { NodeDefinition } from "../../graph/definition.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import styles from "./palette.module.css";

const MOST_PARAMS = 6;

/** What a node looks like and does, before it is added. */
export function NodePreview({ definition }: { definition: NodeDefinition | undefined }) {
  const text = useText();
  const words = useDefinitionText();
  if (!definition) return <div className={styles.preview} />;
  const named = new Set(definition.params.map(({ name }) => name));
  const inputs = definition.inputs.filter(({ name }) => !named.has(name));
  const more = definition.params.length - MOST_PARAMS;
  return (
    <div className={styles.preview}>
      <div className={styles.previewCard} aria-hidden="true">
        <strong>{words.title(definition)}</strong>
        <div className={styles.previewPorts}>
          <ul>
            {inputs.map((port) => (
              <li key={port.name}>
                <span style={{ color: `var(--port-${port.type})` }}>
                  <SocketShape type={port.type} size={10} />
                </span>
                {words.port(definition, "inputs", port)}
              </li>
            ))}
          </ul>
          <ul>
            {definition.outputs.map((port) => (
              <li key={port.name}>
                {words.port(definition, "outputs", port)}
                <span style={{ color: `var(--port-${port.type})` }}>
                  <SocketShape type={port.type} size={10} />
                </span>
              </li>
            ))}
          </ul>
        </div>
        {definition.params.length > 0 && (
          <ul className={styles.previewRows}>
            {definition.params.slice(0, MOST_PARAMS).map((param) => (
              <li key={param.name} className={styles.previewRow}>
                {words.param(definition, param)}
              </li>
            ))}
            {more > 0 && <li className={styles.previewMore}>{text("palette.moreParams", { count: more })}</li>}
          </ul>
        )}
      </div>
      <p>{words.description(definition)}</p>
    </div>
  );
}
