import { float8E4M3ToFloat, halfToFloat } from "../engine/weights/float-formats.ts";

/** Formats that files keep weights in; rounding to F32 and BF16 leaves the starter's weights as they are. */
export const storageFormats = ["BF16", "F16", "F8_E4M3 scaled", "Q8_0", "Q4_0"] as const;

/** Values of one matrix as they are after being stored in `format` and read again. */
export function roundAs(format: (typeof storageFormats)[number], values: Float32Array): Float32Array {
  switch (format) {
    case "BF16":
      return toBfloat16(values);
    case "F16":
      return values.map((value) => nearest(halfValues, value));
    case "F8_E4M3 scaled": {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const scale = largest === 0 ? 1 : largest / float8Values.at(-1)!;
      return values.map((value) => nearest(float8Values, value / scale) * scale);
    }
    case "Q8_0":
      return inBlocks(values, (largest) => [Math.abs(largest) / 127, -127, 127]);
    case "Q4_0":
      return inBlocks(values, (largest) => [largest / -8, -8, 7]);
  }
}

/** All non-negative finite values of a format, ascending. */
const halfValues = Float32Array.from({ length: 0x7c00 }, (_, bits) => halfToFloat(bits));
const float8Values = Float32Array.from({ length: 0x7f }, (_, bits) => float8E4M3ToFloat(bits));

function nearest(sorted: Float32Array, value: number): number {
  const magnitude = Math.abs(value);
  let low = 0;
  let high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= magnitude) low = middle;
    else high = middle;
  }
  const best = magnitude - sorted[low]! <= sorted[high]! - magnitude ? sorted[low]! : sorted[high]!;
  return Math.sign(value) * best;
}

function toBfloat16(values: Float32Array): Float32Array {
  const rounded = values.slice();
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bits[i]! + 0x7fff + ((bits[i]! >>> 16) & 1)) >>> 16) << 16;
  return rounded;
}

/** Blocks of 32 with a half-precision scale, as GGUF has them; `rule` gives scale, least and largest integer. */
function inBlocks(values: Float32Array, rule: (extreme: number) => [number, number, number]): Float32Array {
  const rounded = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += 32) {
    const block = values.subarray(start, start + 32);
    const extreme = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const [exact, least, largest] = rule(extreme);
    const scale = nearest(halfValues, exact);
    for (const [i, value] of block.entries()) {
      const integer = scale === 0 ? 0 : Math.min(Math.max(Math.round(value / exact), least), largest);
      rounded[start + i] = integer * scale;
    }
  }
  return rounded;
}
