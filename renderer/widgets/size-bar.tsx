import { ArrowLeftRight, ChevronDown, Link2, Link2Off } from "lucide-react";
import { useStore } from "zustand";
import type { NodeDefinition, NumberParam } from "../../graph/definition.ts";
import { readParam } from "../../graph/values.ts";
import { setParam } from "../document/commands.ts";
import { applyPatches } from "../document/patch.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useWorkflowNode } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { Menu, MenuItem } from "../ui/menu.tsx";
import fields from "./field.module.css";
import styles from "./size-bar.module.css";
import { setSizeLock, sizeInShape, sizeLocks } from "./size-lock.ts";

const SHAPES = [
  ["1 : 1", 1],
  ["5 : 4", 5 / 4],
  ["4 : 3", 4 / 3],
  ["3 : 2", 3 / 2],
  ["16 : 9", 16 / 9],
  ["21 : 9", 21 / 9],
  ["4 : 5", 4 / 5],
  ["3 : 4", 3 / 4],
  ["2 : 3", 2 / 3],
  ["9 : 16", 9 / 16],
] as const;

/** Width and height of a definition that has both as whole numbers: a size. */
export function sizeParams(definition: NodeDefinition): { width: NumberParam; height: NumberParam } | undefined {
  const side = (name: string) =>
    definition.params.find((param) => param.name === name && param.kind === "integer" && param.unit === "px");
  const [width, height] = [side("width"), side("height")];
  return width && height ? { width: width as NumberParam, height: height as NumberParam } : undefined;
}

/** Changes both sides, as one step of undo with the same `gesture`. */
export function setSize(session: Session, nodeId: string, size: { width: number; height: number }, gesture?: string) {
  const { graph } = session.documents.getState();
  const width = setParam(graph, nodeId, "width", size.width);
  const height = setParam(applyPatches(graph, width), nodeId, "height", size.height);
  session.documents.commit({ label: "edit", patches: [...width, ...height], gesture });
}

/** What goes for both sides of a size: its shape, kept or chosen, and turning it. */
export function SizeBar({ nodeId, definition }: { nodeId: string; definition: NodeDefinition }) {
  const session = useSession();
  const text = useText();
  const node = useWorkflowNode(nodeId);
  const key = `${session.id} ${nodeId}`;
  const isLocked = useStore(sizeLocks, (locks) => locks.has(key));
  const sides = sizeParams(definition);
  if (!node || !sides) return null;
  const width = Number(readParam(node.params, sides.width));
  const height = Number(readParam(node.params, sides.height));
  const lock = (size: { width: number; height: number }) => setSizeLock(key, size.width / size.height);
  const apply = (size: { width: number; height: number }) => {
    setSize(session, nodeId, size);
    if (isLocked) lock(size);
  };
  return (
    <div className={styles.bar}>
      <button
        type="button"
        className={`${fields.tool} ${styles.tool}`}
        aria-label={text("size.lock")}
        title={text("size.lock")}
        aria-pressed={isLocked}
        onClick={() => (isLocked ? setSizeLock(key, undefined) : lock({ width, height }))}
      >
        {isLocked ? <Link2 size={14} /> : <Link2Off size={14} />}
      </button>
      <button
        type="button"
        className={`${fields.tool} ${styles.tool}`}
        aria-label={text("size.turn")}
        title={text("size.turn")}
        onClick={() => apply({ width: height, height: width })}
      >
        <ArrowLeftRight size={14} />
      </button>
      <Menu
        trigger={
          <button type="button" className={`${fields.tool} ${styles.shape}`} title={text("size.shapes")}>
            <Shape ratio={width / height} />
            {shapeName(width / height)}
            <ChevronDown size={12} />
            <span className="visually-hidden">{text("size.shapes")}</span>
          </button>
        }
      >
        {SHAPES.map(([name, ratio]) => (
          <MenuItem
            key={name}
            icon={<Shape ratio={ratio} />}
            onClick={() => apply(sizeInShape(ratio, { width, height }, sides))}
          >
            {name}
          </MenuItem>
        ))}
      </Menu>
      <span className={styles.pixels}>{text("size.megapixels", { count: megapixels(width * height) })}</span>
    </div>
  );
}

/** Filled: the outline of a square would be a box to tick. */
function Shape({ ratio }: { ratio: number }) {
  const longer = 12;
  const shorter = Math.max(4, longer * Math.min(ratio, 1 / ratio));
  const size = ratio >= 1 ? { width: longer, height: shorter } : { width: shorter, height: longer };
  return (
    <span className={styles.place}>
      <span className={styles.area} style={size} />
    </span>
  );
}

const megapixels = (pixels: number) => Math.round(pixels / 10_000) / 100;

/** The nearest usual shape, when it is one. */
function shapeName(ratio: number): string {
  const [name, nearest] = SHAPES.reduce((best, shape) =>
    Math.abs(shape[1] / ratio - 1) < Math.abs(best[1] / ratio - 1) ? shape : best,
  );
  return Math.abs(nearest / ratio - 1) < 0.03 ? name : `${ratio.toFixed(2)} : 1`;
}
