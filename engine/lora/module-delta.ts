import { readFloats } from "../weights/read-tensor.ts";
import type { TensorInfo } from "../weights/tensor.ts";
import type { Slot } from "./lora-keys.ts";
import { identity, kronecker, type Matrix, multiply, scale, transpose } from "./matrix.ts";

/**
 * Change of one weight [out, in] at strength 1: as the product left [out, rank] x right [rank, in], or in full. Full ones
 * are worked out when asked for and not kept: for a whole model they would take as much memory as its weights in float32.
 */
type Delta = { readonly left: Matrix; readonly right: Matrix } | { full(): Promise<Matrix> };

/** Keeps a row of zeros from dividing by zero, as torch.finfo(float32).eps does in the trainers. */
const FLOAT32_EPSILON = 2 ** -23;
/** No factor of a real LoKr comes near it; a damaged header may. */
const LARGEST_IDENTITY = 16_384;

export type Slots = ReadonlyMap<Slot, TensorInfo>;

export interface ModuleChange {
  readonly delta?: Delta;
  /** [out] */
  readonly bias?: Float32Array;
  readonly rank?: number;
  readonly alpha?: number;
  /** Roles whose tensors are accounted for. */
  readonly used: ReadonlySet<Slot>;
  readonly isDora: boolean;
}

export interface ModuleContext {
  readonly out: number;
  readonly in: number;
  /** Alpha for files that keep it in a config; used where the module has no alpha tensor. */
  readonly configAlpha?: number;
  readonly rankStabilised: boolean;
  /** The base weight [out, in], which only DoRA needs; absent when the caller has none to give. */
  readBase?(): Promise<Matrix>;
}

/** Thrown for a module whose tensors do not fit the model's; the parser lists its tensors as not applied. */
export class UnfitModule extends Error {}

/**
 * Everything one file says about one weight, summed.
 *
 * @throws UnfitModule when shapes do not fit the module or each other.
 */
export async function moduleChange(slots: Slots, context: ModuleContext): Promise<ModuleChange> {
  const used = new Set<Slot>();
  const matrix = async (slot: Slot) => {
    used.add(slot);
    return matrixOf(slots.get(slot)!);
  };
  const alpha = slots.has("alpha") ? (await numbers(slots, "alpha", used, 1))[0]! : context.configAlpha;
  const scaleFor = (rank: number) =>
    alpha === undefined ? 1 : alpha / (context.rankStabilised && !slots.has("alpha") ? Math.sqrt(rank) : rank);

  const deltas: Delta[] = [];
  let rank: number | undefined;
  let bias: Float32Array | undefined;
  if (slots.has("down") && slots.has("up")) {
    const [right, left] = [await matrix("down"), await matrix("up")];
    rank = right.rows;
    assertFits(rank > 0 && left.columns === rank && left.rows === context.out && right.columns === context.in);
    deltas.push({ left: scale(left, scaleFor(rank)), right });
    if (slots.has("upBias")) {
      const factor = scaleFor(rank);
      bias = (await numbers(slots, "upBias", used, context.out)).map((value) => value * factor);
    }
  }
  const kron = await lokr(slots, matrix, context, scaleFor);
  if (kron !== undefined) deltas.push(kron);
  const hadamard = await loha(slots, matrix, context, scaleFor);
  if (hadamard !== undefined) deltas.push(hadamard);
  if (slots.has("diff")) {
    const tensor = slots.get("diff")!;
    assertFits(isMatrix(tensor) && tensor.shape[0] === context.out && tensor.shape[1] === context.in);
    used.add("diff");
    deltas.push({ full: () => matrixOf(tensor) });
  }
  if (slots.has("diffBias")) {
    const diff = await numbers(slots, "diffBias", used, context.out);
    bias = bias === undefined ? diff : diff.map((value, i) => value + bias![i]!);
  }

  let delta = sum(deltas, context);
  const isDora = delta !== undefined && slots.has("magnitude") && context.readBase !== undefined;
  if (isDora) delta = decomposed(delta!, await numbers(slots, "magnitude", used), slots, context);
  else if (slots.has("magnitude")) throw new UnfitModule("DoRA needs the base weight");
  return {
    ...(delta !== undefined && { delta }),
    ...(bias !== undefined && { bias }),
    ...(rank !== undefined && { rank }),
    ...(alpha !== undefined && { alpha }),
    used,
    isDora,
  };
}

