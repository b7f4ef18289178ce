/** Weights `[rows, columns]`, row-major, in the forms of the integer plans. A row is an output of the layer. */

/** Largest magnitude of a symmetric 8-bit integer. */
const MAX_INT8 = 127;
/** The second term of a split resolves this many times more than the first: half a unit of the first fills its range. */
export const SPLIT_RATIO = 2 * MAX_INT8;

/**
 * Multiplies consecutive blocks of `size` values (a power of two) with the orthonormal Hadamard matrix, in place. The
 * matrix is its own inverse and its own transpose.
 */
export function rotate(values: Float32Array, size: number): void {
  const norm = 1 / Math.sqrt(size);
  for (let start = 0; start < values.length; start += size) {
    for (let half = 1; half < size; half *= 2) {
      for (let group = start; group < start + size; group += 2 * half) {
        for (let i = group; i < group + half; i++) {
          const a = values[i]!;
          const b = values[i + half]!;
          values[i] = a + b;
          values[i + half] = a - b;
        }
      }
    }
    for (let i = start; i < start + size; i++) values[i] = values[i]! * norm;
  }
}

/** The orthonormal Hadamard matrix of a power of two: Float32Array `[size, size]`. */
export function hadamard(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  rotate(matrix, size);
  return matrix;
}

/** `values[i] ≈ scales[row] * integers[i]`, magnitudes up to 127. */
export function quantiseRows(values: Float32Array, columns: number): { integers: Int8Array; scales: Float32Array } {
  const integers = new Int8Array(values.length);
  const scales = new Float32Array(values.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const start = row * columns;
    const scale = rowScale(values, start, columns);
    scales[row] = scale;
    for (let i = start; i < start + columns; i++) integers[i] = Math.round(values[i]! / scale);
  }
  return { integers, scales };
}

/** `values[i] ≈ scales[row] * (high[i] + low[i] / SPLIT_RATIO)`. */
export function splitRows(
  values: Float32Array,
  columns: number,
): { high: Int8Array; low: Int8Array; scales: Float32Array } {
  const { integers: high, scales } = quantiseRows(values, columns);
  const low = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const rest = values[i]! / scales[Math.floor(i / columns)]! - high[i]!;
    low[i] = Math.round(rest * SPLIT_RATIO);
  }
  return { high, low, scales };
}

function rowScale(values: Float32Array, start: number, count: number): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest === 0 ? 1 : Math.fround(largest / MAX_INT8);
}

/**
 * Blocks of `blockSize` values along a row as `MatMulNBits` stores them: per row and block `blockSize * bits / 8` bytes,
 * the lower half of a byte first, values offset by 2^(bits - 1); the last block of a row is filled up with zeros.
 *
 * The scale maps the value of largest magnitude to the end of the range that has one more step.
 */
export function quantiseBlocks(
  values: Float32Array,
  columns: number,
  bits: 4 | 8,
  blockSize: number,
): { bytes: Uint8Array; scales: Float32Array } {
  const rows = values.length / columns;
  const blocks = Math.ceil(columns / blockSize);
  const offset = 2 ** (bits - 1);
  const perByte = 8 / bits;
  const bytes = new Uint8Array((rows * blocks * blockSize) / perByte);
  const scales = new Float32Array(rows * blocks);
  for (let block = 0; block < scales.length; block++) {
    const row = Math.floor(block / blocks);
    const first = row * columns + (block % blocks) * blockSize;
    const count = Math.min(blockSize, (row + 1) * columns - first);
    let extreme = 0;
    for (let i = first; i < first + count; i++) {
      if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
    }
    const scale = Math.fround(extreme / -offset);
    scales[block] = scale;
    for (let i = 0; i < blockSize; i++) {
      const exact = i < count && scale !== 0 ? values[first + i]! / scale : 0;
      const integer = Math.min(Math.round(exact) + offset, 2 * offset - 1);
      const at = block * blockSize + i;
      const byte = Math.floor(at / perByte);
      bytes[byte] = bytes[byte]! | (integer << ((at % perByte) * bits));
    }
  }
  return { bytes, scales };
}
