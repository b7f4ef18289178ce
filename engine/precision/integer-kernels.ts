import * as ort from "onnxruntime-node";
import { GraphBuilder } from "../onnx/graph-builder.ts";

/** What this processor's 8-bit matrix product is like, found by trying it: no list of processors has to be kept. */
export interface IntegerKernels {
  /** Sums of products saturate at 16 bits (x86 without VNNI): exact results need a slower path. */
  readonly saturates: boolean;
  /** How many times faster than the same product in float32. */
  readonly speedup: number;
}

const ROWS = 256;
const INNER = 512;
const COLUMNS = 512;
const ROUNDS = 5;

let probed: Promise<IntegerKernels> | undefined;

/** Tried once per process, in a few hundredths of a second. */
export function probeIntegerKernels(): Promise<IntegerKernels> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<IntegerKernels> {
  const graph = new GraphBuilder("integer kernels");
  const a = graph.input("a", "uint8", ["rows", INNER]);
  const b = graph.input("b", "int8", [INNER, COLUMNS]);
  const product = graph.contrib("MatMulIntegerToFloat", [a, b, graph.scalar(1), graph.scalar(1), graph.byte(128)]);
  graph.output("product", product, "float32", ["rows", COLUMNS]);
  const integer = await session(graph);

  const floatGraph = new GraphBuilder("float kernels");
  const x = floatGraph.input("a", "float32", ["rows", INNER]);
  const y = floatGraph.input("b", "float32", [INNER, COLUMNS]);
  floatGraph.output("product", floatGraph.op("MatMul", [x, y]), "float32", ["rows", COLUMNS]);
  const float = await session(floatGraph);

  const integerFeeds = {
    a: new ort.Tensor("uint8", new Uint8Array(ROWS * INNER).fill(255), [ROWS, INNER]),
    b: new ort.Tensor("int8", new Int8Array(INNER * COLUMNS).fill(127), [INNER, COLUMNS]),
  };
  const floatFeeds = {
    a: new ort.Tensor("float32", new Float32Array(ROWS * INNER).fill(127), [ROWS, INNER]),
    b: new ort.Tensor("float32", new Float32Array(INNER * COLUMNS).fill(127), [INNER, COLUMNS]),
  };
  let integerMs = Number.POSITIVE_INFINITY;
  let floatMs = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    integerMs = Math.min(
      integerMs,
      await timed(async () => {
        largest = ((await integer.run(integerFeeds)).product!.data as Float32Array)[0]!;
      }),
    );
    floatMs = Math.min(floatMs, await timed(() => float.run(floatFeeds)));
  }
  await integer.release();
  await float.release();
  return { saturates: largest !== 127 * 127 * INNER, speedup: floatMs / integerMs };
}

function session(graph: GraphBuilder): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(graph.build().encode(), { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

/** CPU time, which other programs on the machine change little: the choice of a plan must not depend on them. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}
