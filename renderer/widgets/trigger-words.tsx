import { Plus } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { editParam } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import styles from "./loras-field.module.css";
import { promptFor, withWords } from "./prompt-target.ts";

const SHOWN = 8;

/** The words that a LoRA listens to; pressed, they are written into the prompt. */
export function TriggerWords({ nodeId, words }: { nodeId: string; words: readonly string[] }) {
  const session = useSession();
  const text = useText();
  const insert = (added: readonly string[]) => {
    const { graph, nodesById } = session.documents.getState();
    const target = promptFor(graph, nodeId);
    if (!target) {
      session.view.notify({ tone: "info", text: text("loras.noPrompt") });
      return;
    }
    const before = String(nodesById.get(target.nodeId)?.params[target.param] ?? "");
    const after = withWords(before, added);
    if (after !== before) editParam(session, target.nodeId, target.param, after);
    session.view.notify({ tone: "success", text: text("loras.inserted", { words: added.join(", ") }) });
  };
  return (
    <fieldset className={styles.words} aria-label={text("facts.triggerWords")}>
      {words.slice(0, SHOWN).map((word) => (
        <button
          key={word}
          type="button"
          className={styles.word}
          aria-label={text("loras.insert", { words: word })}
          title={text("loras.insert", { words: word })}
          onClick={() => insert([word])}
        >
          <Plus size={11} />
          {word}
        </button>
      ))}
    </fieldset>
  );
}
