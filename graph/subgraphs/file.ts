import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { words } from "../../common/words.ts";
import { type Subgraph, subgraphSchema, type WorkflowDocument } from "../document.ts";
import { checkJsonBounds } from "../json-bounds.ts";
import { isInstance, subgraphsUsedIn } from "./boundary.ts";

export const SUBGRAPH_FORMAT = "heddle-subgraph";

/** A subgraph by itself, with those inside it: what a library keeps and an export writes. The first is the one it is about. */
export const subgraphFileSchema = z.looseObject({
  format: z.literal(SUBGRAPH_FORMAT),
  version: z.literal(1),
  subgraphs: z.array(subgraphSchema).min(1).max(1_000),
});
export type SubgraphFile = z.infer<typeof subgraphFileSchema>;

/** The subgraph with everything that it needs; `undefined` when the document does not have it. */
export function subgraphFileOf(
  { subgraphs = [] }: Pick<WorkflowDocument, "subgraphs">,
  id: string,
): SubgraphFile | undefined {
  const subgraph = subgraphs.find((candidate) => candidate.id === id);
  if (!subgraph) return undefined;
  const inside: Subgraph[] = [...subgraphsUsedIn(subgraph.nodes.filter(isInstance), subgraphs).values()];
  return { format: SUBGRAPH_FORMAT, version: 1, subgraphs: [subgraph, ...inside.filter((one) => one !== subgraph)] };
}

/** Whether a text says that it is a subgraph's file; it may still be damaged. */
export function looksLikeSubgraph(text: string): boolean {
  return /^[\s\uFEFF]*\{[^{}[\]]{0,400}"format"\s*:\s*"heddle-subgraph"/.test(text);
}

/** @throws HeddleError `subgraph-file-invalid`, `workflow-too-deep`, `workflow-too-large` */
export function parseSubgraphFile(text: string): SubgraphFile {
  let input: unknown;
  try {
    input = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw invalid("it is not JSON", { cause: "not-json" }, cause);
  }
  checkJsonBounds(input);
  const parsed = subgraphFileSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.map(String).join(".") ?? "";
  const problem = { ...words(issue?.message ?? "it is damaged"), at };
  throw invalid(issue ? `${at}: ${issue.message}` : "it is damaged", { cause: "damaged", problem }, parsed.error);
}

function invalid(reason: string, details: Record<string, unknown>, cause: unknown): HeddleError {
  return new HeddleError(
    {
      code: "subgraph-file-invalid",
      message: `This is no subgraph that can be read: ${reason}.`,
      help: "Export the subgraph again from the workflow that it comes from.",
      details,
    },
    { cause },
  );
}
