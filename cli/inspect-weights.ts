import { readSafetensorsHeader } from "../engine/weights/safetensors.ts";
import { elementCount } from "../engine/weights/tensor.ts";
import type { Inspection } from "./inspection.ts";

/** Types, sizes and names of the tensors in a safetensors file, from its header alone. */
export async function describeWeights(file: string): Promise<Inspection> {
  const { path, size, metadata, tensors } = await readSafetensorsHeader(file);
  const list = [...tensors].map(([name, { dtype, shape, byteLength }]) => ({
    name,
    dtype,
    shape: [...shape],
    elements: elementCount(shape),
    bytes: byteLength,
  }));
  const dtypes = summarize(list, ({ dtype }) => dtype);
  const groups = summarize(list, ({ name }) => name.split(".").at(0) ?? name);
  const parameters = list.reduce((sum, { elements }) => sum + elements, 0);
  const rows = (summary: typeof groups) =>
    Object.entries(summary).map(
      ([name, { tensors: count, bytes }]) => `  ${name}: ${count} tensors, ${inMegabytes(bytes)}`,
    );
  return {
    facts: {
      kind: "safetensors",
      path,
      bytes: size,
      parameters,
      dtypes,
      metadata,
      tensors: list.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    },
    lines: [
      `Safetensors: ${list.length} tensors, ${parameters.toLocaleString("en")} parameters, ${inMegabytes(size)}`,
      ...rows(dtypes),
      "By name:",
      ...rows(groups),
      ...(Object.keys(metadata).length > 0 ? ["Metadata:"] : []),
      ...Object.entries(metadata).map(
        ([key, text]) => `  ${key}: ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`,
      ),
    ],
  };
}

type Summary = Record<string, { tensors: number; bytes: number }>;

function summarize<T extends { bytes: number }>(list: readonly T[], keyOf: (item: T) => string): Summary {
  const summary: Summary = {};
  for (const item of list) {
    const key = keyOf(item);
    const entry = summary[key] ?? { tensors: 0, bytes: 0 };
    summary[key] = { tensors: entry.tensors + 1, bytes: entry.bytes + item.bytes };
  }
  return summary;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
