/**
 * A throw-away process that tries one device: a product in float32 and, where that works, one in half precision, both
 * checked, and a longer chain of them for its speed. Without a device it tells which ones the runtime knows, and what the
 * processor's integers are like; its log then says what hardware there is. A driver may end this process; `try-device.ts`
 * says so.
 */
import * as ort from "onnxruntime-node";
import { GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { elementTypes } from "../onnx/proto.ts";
import { probeIntegerKernels } from "../precision/integer-kernels.ts";
import type { RuntimeFacts, TrialResult } from "./try-device.ts";

/** Sides and number of the products: short ones say that it works, the chain how fast it is. */
const SMALL = { rows: 64, width: 64, products: 1 };
const SHORT = { rows: 128, width: 512, products: 1 };
const CHAIN = { rows: 512, width: 1024, products: 4 };
/** Heads as wide as those of Z-Image: kernels differ by that. */
const ATTENTION = { heads: 2, headDim: 128, tokens: 96 };
/** Of values up to 2. */
const ATTENTION_TOLERANCE = 0.01;
const ROUNDS = 3;
/** A device that takes this long for the short product is too slow for the chain: its time is reckoned. */
const SLOW_MS = 60;
/** What goes into the products; half precision may be off by this after all of them. */
const VALUE = 2;
const TOLERANCE = 0.05;

const [device] = process.argv.slice(2);
const result = device === undefined ? await runtimeFacts() : await trial(device);
process.stdout.write(`${JSON.stringify(result)}\n`);

async function runtimeFacts(): Promise<RuntimeFacts> {
  // Has to be said before the first session; what the runtime finds is told in the log and nowhere else.
  ort.env.logLevel = "verbose";
  const devices = ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return { devices, integerProducts: await probeIntegerKernels() };
}

async function trial(name: string): Promise<TrialResult> {
  try {
    const milliseconds = await time(name, SMALL, false);
    if (!(await attentionIsRight(name))) throw new Error("its attention is wrong");
    const halfPrecision = await time(name, SMALL, true).then(
      () => true,
      () => false,
    );
    const inFloat = await timeOfChain(name, false);
    const inHalf = halfPrecision && name !== "cpu" ? await timeOfChain(name, true) : inFloat;
    return { works: true, milliseconds, halfPrecision, chainMilliseconds: Math.min(inFloat, inHalf) };
  } catch (error) {
    return { works: false, reason: sentenceOf(error) };
  }
}

/** The runtime's messages begin with the place in its source code. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^.* was false\. /s, "")
    .replace(/^OrtSessionOptionsAppend\w+: /, "")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * Attention has a kernel of its own on graphics processors, which depends on how they work together in groups: with some
 * drivers it computes something else, while products are right.
 */
async function attentionIsRight(name: string): Promise<boolean> {
  const { heads, headDim, tokens } = ATTENTION;
  const width = heads * headDim;
  const graph = new GraphBuilder("attention trial");
  const names = ["q", "k", "v"] as const;
  const inputs = names.map((input) => graph.input(input, "float32", [1, "tokens", width]));
  const rows = graph.contrib("MultiHeadAttention", inputs, { num_heads: heads });
  graph.output("rows", rows, "float32", [1, "tokens", width]);
  const session = await ort.InferenceSession.create(graph.build().encode(), {
    executionProviders: [name],
    logSeverityLevel: 4,
  });
  try {
    const values = names.map((_, at) => noise(tokens * width, 7 + at));
    const feeds = Object.fromEntries(
      names.map((input, at) => [input, new ort.Tensor("float32", values[at]!, [1, tokens, width])]),
    );
    const actual = (await session.run(feeds)).rows!.data as Float32Array;
    return attended(values).every((value, i) => Math.abs(actual[i]! - value) < ATTENTION_TOLERANCE);
  } finally {
    await session.release();
  }
}

/** Between -2 and 2, the same each time: large enough that each row attends to few others, where a wrong one shows. */
function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 4;
  });
}

/** softmax(q kT / sqrt(headDim)) v of each head, in float64. */
function attended([q, k, v]: readonly Float32Array[]): number[] {
  const { heads, headDim, tokens } = ATTENTION;
  const width = heads * headDim;
  const rows = new Array<number>(tokens * width).fill(0);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < tokens; i++) {
      const at = (token: number, c: number) => token * width + head * headDim + c;
      const weights = Array.from({ length: tokens }, (_, j) => {
        let sum = 0;
        for (let c = 0; c < headDim; c++) sum += q![at(i, c)]! * k![at(j, c)]!;
        return Math.exp(sum / Math.sqrt(headDim));
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [j, weight] of weights.entries()) {
        for (let c = 0; c < headDim; c++) rows[at(i, c)]! += (weight / total) * v![at(j, c)]!;
      }
    }
  }
  return rows;
}

async function timeOfChain(name: string, isHalf: boolean): Promise<number> {
  const short = await time(name, SHORT, isHalf);
  return short < SLOW_MS ? time(name, CHAIN, isHalf) : (short * work(CHAIN)) / work(SHORT);
}

function work({ rows, width, products }: Chain): number {
  return rows * width ** 2 * products;
}

interface Chain {
  readonly rows: number;
  readonly width: number;
  readonly products: number;
}

/** Milliseconds of products one after the other, all of whose nodes are on the device; their result is checked. */
async function time(name: string, { rows, width, products }: Chain, isHalf: boolean): Promise<number> {
  const graph = new GraphBuilder("device trial");
  const cast = (value: Value, to: number) => (isHalf ? graph.op("Cast", [value], { to }) : value);
  const a = graph.input("a", "float32", [rows, width]);
  // Each product gives back what went in: sums of `width` values, each divided by it.
  const b = cast(graph.floats(new Float32Array(width * width).fill(1 / width), [width, width]), elementTypes.float16);
  let x = cast(a, elementTypes.float16);
  for (let i = 0; i < products; i++) x = graph.op("MatMul", [x, b]);
  graph.output("product", cast(x, elementTypes.float32), "float32", [rows, width]);
  const session = await ort.InferenceSession.create(graph.build().encode(), {
    executionProviders: [name],
    logSeverityLevel: 4,
    extra: { session: name === "cpu" ? {} : { disable_cpu_ep_fallback: "1" } },
  });
  try {
    const feeds = { a: new ort.Tensor("float32", new Float32Array(rows * width).fill(VALUE), [rows, width]) };
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < ROUNDS; i++) {
      const started = performance.now();
      const values = (await session.run(feeds)).product!.data as Float32Array;
      best = Math.min(best, performance.now() - started);
      if (values.some((value) => !(Math.abs(value - VALUE) < TOLERANCE))) throw new Error("its product is wrong");
    }
    return best;
  } finally {
    // A process that ends with a live session on a graphics processor crashes.
    await session.release();
  }
}
