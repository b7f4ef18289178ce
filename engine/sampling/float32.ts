/**
 * Arithmetic on whole latents. Every result is float32, as it is in the references; a linear combination is summed in
 * double precision and rounded once.
 */

export type Term = readonly [coefficient: number, values: Float32Array];

/** The sum of `coefficient * values` over the terms, which all have the same length. */
export function combine(...terms: readonly Term[]): Float32Array {
  const [[firstCoefficient, first], ...others] = terms as [Term, ...Term[]];
  const sum = Float64Array.from(first);
  if (firstCoefficient !== 1) for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! * firstCoefficient;
  for (const [coefficient, values] of others) {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + coefficient * values[i]!;
  }
  return Float32Array.from(sum);
}

/** `x + factor * y`, rounded to float32 after the product and after the sum, as torch does it. */
export function addScaled(x: Float32Array, factor: number, y: Float32Array): Float32Array {
  const factor32 = Math.fround(factor);
  return x.map((value, i) => value + Math.fround(factor32 * y[i]!));
}

/** `count` values evenly spaced from `start` to `end`, both included; float32, counted from the nearer end as torch does. */
export function linspace32(start: number, end: number, count: number): Float32Array {
  const values = new Float32Array(count);
  if (count === 1) values[0] = start;
  const step = Math.fround((Math.fround(end) - Math.fround(start)) / (count - 1));
  for (let i = 0; count > 1 && i < count; i++) {
    values[i] = i < count / 2 ? start + step * i : end - step * (count - 1 - i);
  }
  return values;
}

/** As {@link linspace32} in double precision, the way numpy computes it. */
export function linspace64(start: number, end: number, count: number): Float64Array {
  const values = new Float64Array(count);
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  for (let i = 0; i < count; i++) values[i] = start + step * i;
  if (count > 1) values[count - 1] = end;
  return values;
}
