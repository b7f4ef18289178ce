import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GraphBuilder } from "../engine/onnx/graph-builder.ts";
import { colourBlobDetector } from "../test/support/colour-blob-detector.ts";

/**
 * Puts models into a models folder in place of those that people bring themselves, so that a template which needs one can be
 * drawn. They are a few operators each and know nothing; what they show is where such a model's work goes.
 */
export async function writeStandInModels(folder: string): Promise<void> {
  const files: Record<string, Uint8Array | string> = {
    "detectors/face_yolov8n.onnx": colourBlobDetector(),
    "classifiers/safety.onnx": unsafeAlways(),
    "classifiers/safety.json": JSON.stringify({ labels: ["safe", "unsafe"], unsafe: { unsafe: 0.5 } }),
    "preprocessors/depth.onnx": lowerIsNearer(),
    "upscale_models/RealESRGAN_x2.onnx": enlargeTwice(),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Says of every picture that it is unsafe, so that it is seen what happens then. */
function unsafeAlways(): Uint8Array {
  const graph = new GraphBuilder("unsafe");
  const pixels = graph.input("pixels", "float32", [1, 3, 32, 32]);
  const mean = graph.op("ReduceMean", [pixels, graph.ints([2, 3])], { keepdims: 0 });
  const nothing = graph.op("MatMul", [mean, graph.floats([0, 0, 0, 0, 0, 0], [3, 2])]);
  graph.output("logits", graph.op("Add", [nothing, graph.floats([-5, 5], [1, 2])]), "float32", [1, 2]);
  return graph.build().encode();
}

/** A depth as landscapes have it: what is lower is nearer, and so is what is darker. `[1, 3, h, w]` to `[1, h, w]`. */
function lowerIsNearer(): Uint8Array {
  const graph = new GraphBuilder("depth");
  const pixels = graph.input("pixels", "float32", [1, 3, "h", "w"]);
  const brightness = graph.op("ReduceMean", [pixels, graph.ints([1])], { keepdims: 0 });
  const one = graph.op("Add", [graph.op("Mul", [brightness, graph.scalar(0)]), graph.scalar(1)]);
  const rows = graph.op("CumSum", [one, graph.ints([1])]);
  const height = graph.op("Div", [rows, graph.op("ReduceMax", [rows], { keepdims: 0 })]);
  const dark = graph.op("Sub", [one, brightness]);
  const depth = graph.op("Add", [
    graph.op("Mul", [height, graph.scalar(0.5)]),
    graph.op("Mul", [graph.op("Mul", [dark, dark]), graph.scalar(0.5)]),
  ]);
  graph.output("depth", depth, "float32", [1, "h", "w"]);
  return graph.build().encode();
}

/** Twice as large, by cubic interpolation. */
function enlargeTwice(): Uint8Array {
  const graph = new GraphBuilder("enlarge");
  const pixels = graph.input("pixels", "float32", [1, 3, "h", "w"]);
  const large = graph.op("Resize", [pixels, undefined, graph.floats([1, 1, 2, 2], [4])], { mode: "cubic" });
  graph.output("large", large, "float32", [1, 3, "h2", "w2"]);
  return graph.build().encode();
}
