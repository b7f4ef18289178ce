import { useEffect, useRef, useState } from "react";
import type { NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { socketParams } from "../document/commands.ts";
import { useDocument } from "../session/context.tsx";
import { socketHandles } from "./card-geometry.ts";

/**
 * Where the sockets of a card are that is first drawn from afar, without any: React Flow measures a card when it first draws it,
 * and would find nothing that links go to. Once it has, they are gone again.
 */
export function FarSockets({
  node,
  definition,
  width,
  height,
}: {
  node: WorkflowNode;
  definition: NodeDefinition;
  width: number;
  height: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [isMeasured, setMeasured] = useState(false);
  const linked = useDocument((state) => state.linkedInputs.get(node.id));
  useEffect(() => {
    const card = place.current?.closest(".react-flow__node");
    if (!card) return;
    // Observers are told in the order in which they were made, and React Flow's was made with the canvas.
    const observer = new ResizeObserver(() => setMeasured(true));
    observer.observe(card);
    return () => observer.disconnect();
  }, []);
  if (isMeasured) return null;
  const sockets = new Set([...(linked?.split("\n") ?? []), ...socketParams(node)]);
  return (
    <div ref={place} aria-hidden>
      {socketHandles(node, definition, { width, height }, sockets).map(({ id, type, position, x, y, ...size }) => (
        <i
          key={`${type} ${id}`}
          className={type}
          data-handleid={id}
          data-handlepos={position}
          style={{ position: "absolute", left: x, top: y, visibility: "hidden", ...size }}
        />
      ))}
    </div>
  );
}
