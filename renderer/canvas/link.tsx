import { BaseEdge, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import { usePrefix, useRun } from "../session/context.tsx";
import styles from "./canvas.module.css";
import type { FlowLink } from "./flow-store.ts";

/** A link, in the colour of what it carries; it moves while the node it feeds is running. */
export const Link = memo(function Link({
  id,
  source,
  target,
  sourceX,
  sourceY,
  targetX,
  targetY,
  sourcePosition,
  targetPosition,
  selected,
  data,
}: EdgeProps<FlowLink>) {
  const prefix = usePrefix();
  const active = useRun(
    (state) => state.nodes.get(prefix + target)?.phase === "running" && state.nodes.has(prefix + source),
  );
  const [path] = getBezierPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, curvature: 0.3 });
  return (
    <g
      className={styles.link}
      data-selected={selected || undefined}
      data-active={active || undefined}
      style={{ color: `var(--port-${data?.portType ?? "any"})` }}
    >
      <BaseEdge id={id} path={path} interactionWidth={20} />
    </g>
  );
});