async function fullOf(delta: Delta): Promise<Matrix> {
  return "full" in delta ? delta.full() : multiply(delta.left, delta.right);
}

/** One stays as it is; several, which hardly any trainer writes for one module, are added in full. */
function sum(deltas: readonly Delta[], context: ModuleContext): Delta | undefined {
  if (deltas.length <= 1) return deltas[0];
  return {
    async full() {
      const total = new Float32Array(context.out * context.in);
      for (const delta of deltas) {
        const { data } = await fullOf(delta);
        for (let i = 0; i < total.length; i++) total[i]! += data[i]!;
      }
      return { rows: context.out, columns: context.in, data: total };
    },
  };
}

type ReadMatrix = (slot: Slot) => Promise<Matrix>;

/**
 * LoKr: delta = kron(w1, w2), each given whole or as a product. Scaled by alpha / rank only if one of them is a product,
 * whose inner size is the rank (w2's before w1's).
 */
async function lokr(
  slots: Slots,
  matrix: ReadMatrix,
  context: ModuleContext,
  scaleFor: (rank: number) => number,
): Promise<Delta | undefined> {
  const w1 = await wholeOrProduct("lokr_w1", slots, matrix);
  const w2 = await wholeOrProduct("lokr_w2", slots, matrix);
  if (w1 === undefined || w2 === undefined) return undefined;
  const rank = w2.rank ?? w1.rank;
  const factor = rank === undefined ? 1 : scaleFor(rank);
  assertFits(w1.left.rows * w2.left.rows === context.out && w1.right.columns * w2.right.columns === context.in);
  if (w1.right.rows * w2.right.rows < Math.min(context.out, context.in)) {
    return { left: scale(kronecker(w1.left, w2.left), factor), right: kronecker(w1.right, w2.right) };
  }
  return {
    full: async () => scale(kronecker(multiply(w1.left, w1.right), multiply(w2.left, w2.right)), factor),
  };
}

/** A whole matrix is a product with an identity on its narrower side; `rank` is set only for a product in the file. */
async function wholeOrProduct(
  name: "lokr_w1" | "lokr_w2",
  slots: Slots,
  matrix: ReadMatrix,
): Promise<{ left: Matrix; right: Matrix; rank?: number } | undefined> {
  if (slots.has(`${name}_a`) && slots.has(`${name}_b`)) {
    const [left, right] = [await matrix(`${name}_a`), await matrix(`${name}_b`)];
    assertFits(left.columns === right.rows && right.rows > 0);
    return { left, right, rank: right.rows };
  }
  if (!slots.has(name)) return undefined;
  const whole = await matrix(name);
  const { rows, columns } = whole;
  assertFits(Math.min(rows, columns) <= LARGEST_IDENTITY);
  return rows < columns ? { left: identity(rows), right: whole } : { left: whole, right: identity(columns) };
}

/**
 * LoHa: delta = (w1_a w1_b) o (w2_a w2_b), elementwise. A product of ranks r and s is itself a product of rank r s, of the
 * row-wise and column-wise Kronecker products of the factors.
 */
