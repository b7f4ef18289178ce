import { Box } from "lucide-react";
import { useState } from "react";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { Template } from "../../protocol/contract.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { useTemplateText, workflowOf } from "../i18n/template-text.ts";
import { useText } from "../i18n/use-text.ts";
import { openDocument } from "../session/actions.ts";
import { useHost, useSession } from "../session/context.tsx";
import { SearchField } from "../ui/search-field.tsx";
import styles from "./template-gallery.module.css";
import { groupTemplates, needsModel } from "./template-groups.ts";

/** Drawn by `scripts/template-previews.ts`. */
const pictures = import.meta.glob<string>("../../resources/templates/previews/*.webp", {
  eager: true,
  query: "?url",
  import: "default",
});
const pictureOf = (id: string) => pictures[`../../resources/templates/previews/${id}.webp`];

/** Fewer templates than this are found by looking. */
const SEARCH_FROM = 12;

/** Workflows to begin with, by what they are for; each opens in a tab of its own. */
export function TemplateGallery({ heading, onPick }: { heading?: string; onPick?: () => void }) {
  const text = useText();
  const words = useTemplateText();
  const templates = useHost((state) => state.templates);
  const [query, setQuery] = useState("");
  if (templates.length === 0) return <p className={styles.none}>{text("templates.none")}</p>;
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter((template) => {
    const all = [template.id, template.title, words.title(template), words.description(template)].join(" ");
    return wanted.every((word) => all.toLowerCase().includes(word));
  });
  return (
    <div className={styles.gallery}>
      <div className={styles.header}>
        {heading !== undefined && <h2>{heading}</h2>}
        {templates.length >= SEARCH_FROM && (
          <SearchField className={styles.search} label={text("templates.search")} value={query} onChange={setQuery} />
        )}
      </div>
      {found.length === 0 && <p className={styles.none}>{text("templates.notFound", { query: query.trim() })}</p>}
      {groupTemplates(found).map((one) => (
        <section key={one.group} aria-label={text(`templates.groups.${one.group}`)}>
          <h3>{text(`templates.groups.${one.group}`)}</h3>
          <ul className={styles.templates}>
            {one.templates.map((template) => (
              <li key={template.id}>
                <Card template={template} onPick={onPick} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Card({ template, onPick }: { template: Template; onPick: (() => void) | undefined }) {
  const session = useSession();
  const text = useText();
  const words = useTemplateText();
  const picture = pictureOf(template.id);
  return (
    <button
      type="button"
      className={styles.template}
      onClick={() => {
        onPick?.();
        openDocument(session, workflowOf(template));
      }}
    >
      {picture ? (
        <img src={picture} alt="" className={styles.picture} loading="lazy" draggable={false} />
      ) : (
        <Sketch document={template.document} />
      )}
      <strong>{words.title(template)}</strong>
      <span className={styles.help}>{words.description(template)}</span>
      {needsModel(template) && (
        <span className={styles.needs}>
          <Box size={12} />
          {text("templates.needsModel")}
        </span>
      )}
    </button>
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
