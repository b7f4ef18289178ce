import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { lazy, memo, Suspense, useState } from "react";
import { readParam } from "../../graph/values.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { editParam } from "../session/actions.ts";
import { useSession, useView, useWorkflowNode } from "../session/context.tsx";
import { useTypingBurst } from "../widgets/typing-burst.ts";
import { SIZE_LIMITS } from "./card-geometry.ts";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";
import { isSameCard } from "./same-card.ts";

/** What reads Markdown is as large as half of the editor's own code: it comes after the editor. */
const MarkdownText = lazy(() => import("./markdown-text.tsx").catch(() => ({ default: PlainText })));

/** A note: Markdown, edited in place after a double-click or Enter. */
export const NoteCard = memo(function NoteCard({ id, selected }: NodeProps<FlowNode>) {
  const session = useSession();
  const words = useDefinitionText();
  const text = useText();
  const node = useWorkflowNode(id);
  const isAsked = useView((state) => state.renamingNode === id);
  const [isOpen, setEditing] = useState(false);
  const editing = isOpen || isAsked;
  const burst = useTypingBurst();
  const definition = node && session.definitionOf(node.type);
  const param = definition?.params.find((candidate) => candidate.kind === "text");
  if (!node || !definition || !param) return null;
  const content = String(readParam(node.params, param));
  const title = node.title || words.title(definition);
  const stop = () => {
    setEditing(false);
    if (isAsked) session.view.setState({ renamingNode: undefined });
  };
  return (
    <article
      className={styles.note}
      data-selected={selected || undefined}
      aria-label={title}
      onDoubleClick={() => setEditing(true)}
    >
      {editing ? (
        <textarea
          className={`${styles.noteArea} nodrag nowheel`}
          aria-label={words.param(definition, param)}
          value={content}
          onChange={(event) => editParam(session, id, param.name, event.target.value, `${id} ${burst()}`)}
          // biome-ignore lint/a11y/noAutofocus: the field appears because its owner asked to write
          autoFocus
          onBlur={stop}
          onKeyDown={(event) => {
            // Keys of commands go on: Ctrl+S saves also here.
            if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
            if (event.key === "Escape" && !event.nativeEvent.isComposing) event.currentTarget.blur();
          }}
        />
      ) : (
        <div className={styles.noteText}>
          {content.trim() ? (
            <Suspense fallback={<PlainText text={content} />}>
              <MarkdownText text={content} />
            </Suspense>
          ) : (
            <p className={styles.noteEmpty}>{text("node.emptyNote")}</p>
          )}
        </div>
      )}
      <NodeResizeControl position="bottom-right" {...SIZE_LIMITS.note} className={`${styles.noteResize} nodrag`} />
    </article>
  );
}, isSameCard);

function PlainText({ text }: { text: string }) {
  return <p>{text}</p>;
}
