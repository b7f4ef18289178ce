import * as ort from "onnxruntime-node";
import { GraphBuilder } from "../onnx/graph-builder.ts";

type Feeds = Record<string, ort.Tensor>;

/**
 * Brings values into the memory of a graphics processor, where sessions take them as inputs without another copy. The
 * binding (onnxruntime-node 1.30) has no call for that, but the output of a session can stay there: this one's output is its
 * input. It must outlive what it has brought.
 */
export class Uploader {
  #session: Promise<ort.InferenceSession> | undefined;

  /** Matrices of float32 lie on the device afterwards, all else stays what it was; whoever asks disposes of them. */
  async upload(feeds: Feeds): Promise<Feeds> {
    this.#session ??= createSession();
    const session = await this.#session;
    const uploaded: Feeds = {};
    for (const [name, tensor] of Object.entries(feeds)) {
      const isMatrix = tensor.type === "float32" && tensor.dims.length === 2 && tensor.size > 0;
      uploaded[name] = isMatrix ? (await session.run({ given: tensor })).kept! : tensor;
    }
    return uploaded;
  }

  async release(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    await session?.release();
  }
}

function createSession(): Promise<ort.InferenceSession> {
  const shape = ["rows", "columns"];
  const graph = new GraphBuilder("upload");
  graph.output("kept", graph.input("given", "float32", shape), "float32", shape);
  return ort.InferenceSession.create(graph.build().encode(), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
    logSeverityLevel: 3,
    extra: { session: { disable_cpu_ep_fallback: "1" } },
  });
}

/** Lets go of what lies on the device. */
export function disposeUploaded(feeds: Feeds): void {
  for (const tensor of Object.values(feeds)) if (tensor.location === "gpu-buffer") tensor.dispose();
}
