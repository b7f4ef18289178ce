import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo, useState } from "react";
import Markdown from "react-markdown";
import { readParam } from "../../graph/values.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { editParam } from "../session/actions.ts";
import { useSession, useView, useWorkflowNode } from "../session/context.tsx";
import { useTypingBurst } from "../widgets/typing-burst.ts";
import { SIZE_LIMITS } from "./card-geometry.ts";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";

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
            event.stopPropagation();
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      ) : (
        <div className={styles.noteText}>
          {content.trim() ? (
            <Markdown components={{ a: OutsideLink, img: () => null }}>{content}</Markdown>
          ) : (
            <p className={styles.noteEmpty}>{text("node.emptyNote")}</p>
          )}
        </div>
      )}
      <NodeResizeControl position="bottom-right" {...SIZE_LIMITS.note} className={`${styles.noteResize} nodrag`} />
    </article>
  );
});

/** Links of a note open outside; nothing in a workflow file may load anything by itself. */
function OutsideLink({ href, children }: { href?: string | undefined; children?: React.ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="nodrag">
      {children}
    </a>
  );
}
