import { BaseEdge, type EdgeProps, getBezierPath, getSmoothStepPath, useStore as useFlowState } from "@xyflow/react";
import { memo } from "react";
import { usePrefix, useRun } from "../session/context.tsx";
import { heightBetween } from "./between-cards.ts";
import styles from "./canvas.module.css";
import type { FlowLink } from "./flow-store.ts";

/** From this difference of height on, in flow pixels, a link that goes back to the left runs between two cards. */
const BETWEEN_FROM = 80;

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
  const ends = { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition };
  // A curve back would cross both cards and be hidden behind them.
  const isBetween = targetX < sourceX && Math.abs(targetY - sourceY) >= BETWEEN_FROM;
  const centerY = useFlowState(({ nodeLookup }) => {
    if (!isBetween) return undefined;
    const [from, to] = [nodeLookup.get(source), nodeLookup.get(target)].map(
      (node) => node && { y: node.internals.positionAbsolute.y, height: node.measured.height ?? 0 },
    );
    return from && to && heightBetween(from, to);
  });
  const [path] = isBetween
    ? getSmoothStepPath({ ...ends, borderRadius: 14, ...(centerY === undefined ? {} : { centerY }) })
    : getBezierPath({ ...ends, curvature: 0.3 });
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
