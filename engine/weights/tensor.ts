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

/** Where a tensor lies on disk. Row-major, little-endian. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Real path of the file that holds the bytes. */
  readonly path: string;
  /** First byte, from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
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
  return {
    ...tensor,
    name,
    shape: [count, ...tensor.shape.slice(1)],
    offset: tensor.offset + start * bytesPerRow,
    byteLength: count * bytesPerRow,
  };
}

/** The same bytes under another shape (a 1x1 convolution's weight read as a matrix). */
export function reshaped(tensor: TensorInfo, shape: readonly number[], name = tensor.name): TensorInfo {
  if (elementCount(shape) !== elementCount(tensor.shape)) {
    throw new RangeError(`${tensor.name} [${tensor.shape.join(", ")}] cannot be read as [${shape.join(", ")}]`);
  }
  return { ...tensor, name, shape };
}
