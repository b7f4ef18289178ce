/** Element types of the safetensors format that Heddle reads. */
export const dtypes = [
  "F64",
  "F32",
  "F16",
  "BF16",
  "F8_E4M3",
  "F8_E5M2",
  "I64",
  "I32",
  "I16",
  "I8",
  "U8",
  "BOOL",
] as const;
export type DType = (typeof dtypes)[number];

export const bytesPerElement: Record<DType, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Block-quantised types of GGUF files that Heddle reads; {@link isQuantised} tells them from plain ones. */
export const quantisedTypes = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"] as const;
export type QuantisedType = (typeof quantisedTypes)[number];

/** True for a tensor whose bytes have to be decoded by `readFloats` before anything can use them. */
export function isQuantised(dtype: DType | QuantisedType): dtype is QuantisedType {
  return quantisedTypes.some((known) => known === dtype);
}

/** Where a tensor lies on disk. Row-major, little-endian. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType | QuantisedType;
  readonly shape: readonly number[];
  /** Real path of the file that holds the bytes. */
  readonly path: string;
  /** First byte, from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
  /**
   * What the stored values are multiplied by (scaled FP8): a float tensor of the same file with one value, or with one
   * value per row of this tensor ([rows] or [rows, 1]). `readFloats` applies it; a graph multiplies after its cast.
   */
  readonly scale?: TensorInfo;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Rows `[start, start + count)` of a tensor's first dimension as a tensor of its own: the same bytes, nothing copied.
 * This is how the q, k and v parts of a fused weight are read.
 */
export function sliceRows(tensor: TensorInfo, start: number, count: number, name = tensor.name): TensorInfo {
  const rows = tensor.shape[0];
  if (rows === undefined || start < 0 || count < 0 || start + count > rows) {
    throw new RangeError(`rows ${start}..${start + count} of ${tensor.name} [${tensor.shape.join(", ")}]`);
  }
  const bytesPerRow = rows === 0 ? 0 : tensor.byteLength / rows;
  const { scale } = tensor;
  return {
    ...tensor,
    ...(scale !== undefined && isPerRow(scale) && { scale: sliceRows(scale, start, count) }),
    name,
    shape: [count, ...tensor.shape.slice(1)],
    offset: tensor.offset + start * bytesPerRow,
    byteLength: count * bytesPerRow,
  };
}

/** Whether a {@link TensorInfo.scale} has one value per row rather than one for the whole tensor. */
export function isPerRow(scale: TensorInfo): boolean {
  return elementCount(scale.shape) > 1;
}

/** The same bytes under another shape (a 1x1 convolution's weight read as a matrix). */
export function reshaped(tensor: TensorInfo, shape: readonly number[], name = tensor.name): TensorInfo {
  if (elementCount(shape) !== elementCount(tensor.shape)) {
    throw new RangeError(`${tensor.name} [${tensor.shape.join(", ")}] cannot be read as [${shape.join(", ")}]`);
  }
  return { ...tensor, name, shape };
}
