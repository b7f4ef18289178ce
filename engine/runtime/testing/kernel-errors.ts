import * as ort from "onnxruntime-node";
import { pseudoRandom } from "../../../test/support/encode-safetensors.ts";
import { relativeError } from "../../../test/support/relative-error.ts";
import { GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import { createSession, type Device, type Feeds } from "../session-pool.ts";

interface Kernel {
  /** Axes of its output. */
  readonly rank: 2 | 3;
  /** What goes into it. */
  readonly feeds: Feeds;
  /** @param isExact float32 between all values, also where the device could round */
  emit(graph: GraphBuilder, inputs: Value[], isExact: boolean): Value;
}

const ROWS = 64;
const random = pseudoRandom(1);
const floats = (...shape: number[]) => {
  const length = shape.reduce((product, size) => product * size, 1);
  return new ort.Tensor("float32", Float32Array.from({ length }, random), shape);
};

/** Of the Flux VAE: one head of 512, which is too large for FlashAttention. */
const wideAttention: Kernel = {
  rank: 3,
  feeds: { q: floats(1, ROWS, 512), k: floats(1, ROWS, 512), v: floats(1, ROWS, 512) },
  emit: (graph, inputs) => graph.contrib("MultiHeadAttention", inputs, { num_heads: 1 }),
};

/** A product of a width for which the runtime has a kernel with 8-bit inputs. */
function product(bits: 4 | 8): Kernel {
  const [inFeatures, outFeatures, blockSize] = [128, 48, 32];
  const blocks = inFeatures / blockSize;
  const shape = [outFeatures, blocks, (blockSize * bits) / 8];
  const bytes = Uint8Array.from({ length: outFeatures * blocks * shape[2]! }, () => (random() + 1) * 128);
  return {
    rank: 2,
    feeds: {
      x: floats(ROWS, inFeatures),
      weight: new ort.Tensor("uint8", bytes, shape),
      scales: floats(outFeatures * blocks),
    },
    emit: (graph, inputs, isExact) =>
      graph.contrib("MatMulNBits", inputs, {
        ...{ K: inFeatures, N: outFeatures, bits, block_size: blockSize, accuracy_level: isExact ? 0 : 4 },
      }),
  };
}

/** Differences between WebGPU and the processor's float32, of kernels that the tiny models do not reach. */
export async function kernelErrors(): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  const kernels = { "wide attention": wideAttention, "wide product int8": product(8), "wide product int4": product(4) };
  for (const [name, kernel] of Object.entries(kernels)) {
    errors[name] = relativeError(await run(kernel, "webgpu"), await run(kernel, "cpu"));
  }
  return errors;
}

/**
 * Keeps the device's compiled kernels for the sessions of this process, which a graphics processor that is done in software
 * takes long to make.
 *
 * @returns lets them go
 */
export async function keepKernels(): Promise<() => Promise<void>> {
  const graph = new GraphBuilder("nothing");
  graph.output("y", graph.op("Neg", [graph.input("x", "float32", [1])]), "float32", [1]);
  const session = await createSession(graph.build(), { device: "webgpu" });
  return () => session.release();
}

async function run({ rank, feeds, emit }: Kernel, device: Device): Promise<Float32Array> {
  const graph = new GraphBuilder("kernel");
  const inputs = Object.entries(feeds).map(([name, { type, dims }]) =>
    graph.input(name, type === "uint8" ? "uint8" : "float32", dims),
  );
  graph.output(
    "y",
    emit(graph, inputs, device === "cpu"),
    "float32",
    rank === 3 ? [1, ROWS, "width"] : [ROWS, "width"],
  );
  const session = await createSession(graph.build(), { device, threads: 1 });
  try {
    return Float32Array.from((await session.run(feeds)).y!.data as Float32Array);
  } finally {
    await session.release();
  }
}
