import * as ort from "onnxruntime-node";
import type { Feeds } from "../../runtime/session-pool.ts";
import type { Qwen3Config } from "./config.ts";

/**
 * The rotary inputs of `count` tokens from position `from` on: cosines and sines `[count, headDim / 2]`, and the rows of
 * these. Inverse frequencies and angles in float32, as transformers computes them.
 */
export function rotaryFeeds(
  { headDim, ropeTheta }: Qwen3Config,
  { from, count }: { from: number; count: number },
): Feeds {
  const half = headDim / 2;
  const cos = new Float32Array(count * half);
  const sin = new Float32Array(count * half);
  for (let k = 0; k < half; k++) {
    const frequency = Math.fround(1 / Math.fround(ropeTheta ** Math.fround(k / half)));
    for (let row = 0; row < count; row++) {
      const angle = Math.fround((from + row) * frequency);
      cos[row * half + k] = Math.cos(angle);
      sin[row * half + k] = Math.sin(angle);
    }
  }
  return {
    cos: new ort.Tensor("float32", cos, [count, half]),
    sin: new ort.Tensor("float32", sin, [count, half]),
    positions: new ort.Tensor(
      "int64",
      BigInt64Array.from({ length: count }, (_, i) => BigInt(i)),
      [1, count],
    ),
  };
}
