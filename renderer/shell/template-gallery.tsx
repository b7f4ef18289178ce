import type { WorkflowDocument } from "../../graph/document.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { useText } from "../i18n/use-text.ts";
import { openDocument } from "../session/actions.ts";
import { useHost, useSession } from "../session/context.tsx";
import styles from "./template-gallery.module.css";

/** Drawn by `scripts/template-previews.ts`. */
const pictures = import.meta.glob<string>("../../resources/templates/previews/*.webp", {
  eager: true,
  query: "?url",
  import: "default",
});
const pictureOf = (id: string) => pictures[`../../resources/templates/previews/${id}.webp`];

/** Workflows to begin with; each opens in a tab of its own. */
export function TemplateGallery({ onPick }: { onPick?: () => void }) {
  const session = useSession();
  const text = useText();
  const templates = useHost((state) => state.templates);
  if (templates.length === 0) return <p className={styles.none}>{text("templates.none")}</p>;
  return (
    <ul className={styles.templates}>
      {templates.map((template) => (
        <li key={template.id}>
          <button
            type="button"
            className={styles.template}
            onClick={() => {
              onPick?.();
              openDocument(session, structuredClone(template.document));
            }}
          >
            {pictureOf(template.id) ? (
              <img src={pictureOf(template.id)} alt="" className={styles.picture} loading="lazy" draggable={false} />
            ) : (
              <Sketch document={template.document} />
            )}
            <strong>{template.title}</strong>
            <span className={styles.help}>{template.description}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const NODE = { width: 288, height: 200 };

/** The shape of a workflow: its nodes as boxes, where they stand. */
function Sketch({ document }: { document: WorkflowDocument }) {
  const { definitionOf } = useSession();
  const boxes = document.nodes.map((node) => ({ ...node.position, id: node.id, type: node.type }));
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const width = Math.max(...boxes.map((box) => box.x)) - left + NODE.width;
  const height = Math.max(...boxes.map((box) => box.y)) - top + NODE.height;
  if (boxes.length === 0) return <SocketShape type="any" size={32} />;
  return (
    <svg className={styles.sketch} viewBox={`${left - 40} ${top - 40} ${width + 80} ${height + 80}`} aria-hidden="true">
      {boxes.map((box) => {
        const output = definitionOf(box.type)?.outputs[0]?.type ?? "image";
        return (
          <rect
            key={box.id}
            x={box.x}
            y={box.y}
            width={NODE.width}
            height={NODE.height}
            rx={24}
            fill="var(--surface-4)"
            stroke={`var(--port-${output})`}
            strokeWidth={12}
          />
        );
      })}
    </svg>
  );
}