async function loha(
  slots: Slots,
  matrix: ReadMatrix,
  context: ModuleContext,
  scaleFor: (rank: number) => number,
): Promise<Delta | undefined> {
  const names = ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"] as const;
  if (!names.every((name) => slots.has(name))) return undefined;
  const [a1, b1, a2, b2] = [
    await matrix(names[0]),
    await matrix(names[1]),
    await matrix(names[2]),
    await matrix(names[3]),
  ];
  assertFits(a1.columns === b1.rows && a2.columns === b2.rows && b1.rows > 0 && b2.rows > 0);
  assertFits([a1, a2].every((a) => a.rows === context.out) && [b1, b2].every((b) => b.columns === context.in));
  const factor = scaleFor(b1.rows);
  if (b1.rows * b2.rows < Math.min(context.out, context.in)) {
    const left = rowwiseKronecker(a1, a2);
    const right = transpose(rowwiseKronecker(transpose(b1), transpose(b2)));
    return { left: scale(left, factor), right };
  }
  return {
    async full() {
      const [first, second] = [multiply(a1, b1), multiply(a2, b2)];
      for (let i = 0; i < first.data.length; i++) first.data[i]! *= second.data[i]! * factor;
      return first;
    },
  };
}

function rowwiseKronecker(a: Matrix, b: Matrix): Matrix {
  const columns = a.columns * b.columns;
  const data = new Float32Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    for (let p = 0; p < a.columns; p++) {
      for (let q = 0; q < b.columns; q++) {
        data[i * columns + p * b.columns + q] = a.data[i * a.columns + p]! * b.data[i * b.columns + q]!;
      }
    }
  }
  return { rows: a.rows, columns, data };
}

/**
 * DoRA: W' = m (W + delta) / ||W + delta||, given back as W' - W. The norm runs along each row, or along each column when
 * the magnitudes are [1, in] (LyCORIS writes either). Liu et al. 2024, arXiv 2402.09353.
 */
function decomposed(delta: Delta, magnitude: Float32Array, slots: Slots, context: ModuleContext): Delta {
  const { out: rows, in: columns } = context;
  const perRow = magnitude.length === rows && slots.get("magnitude")!.shape[0] === rows;
  assertFits(perRow || magnitude.length === columns);
  return {
    async full() {
      const { data } = await fullOf(delta);
      const base = (await context.readBase!()).data;
      const moved = data.map((value, at) => base[at]! + value);
      const norms = perRow ? rowNorms(moved, columns) : columnNorms(moved, columns);
      for (let at = 0; at < moved.length; at++) {
        const lane = perRow ? Math.floor(at / columns) : at % columns;
        moved[at] = (moved[at]! * magnitude[lane]!) / (norms[lane]! + FLOAT32_EPSILON) - base[at]!;
      }
      return { rows, columns, data: moved };
    },
  };
}

function rowNorms(data: Float32Array, columns: number): Float64Array {
  const squares = new Float64Array(data.length / columns);
  for (let at = 0; at < data.length; at++) squares[Math.floor(at / columns)]! += data[at]! ** 2;
  return squares.map(Math.sqrt);
}

function columnNorms(data: Float32Array, columns: number): Float64Array {
  const squares = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) squares[at % columns]! += data[at]! ** 2;
  return squares.map(Math.sqrt);
}

/** Trainers sometimes store linear weights as 1x1 convolutions. */
function isMatrix({ shape }: TensorInfo): boolean {
  return shape.length >= 2 && shape.slice(2).every((size) => size === 1);
}

async function matrixOf(tensor: TensorInfo): Promise<Matrix> {
  assertFits(isMatrix(tensor));
  const [rows, columns] = tensor.shape;
  return { rows: rows!, columns: columns!, data: await readFloats(tensor) };
}

async function numbers(slots: Slots, slot: Slot, used: Set<Slot>, count?: number): Promise<Float32Array> {
  used.add(slot);
  const values = await readFloats(slots.get(slot)!);
  assertFits(count === undefined ? values.length > 0 : values.length === count);
  return values;
}

function assertFits(condition: boolean): void {
  if (!condition) throw new UnfitModule("shapes do not fit");
}
