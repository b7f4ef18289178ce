/**
 * A throw-away process that tries one device: a product in float32 and, where that works, one in half precision, both
 * checked. Without a device it tells which ones the runtime knows, and what the processor's integers are like. A driver may
 * end this process; `try-device.ts` says so.
 */
import * as ort from "onnxruntime-node";
import { GraphBuilder, type Value } from "../onnx/graph-builder.ts";
import { elementTypes } from "../onnx/proto.ts";
import { probeIntegerKernels } from "../precision/integer-kernels.ts";
import type { RuntimeFacts, TrialResult } from "./try-device.ts";

const SIZE = 64;
const ROUNDS = 3;

const [device] = process.argv.slice(2);
const result = device === undefined ? await runtimeFacts() : await trial(device);
process.stdout.write(`${JSON.stringify(result)}\n`);

async function runtimeFacts(): Promise<RuntimeFacts> {
  const devices = ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
  return { devices, integerProducts: await probeIntegerKernels() };
}

async function trial(name: string): Promise<TrialResult> {
  try {
    const milliseconds = await product(name, false);
    const halfPrecision = await product(name, true).then(
      () => true,
      () => false,
    );
    return { works: true, milliseconds, halfPrecision };
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

/** Milliseconds of a product, all of whose nodes are on the device. */
async function product(name: string, isHalf: boolean): Promise<number> {
  const graph = new GraphBuilder("device trial");
  const a = graph.input("a", "float32", [SIZE, SIZE]);
  const b = graph.floats(new Float32Array(SIZE * SIZE).fill(0.5), [SIZE, SIZE]);
  const cast = (value: Value, to: number) => (isHalf ? graph.op("Cast", [value], { to }) : value);
  const matrix = graph.op("MatMul", [cast(a, elementTypes.float16), cast(b, elementTypes.float16)]);
  graph.output("product", cast(matrix, elementTypes.float32), "float32", [SIZE, SIZE]);
  const session = await ort.InferenceSession.create(graph.build().encode(), {
    executionProviders: [name],
    logSeverityLevel: 4,
    extra: { session: name === "cpu" ? {} : { disable_cpu_ep_fallback: "1" } },
  });
  try {
    const feeds = { a: new ort.Tensor("float32", new Float32Array(SIZE * SIZE).fill(2), [SIZE, SIZE]) };
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < ROUNDS; i++) {
      const started = performance.now();
      const values = (await session.run(feeds)).product!.data as Float32Array;
      best = Math.min(best, performance.now() - started);
      if (values.some((value) => Math.abs(value - SIZE) > 0.1)) throw new Error("its product is wrong");
    }
    return best;
  } finally {
    // A process that ends with a live session on a graphics processor crashes.
    await session.release();
  }
}
