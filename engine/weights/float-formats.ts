/** Conversions from the storage formats of checkpoints to float32; all of them are exact. */

/** IEEE half precision. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** OCP FP8 E4M3 ("fn"): bias 7, no infinities, NaN = 0x7f and 0xff. */
export function float8E4M3ToFloat(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const fraction = bits & 0x7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -9;
  return sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** OCP FP8 E5M2: bias 15, infinities and NaN as IEEE. */
export function float8E5M2ToFloat(bits: number): number {
  return halfToFloat(bits << 8);
}

const halfTable = new Float32Array(65536);
for (let i = 0; i < halfTable.length; i++) halfTable[i] = halfToFloat(i);

export function halfsToFloats(halfs: Uint16Array): Float32Array {
  const floats = new Float32Array(halfs.length);
  for (let i = 0; i < halfs.length; i++) floats[i] = halfTable[halfs[i]!]!;
  return floats;
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16sToFloats(values: Uint16Array): Float32Array {
  const floats = new Float32Array(values.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < values.length; i++) bits[i] = values[i]! << 16;
  return floats;
}
