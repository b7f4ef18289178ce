import { open } from "node:fs/promises";

/** Entries of the table of normal values that rows are cut from; a prime, so that rows do not repeat. */
const TABLE = 4_194_301;

export interface RandomModelOptions {
  seed?: number;
  /** This many channels of every norm are multiplied by `outlierFactor`, as in trained models. */
  outliers?: number;
  outlierFactor?: number;
  /** Multiplies all matrices of the feed-forward and of attention's values and output. */
  gain?: number;
}

/**
 * Writes random BF16 weights: matrices are normal with variance 1 / in, norms are ones. One tensor is in memory at a time,
 * so a model of any size can be made.
 */
export async function writeRandomTensors(
  path: string,
  tensors: ReadonlyMap<string, readonly number[]>,
  { seed = 1, outliers = 0, outlierFactor = 60, gain = 1 }: RandomModelOptions,
): Promise<void> {
  const random = uniform(seed);
  const table = normalTable(random);
  const entries: Record<string, unknown> = {};
  let at = 0;
  for (const [name, shape] of tensors) {
    const bytes = 2 * shape.reduce((product, size) => product * size, 1);
    entries[name] = { dtype: "BF16", shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = await open(path, "w");
  try {
    await file.writeFile(Buffer.concat([length, json]));
    for (const [name, shape] of tensors) {
      const values =
        shape.length === 1
          ? vector(name, shape[0]!, outliers, outlierFactor)
          : matrix(shape, table, random, /\.(w[123]|to_v|to_out\.0)\.weight$/.test(name) ? gain : 1);
      await file.writeFile(bfloat16(values));
    }
  } finally {
    await file.close();
  }
}

function vector(name: string, size: number, outliers: number, factor: number): Float32Array {
  const isNorm = name.endsWith(".weight");
  const values = new Float32Array(size).fill(isNorm ? 1 : 0);
  if (/(attention|ffn)_norm1\.weight$/.test(name)) {
    for (let i = 0; i < outliers; i++) values[Math.floor(((i + 0.5) * size) / outliers)] = factor;
  }
  return values;
}

/** Kernels of convolutions count as matrices of `[out, everything else]`. */
function matrix(
  [rows, ...rest]: readonly number[],
  table: Float32Array,
  random: () => number,
  gain: number,
): Float32Array {
  const columns = rest.reduce((product, size) => product * size, 1);
  const values = new Float32Array(rows! * columns);
  const scale = gain / Math.sqrt(columns);
  for (let row = 0; row < rows!; row++) {
    let from = Math.floor(random() * TABLE);
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      values[i] = table[from]! * scale;
      from = from + 1 === TABLE ? 0 : from + 1;
    }
  }
  return values;
}

function bfloat16(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const stored = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) stored[i] = (bits[i]! + 0x7fff + ((bits[i]! >>> 16) & 1)) >>> 16;
  return new Uint8Array(stored.buffer);
}

function normalTable(random: () => number): Float32Array {
  const table = new Float32Array(TABLE);
  for (let i = 0; i < TABLE; i++) {
    table[i] = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }
  return table;
}

/** mulberry32 in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
