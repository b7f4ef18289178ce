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
