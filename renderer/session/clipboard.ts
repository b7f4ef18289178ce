import { z } from "zod";
import { subgraphSchema, workflowFrameSchema, workflowLinkSchema, workflowNodeSchema } from "../../graph/document.ts";
import type { Fragment } from "../document/commands.ts";

const MARK = "heddle-fragment";
const fragmentSchema = z
  .object({
    format: z.literal(MARK),
    nodes: z.array(workflowNodeSchema).max(5_000),
    links: z.array(workflowLinkSchema).max(50_000),
    frames: z.array(workflowFrameSchema).max(1_000).optional(),
    subgraphs: z.array(subgraphSchema).max(1_000).optional(),
    sources: z.record(z.string(), z.string()).optional(),
  })
  .refine(({ nodes, frames }) => nodes.length + (frames?.length ?? 0) > 0);

/** Nodes travel between windows as plain text, so that they can also be pasted into a chat. */
export function fragmentToText(fragment: Fragment): string {
  return JSON.stringify({ format: MARK, ...fragment });
}

export function fragmentFromText(text: string): Fragment | undefined {
  if (!text.includes(MARK)) return undefined;
  try {
    return fragmentSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
