import * as ort from "onnxruntime-node";
import { expect, it } from "vitest";
import { GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { probeIntegerKernels } from "../precision/integer-kernels.ts";
import { createSession } from "../runtime/session-pool.ts";
import { TorchGenerator } from "../sampling/noise.ts";
import { integerAttention } from "./integer-attention.ts";

const HEADS = 3;
const HEAD_DIM = 32;
const WIDTH = HEADS * HEAD_DIM;
const TOKENS = 40;

type Inputs = Record<"q" | "k" | "v", Float32Array>;

async function attended(form: "integers" | "float", inputs: Inputs): Promise<Float32Array> {
  const graph = new GraphBuilder("attention");
  const input = (name: string) => graph.input(name, "float32", ["tokens", WIDTH]);
  const values = { q: input("q"), k: input("k"), v: input("v") };
  const shaped = (value: Value) => graph.op("Reshape", [value, graph.ints([1, -1, WIDTH])]);
  const out =
    form === "integers"
      ? integerAttention(graph, values, { heads: HEADS, headDim: HEAD_DIM })
      : graph.op("Reshape", [
          graph.contrib("MultiHeadAttention", [shaped(values.q), shaped(values.k), shaped(values.v)], {
            num_heads: HEADS,
          }),
          graph.ints([-1, WIDTH]),
        ]);
  graph.output("out", out, "float32", ["tokens", WIDTH]);
  const session = await createSession(graph.build());
  const feeds = Object.entries(inputs).map(([name, data]) => [name, new ort.Tensor("float32", data, [TOKENS, WIDTH])]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return results.out!.data as Float32Array;
}

const normals = (seed: bigint) => new TorchGenerator(seed).randn(TOKENS * WIDTH);
const norm = (values: Float32Array) => Math.hypot(...values);
const difference = (a: Float32Array, b: Float32Array) => norm(a.map((value, i) => value - b[i]!)) / norm(b);

it("stays near attention in float32, also where heads and channels differ widely in size", async () => {
  const { saturates } = await probeIntegerKernels();
  const inputs = { q: normals(1n), k: normals(2n), v: normals(3n) };
  expect(difference(await attended("integers", inputs), await attended("float", inputs))).toBeLessThan(
    saturates ? 0.1 : 0.02,
  );
  const uneven = {
    q: inputs.q.map((value, i) => value * 4 ** (Math.floor((i % WIDTH) / HEAD_DIM) - 1)),
    k: inputs.k.map((value, i) => value * (1 + (Math.floor(i / WIDTH) % 3))),
    v: inputs.v.map((value, i) => value * 10 ** (i % 4)),
  };
  expect(difference(await attended("integers", uneven), await attended("float", uneven))).toBeLessThan(
    saturates ? 0.2 : 0.04,
  );
});

it("computes blocks over different numbers of tokens in one graph", async () => {
  const graph = new GraphBuilder("two attentions");
  const x = graph.input("x", "float32", ["tokens", WIDTH]);
  const shape = { heads: HEADS, headDim: HEAD_DIM };
  const first = integerAttention(graph, { q: x, k: x, v: x }, shape);
  const more = graph.op("Concat", [first, x], { axis: 0 });
  const second = integerAttention(graph, { q: more, k: more, v: more }, shape);
  graph.output("out", second, "float32", ["twice", WIDTH]);
  const session = await createSession(graph.build());
  const results = await session.run({ x: new ort.Tensor("float32", normals(5n), [TOKENS, WIDTH]) });
  await session.release();
  expect(results.out!.dims).toEqual([2 * TOKENS, WIDTH]);
});

it("takes tokens that are all zeros", async () => {
  const zeros = new Float32Array(TOKENS * WIDTH);
  const v = normals(4n);
  const out = await attended("integers", { q: zeros, k: zeros, v });
  expect(difference(out, await attended("float", { q: zeros, k: zeros, v }))).toBeLessThan(0.03);
  expect(await attended("integers", { q: zeros, k: zeros, v: zeros })).toEqual(zeros);
});
