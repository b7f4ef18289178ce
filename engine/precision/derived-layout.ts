import type { LinearModule } from "../models/linear-module.ts";
import { type DType, elementCount, isQuantised, type TensorInfo } from "../weights/tensor.ts";
import type { WeightSet } from "../weights/weight-set.ts";
import { type LinearForm, linearForm, type PrecisionPlan } from "./plan.ts";

/** What a component's graphs take from its weights. */
export interface GraphNeeds {
  /** Names of all tensors in the graphs. */
  readonly tensors: readonly string[];
  readonly modules: readonly LinearModule[];
}

/** Names of a layer's tensors in a file of derived weights. */
export const derivedNames = {
  rotated: (path: string) => ({ weight: `${path}.rotated`, scales: `${path}.rotated_scales` }),
  split: (path: string) => ({ high: `${path}.high`, low: `${path}.low`, scales: `${path}.split_scales` }),
  blocks: (path: string) => ({ weight: `${path}.blocks`, scales: `${path}.block_scales` }),
};

/** Bytes of the derived file: `offset` counts from the end of the header. */
export interface DerivedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

/** One tensor of the source and what it becomes; the outputs of an integer form are in the order of its names. */
export interface DerivationStep {
  readonly source: TensorInfo;
  /** The layer whose weight this is, where something is added to it first. */
  readonly changed?: string;
  readonly form: Exclude<LinearForm, { kind: "half" }>;
  readonly outputs: readonly DerivedTensor[];
}

export interface DerivedLayout {
  readonly header: Uint8Array;
  readonly steps: readonly DerivationStep[];
  readonly totalBytes: number;
}

type Draft = Omit<DerivedTensor, "offset" | "byteLength"> & { byteLength: number };

/** Where everything goes in the file of derived weights; every tensor starts at a multiple of this, as kernels like it. */
const ALIGNMENT = 64;

/**
 * A safetensors file that holds everything the graphs of a component need under `plan`: quantised layers in their integer
 * forms, the rest as stored (decoded to float32 where safetensors has no such type).
 *
 * @param changed paths of layers whose weights something is added to first
 */
export function layoutDerivedWeights(
  source: WeightSet,
  needs: GraphNeeds,
  plan: PrecisionPlan,
  metadata: Readonly<Record<string, string>>,
  changed: ReadonlySet<string> = new Set(),
): DerivedLayout {
  const moduleOf = new Map(needs.modules.map((module) => [`${module.path}.weight`, module]));
  let at = 0;
  const place = (draft: Draft): DerivedTensor => {
    const placed = { ...draft, offset: at };
    at = Math.ceil((at + draft.byteLength) / ALIGNMENT) * ALIGNMENT;
    return placed;
  };
  const steps = needs.tensors.map((name): DerivationStep => {
    const tensor = source.tensors.get(name)!;
    const module = moduleOf.get(name);
    const form = module === undefined ? undefined : linearForm(plan, module.path, module.inFeatures);
    const isChanged = module !== undefined && changed.has(module.path);
    const step = { source: tensor, ...(isChanged && { changed: module.path }) };
    if (module === undefined || form === undefined || form.kind === "float" || form.kind === "half") {
      const draft = isChanged ? floats(name, tensor.shape) : copied(name, tensor);
      return { ...step, form: { kind: "float" }, outputs: [place(draft)] };
    }
    return { ...step, form, outputs: integerTensors(module, form).map(place) };
  });
  return { header: encodeHeader(steps, metadata), steps, totalBytes: at };
}

/** Whether a tensor's bytes can go into a safetensors file as they are. */
export const isCopiedAsStored = ({ dtype, scale }: TensorInfo): boolean => scale === undefined && !isQuantised(dtype);

function copied(name: string, tensor: TensorInfo): Draft {
  const { dtype, shape, byteLength } = tensor;
  if (isCopiedAsStored(tensor)) return { name, dtype: dtype as DType, shape, byteLength };
  return floats(name, shape);
}

function integerTensors(
  { path, inFeatures, outFeatures }: LinearModule,
  form: Exclude<DerivationStep["form"], { kind: "float" }>,
): Draft[] {
  const matrix = (name: string): Draft => ({
    name,
    dtype: "I8",
    shape: [inFeatures, outFeatures],
    byteLength: inFeatures * outFeatures,
  });
  if (form.kind === "rotated") {
    const { weight, scales } = derivedNames.rotated(path);
    return [matrix(weight), floats(scales, [outFeatures])];
  }
  if (form.kind === "split") {
    const { high, low, scales } = derivedNames.split(path);
    return [matrix(high), matrix(low), floats(scales, [outFeatures])];
  }
  const { weight, scales } = derivedNames.blocks(path);
  const blocks = Math.ceil(inFeatures / form.blockSize);
  const shape = [outFeatures, blocks, (form.blockSize * form.bits) / 8];
  return [
    { name: weight, dtype: "U8", shape, byteLength: elementCount(shape) },
    floats(scales, [outFeatures * blocks]),
  ];
}

function floats(name: string, shape: readonly number[]): Draft {
  return { name, dtype: "F32", shape, byteLength: 4 * elementCount(shape) };
}

function encodeHeader(steps: readonly DerivationStep[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries = steps.flatMap(({ outputs }) =>
    outputs.map(({ name, dtype, shape, offset, byteLength }) => [
      name,
      { dtype, shape, data_offsets: [offset, offset + byteLength] },
    ]),
  );
  const json = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Math.ceil((json.length + 8) / ALIGNMENT) * ALIGNMENT - 8;
  const header = Buffer.alloc(8 + length, " ");
  header.writeBigUInt64LE(BigInt(length));
  json.copy(header, 8);
  return header;
}
