import type { LoraFileSource, LoraMerge, LoraSource } from "../types.ts";
import type { ParsedLora } from "./lora-types.ts";
import { mergedPart } from "./merge-loras.ts";
import { resizedPart } from "./resize-lora.ts";

const methodNames: Record<LoraMerge["method"], string> = { sum: "sum", average: "average", ties: "TIES" };

/** What a LoRA that is made of others changes; `read` reads files. */
export async function evaluatedSource(
  source: LoraSource,
  read: (file: LoraFileSource) => Promise<ParsedLora>,
): Promise<ParsedLora> {
  if (source.kind === "file") return read(source);
  if (source.kind === "resize") {
    const lora = await evaluatedSource(source.source, read);
    const part = await resizedPart(lora, source);
    const ranks = [...part.updates.values()].map((update) => (update.kind === "low-rank" ? update.rank : 0));
    const rank = Math.max(0, ...ranks);
    const plain = withoutAlpha(lora);
    const format = `${lora.format.replace(/, resized$/, "")}, resized`;
    return { ...plain, ...part, format, metadata: { ...plain.metadata, rank } };
  }
  const loras = await Promise.all(source.items.map((item) => evaluatedSource(item.source, read)));
  const part = mergedPart(
    loras.map((lora, i) => ({ part: lora, weight: source.items[i]!.weight })),
    source,
  );
  const all = <T>(of: (lora: ParsedLora) => readonly T[]) => [...new Set(loras.flatMap(of))];
  const sum = (of: (lora: ParsedLora) => number) => loras.reduce((total, lora) => total + of(lora), 0);
  const leavesText = loras.some(({ textEncoder }) => textEncoder.updates.size > 0);
  return {
    ...part,
    textEncoder: { updates: new Map(), biasDiffs: new Map() },
    report: {
      ...{ applied: sum(({ report }) => report.applied), total: sum(({ report }) => report.total) },
      unapplied: all(({ report }) => report.unapplied),
      duplicates: all(({ report }) => report.duplicates),
      fullRank: [...part.updates].filter(([, update]) => update.kind === "full").map(([module]) => module),
      notes: [
        ...all(({ report }) => report.notes),
        ...(leavesText ? ["Merging left out what they change in the text encoder."] : []),
      ],
    },
    format: `${loras.length} LoRAs merged (${methodNames[source.method]})`,
    metadata: { triggerWords: all(({ metadata }) => metadata.triggerWords), frequentTags: [] },
  };
}

/** Its alpha is in the matrices. */
function withoutAlpha({ metadata: { alpha: _, ...metadata }, ...lora }: ParsedLora): ParsedLora {
  return { ...lora, metadata };
}
