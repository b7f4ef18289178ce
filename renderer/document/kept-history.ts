import { z } from "zod";
import {
  subgraphSchema,
  type WorkflowDocument,
  workflowDocumentSchema,
  workflowFrameSchema,
  workflowLinkSchema,
  workflowNodeSchema,
} from "../../graph/document.ts";
import type { History, HistoryEntry } from "./history.ts";
import { applyPatches, interfaceOf, invertPatches, metaOf, type Patch } from "./patch.ts";
import { isSame, withoutView } from "./same-content.ts";

/** Steps of undo that come from a disk: checked for their form, and for whether they lead to the document they came with. */
const change = <T extends z.ZodType>(entity: T) => ({
  index: z.int().min(0),
  before: entity.optional(),
  after: entity.optional(),
  creates: z.boolean().optional(),
});
const scope = z.string().optional();
const CONTENT = ["nodes", "links", "frames", "subgraphs", "view"];
const holdsNoContent = (meta: Readonly<Record<string, unknown>>) => !CONTENT.some((key) => key in meta);
const meta = workflowDocumentSchema
  .omit({ nodes: true, links: true, frames: true, subgraphs: true, view: true })
  .refine(holdsNoContent);
const face = subgraphSchema.omit({ nodes: true, links: true, frames: true, view: true }).refine(holdsNoContent);

const entrySchema = z.object({
  label: z.string(),
  path: z.array(z.string()),
  gesture: z.string().optional(),
  patches: z.array(
    z.discriminatedUnion("collection", [
      z.object({ collection: z.literal("nodes"), scope, ...change(workflowNodeSchema) }),
      z.object({ collection: z.literal("links"), scope, ...change(workflowLinkSchema) }),
      z.object({ collection: z.literal("frames"), scope, ...change(workflowFrameSchema) }),
      z.object({ collection: z.literal("subgraphs"), ...change(subgraphSchema) }),
      z.object({ collection: z.literal("interface"), scope: z.string(), before: face, after: face }),
      z.object({ collection: z.literal("meta"), before: meta, after: meta }),
    ]),
  ),
});

/** A step as it was kept, and not as the schema would complete it: undo restores exactly what was. */
export function keptEntry(value: unknown): HistoryEntry | undefined {
  if (!entrySchema.safeParse(value).success) return undefined;
  // What a gesture was in the middle of is over.
  return { ...(value as HistoryEntry), gesture: undefined };
}

/** What the document was `steps` steps back, or will be forward; `undefined` where the history does not reach. */
export function documentAfter(
  document: WorkflowDocument,
  { past, future }: History,
  steps: number,
): WorkflowDocument | undefined {
  if (steps < -past.length || steps > future.length) return undefined;
  return steps < 0
    ? past.slice(steps).reduceRight((before, { patches }) => applyPatches(before, invertPatches(patches)), document)
    : future.slice(0, steps).reduce((after, { patches }) => applyPatches(after, patches), document);
}

/** Whether the steps lead to `document` and on from it, patch by patch. */
export function leadsTo(document: WorkflowDocument, { past, future }: History): boolean {
  try {
    return (
      applies(
        document,
        past.toReversed().map(({ patches }) => invertPatches(patches)),
      ) &&
      applies(
        document,
        future.map(({ patches }) => patches),
      )
    );
  } catch {
    // A patch for a subgraph that is not there.
    return false;
  }
}

function applies(start: WorkflowDocument, steps: readonly (readonly Patch[])[]): boolean {
  let document = start;
  for (const patch of steps.flat()) {
    if (!isAbout(document, patch)) return false;
    document = applyPatches(document, [patch]);
  }
  return true;
}

/** Whether what the patch says was there is there. */
function isAbout(document: WorkflowDocument, patch: Patch): boolean {
  if (patch.collection === "meta") return isSame(metaOf(document), patch.before);
  const subgraph = "scope" in patch && document.subgraphs?.find(({ id }) => id === patch.scope);
  if (patch.collection === "interface") return subgraph ? isSame(interfaceOf(subgraph), patch.before) : false;
  const holder = patch.collection !== "subgraphs" && patch.scope !== undefined ? subgraph : document;
  if (!holder) return false;
  const list: readonly unknown[] = (holder as WorkflowDocument)[patch.collection] ?? [];
  if (patch.before === undefined) return patch.index <= list.length;
  return isSame(withoutView(list[patch.index]), withoutView(patch.before));
}
