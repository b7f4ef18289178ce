import { SocketShape } from "../canvas/socket-shape.tsx";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import styles from "./shell.module.css";

/** What a node does, and what each socket and setting of it means. */
export function NodeHelpDialog() {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const type = useView((state) => state.helpOn);
  const definition = type === undefined ? undefined : session.definitionOf(type);
  if (!definition) return null;
  return (
    <Dialog
      title={words.title(definition)}
      description={words.description(definition)}
      onClose={() => session.view.setState({ helpOn: undefined })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard */}
      <section className={styles.help} tabIndex={0} aria-label={words.title(definition)}>
        {(["inputs", "outputs"] as const).map((side) =>
          definition[side].length === 0 ? null : (
            <section key={side}>
              <h3>{text(`help.${side}`)}</h3>
              <ul>
                {definition[side].map((port) => (
                  <li key={port.name}>
                    <span style={{ color: `var(--port-${port.type})` }}>
                      <SocketShape type={port.type} />
                    </span>
                    <strong>{words.port(definition, side, port)}</strong>
                    {port.optional && <em>{text("help.optional")}</em>}
                    {port.description && <p>{words.sentence(port.description)}</p>}
                  </li>
                ))}
              </ul>
            </section>
          ),
        )}
        {definition.params.length > 0 && (
          <section>
            <h3>{text("help.params")}</h3>
            <ul>
              {definition.params.map((param) => (
                <li key={param.name}>
                  <strong>{words.param(definition, param)}</strong>
                  <p>{words.paramHelp(definition, param)}</p>
                </li>
              ))}
            </ul>
          </section>
        )}
      </section>
    </Dialog>
  );
}
