import { GraphBuilder } from "../../engine/onnx/graph-builder.ts";

/**
 * A model in the form of a YOLO with one class, which finds red: it looks at cells of 16 pixels and says how red each is,
 * with a box of `boxSide` pixels around its middle. Not a face in sight, but all of the way from a picture to boxes.
 *
 * @param side of the square input, a multiple of 16
 */
export function colourBlobDetector(side = 128, boxSide = 48): Uint8Array {
  const cell = 16;
  const cells = side / cell;
  const graph = new GraphBuilder("colour blobs");
  const pixels = graph.input("images", "float32", [1, 3, side, side]);
  const mean = graph.op("AveragePool", [pixels], { kernel_shape: [cell, cell], strides: [cell, cell] });
  const [red, green, blue] = graph.ops("Split", [graph.op("Reshape", [mean, graph.ints([1, 3, cells * cells])])], 3, {
    axis: 1,
    num_outputs: 3,
  });
  const excess = graph.op("Sub", [red, graph.op("Max", [green, blue])]);
  const score = graph.op("Sigmoid", [
    graph.op("Mul", [graph.op("Sub", [excess, graph.scalar(0.5)]), graph.scalar(20)]),
  ]);
  const centre = (index: number) => index * cell + cell / 2;
  const indices = Array.from({ length: cells * cells }, (_, i) => i);
  const boxes = graph.floats(
    [
      ...indices.map((i) => centre(i % cells)),
      ...indices.map((i) => centre(Math.floor(i / cells))),
      ...indices.map(() => boxSide),
      ...indices.map(() => boxSide),
    ],
    [1, 4, cells * cells],
  );
  graph.output("output0", graph.op("Concat", [boxes, score], { axis: 1 }), "float32", [1, 5, cells * cells]);
  return graph.build().encode();
}
