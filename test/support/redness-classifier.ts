import { GraphBuilder } from "../../engine/onnx/graph-builder.ts";

/** A classifier with the labels "cold" and "warm": how much more red than blue there is in the whole picture. */
export function rednessClassifier(): Uint8Array {
  const graph = new GraphBuilder("redness");
  const pixels = graph.input("pixels", "float32", [1, 3, 32, 32]);
  const mean = graph.op("ReduceMean", [pixels, graph.ints([2, 3])], { keepdims: 0 });
  const logits = graph.op("MatMul", [mean, graph.floats([-8, 8, 0, 0, 8, -8], [3, 2])]);
  graph.output("logits", logits, "float32", [1, 2]);
  return graph.build().encode();
}

/** The file beside it. */
export const rednessLabels = JSON.stringify({ labels: ["cold", "warm"], unsafe: { warm: 0.7 } });
