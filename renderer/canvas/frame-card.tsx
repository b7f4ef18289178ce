import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo } from "react";
import { changeFrames } from "../document/commands.ts";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { MAX_TITLE_LENGTH, onNameKey } from "../ui/name-keys.ts";
import { SIZE_LIMITS } from "./card-geometry.ts";
import { type FlowNode, frameOfFlowId } from "./flow-store.ts";
import styles from "./node.module.css";
import { isSameCard } from "./same-card.ts";

/** A titled area behind nodes; moving it moves what stands in it. */
export const FrameCard = memo(function FrameCard({ id, selected }: NodeProps<FlowNode>) {
  const session = useSession();
  const text = useText();
  const frame = useDocument((state) => state.graph.frames?.find((candidate) => candidate.id === frameOfFlowId(id)));
  const isRenaming = useView((state) => state.renamingNode === id);
  if (!frame) return null;
  const title = frame.title || text("frame.untitled");
  const rename = (value: string) => {
    const { graph: document } = session.documents.getState();
    const patches = changeFrames(document, (one) => (one.id === frame.id ? { ...one, title: value.trim() } : one));
    session.documents.commit({ label: "rename", patches });
    session.view.setState({ renamingNode: undefined });
  };
  return (
    <section
      className={styles.frame}
      style={{ "--frame": frame.color ?? "var(--text-3)" } as React.CSSProperties}
      data-selected={selected || undefined}
      aria-label={title}
    >
      <header className={styles.frameHeader}>
        {isRenaming ? (
          <input
            className={`${styles.rename} nodrag`}
            aria-label={text("frame.rename")}
            defaultValue={frame.title}
            // biome-ignore lint/a11y/noAutofocus: the field appears because its owner asked to rename the frame
            autoFocus
            onFocus={(event) => event.target.select()}
            onBlur={(event) => rename(event.target.value)}
            maxLength={MAX_TITLE_LENGTH}
            data-name
            onKeyDown={(event) => {
              const field = event.currentTarget;
              onNameKey(event, {
                take: () => field.blur(),
                leave: () => session.view.setState({ renamingNode: undefined }),
              });
            }}
          />
        ) : (
          <h2 className={styles.frameTitle} onDoubleClick={() => session.view.setState({ renamingNode: id })}>
            {title}
          </h2>
        )}
      </header>
      <NodeResizer isVisible={selected} {...SIZE_LIMITS.frame} lineClassName="frame-resize" />
    </section>
  );
}, isSameCard);
