import type { LoraInspection } from "../types.ts";
import type { LoraPart, LoraUpdate, ParsedLora } from "./lora-types.ts";
import { multiply, transpose } from "./matrix.ts";

/** What a LoRA changes, where and how much. */
export async function inspectLora(lora: ParsedLora): Promise<LoraInspection> {
  const { report, format, metadata } = lora;
  const blocks = new Map<string, { layers: number; square: number; ranks: Set<number | "full"> }>();
  const targets = new Set<string>();
  for (const part of [lora, lora.textEncoder] satisfies LoraPart[]) {
    const isTextEncoder = part === lora.textEncoder;
    for (const [module, update] of part.updates) {
      const name = `${isTextEncoder ? "text encoder " : ""}${blockOf(module)}`;
      const block = blocks.get(name) ?? { layers: 0, square: 0, ranks: new Set() };
      blocks.set(name, block);
      block.layers++;
      block.square += await squaredNorm(update);
      block.ranks.add(update.kind === "full" ? "full" : update.rank);
      targets.add(targetOf(module));
    }
  }
  return {
    format,
    ...{ applied: report.applied, total: report.total, unapplied: report.unapplied, notes: report.notes },
    ...{ triggerWords: metadata.triggerWords, title: metadata.title, baseModel: metadata.baseModel },
    ...{ rank: metadata.rank, alpha: metadata.alpha },
    targets: [...targets].sort(),
    blocks: [...blocks].map(([block, { layers, square, ranks }]) => ({
      ...{ block, layers, norm: Math.sqrt(square) },
      ranks: [...ranks].sort(),
    })),
  };
}

/** "layers.3" of "layers.3.attention.to_q"; what has no number counts under its own name. */
const blockOf = (module: string): string => /^(?:.*\.)?(\w+\.\d+)\./.exec(module)?.[1] ?? module.split(".")[0]!;

/** "attention.to_q" of "layers.3.attention.to_q". */
const targetOf = (module: string): string => module.replace(/^.*?\w+\.\d+\./, "");

/** Frobenius norm of the change, squared. That of a product of narrow matrices comes from products as small as its rank. */
async function squaredNorm(update: LoraUpdate): Promise<number> {
  if (update.kind === "full") return (await update.delta()).reduce((sum, value) => sum + value * value, 0);
  const { rank, inFeatures, outFeatures } = update;
  const down = { rows: rank, columns: inFeatures, data: update.down };
  const up = { rows: rank, columns: outFeatures, data: update.up };
  const [a, b] = [multiply(down, transpose(down)).data, multiply(up, transpose(up)).data];
  return Math.max(
    0,
    a.reduce((sum, value, i) => sum + value * b[i]!, 0),
  );
}

/** As lines for people. */
export function inspectionLines(inspection: LoraInspection): string[] {
  const { title, baseModel, format, rank, alpha, applied, total, unapplied, blocks, targets } = inspection;
  const strongest = Math.max(...blocks.map(({ norm }) => norm));
  return [
    ...(title === undefined ? [] : [`Title: ${title}`]),
    ...(baseModel === undefined ? [] : [`Made for: ${baseModel}`]),
    `Format: ${format}${rank === undefined ? "" : `, rank ${rank}`}${alpha === undefined ? "" : `, alpha ${alpha}`}`,
    `Keys: ${applied} of ${total} applied`,
    ...(unapplied.length === 0 ? [] : [`Not applied: ${unapplied.join(", ")}`]),
    ...inspection.notes,
    ...(inspection.triggerWords.length === 0 ? [] : [`Trigger words: ${inspection.triggerWords.join(", ")}`]),
    `Layers changed: ${targets.join(", ")}`,
    "Strength by block (norm of the change):",
    ...blocks.map(({ block, norm, layers, ranks }) => {
      const bar = "▇".repeat(Math.max(1, Math.round((12 * norm) / strongest)));
      return `  ${block.padEnd(20)} ${norm.toPrecision(3).padStart(9)}  ${bar.padEnd(12)}  ${layers} layers, rank ${ranks.join(", ")}`;
    }),
  ];
}
