import { useRef } from "react";
import type { WorkflowNode } from "../../graph/document.ts";
import { isInstance } from "../../graph/subgraphs/boundary.ts";
import { renameNode } from "../document/commands.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import { MAX_TITLE_LENGTH, onNameKey } from "../ui/name-keys.ts";
import styles from "./node.module.css";

/** The title of a node; double-click or F2 renames it, an empty name takes the usual one again. */
export function NodeTitle({ node, title }: { node: WorkflowNode; title: string }) {
  const session = useSession();
  const text = useText();
  const editing = useView((state) => state.renamingNode === node.id);
  const done = useRef(false);
  const close = (name?: string) => {
    if (done.current) return;
    done.current = true;
    if (name !== undefined) {
      const patches = renameNode(session.documents.getState().graph, node.id, name.trim());
      session.documents.commit({ label: "rename", patches });
    }
    session.view.setState({ renamingNode: undefined });
  };
  if (editing) {
    return (
      <input
        className={`${styles.rename} nodrag`}
        aria-label={text("node.rename")}
        defaultValue={node.title ?? title}
        // biome-ignore lint/a11y/noAutofocus: the field appears because its owner asked to rename the node
        autoFocus
        onFocus={(event) => {
          done.current = false;
          event.target.select();
        }}
        onBlur={(event) => close(event.target.value)}
        maxLength={MAX_TITLE_LENGTH}
        data-name
        onKeyDown={(event) => {
          const { value } = event.currentTarget;
          onNameKey(event, { take: () => close(value), leave: () => close() });
        }}
      />
    );
  }
  return (
    <h2
      className={styles.title}
      title={title}
      onDoubleClick={() => {
        // A double-click on a subgraph opens it; F2 renames it.
        if (!isInstance(node)) session.view.setState({ renamingNode: node.id });
      }}
    >
      {title}
    </h2>
  );
}
