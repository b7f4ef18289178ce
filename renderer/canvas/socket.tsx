import { Handle, Position } from "@xyflow/react";
import { memo } from "react";
import { isPortCompatible, type PortDefinition, type PortType, portTypes } from "../../graph/definition.ts";
import styles from "./node.module.css";
import { SocketShape } from "./socket-shape.tsx";

const known = { inputs: new Map<PortType, string>(), outputs: new Map<PortType, string>() };

/** Types that may be at the other end, as a CSS-matchable list: the canvas greys the rest while a link is dragged. */
export function fitting(side: "inputs" | "outputs", type: PortType): string {
  const before = known[side].get(type);
  if (before !== undefined) return before;
  const list = portTypes
    .filter((other) => (side === "inputs" ? isPortCompatible(other, type) : isPortCompatible(type, other)))
    .join(" ");
  known[side].set(type, list);
  return list;
}

export const Socket = memo(function Socket({
  port,
  side,
  isMissing = false,
  title,
}: {
  port: PortDefinition;
  /** Where no name stands beside it. */
  title?: string | undefined;
  side: "inputs" | "outputs";
  isMissing?: boolean;
}) {
  return (
    <Handle
      id={port.name}
      type={side === "inputs" ? "target" : "source"}
      position={side === "inputs" ? Position.Left : Position.Right}
      className={styles.socket}
      style={{ color: `var(--port-${port.type})` }}
      data-fits={fitting(side, port.type)}
      data-missing={isMissing || undefined}
      title={title}
    >
      <SocketShape type={port.type} />
    </Handle>
  );
});
