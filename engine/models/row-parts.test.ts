import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { createSession } from "../runtime/session-pool.ts";
import { inParts, partsOf } from "./row-parts.ts";

const WIDTH = 3;

describe("cutting rows", () => {
  it.each([
    [40, 1],
    [352, 1],
    [384, 2],
    [1056, 4],
    [4128, 16],
    [16_416, 32],
  ])("cuts %i rows into %i parts, which all have the same size", async (rows, expected) => {
    const graph = new GraphBuilder("parts");
    const x = graph.input("x", "float32", ["rows", WIDTH]);
    graph.output("parts", partsOf(graph, x), "int64", [1]);
    const session = await createSession(graph.build());
    const results = await session.run({ x: new ort.Tensor("float32", new Float32Array(rows * WIDTH), [rows, WIDTH]) });
    await session.release();
    const [parts] = results.parts!.data as BigInt64Array;
    expect(parts).toBe(BigInt(expected));
    if (expected > 1) expect(rows % expected).toBe(0);
  });

  it("gives what the whole gives: several outputs, values around it, inputs without a width", async () => {
    const rows = 1056;
    const graph = new GraphBuilder("in parts");
    const x = graph.input("x", "float32", ["rows", WIDTH]);
    const positions = graph.input("positions", "int64", ["rows"]);
    const table = graph.input("table", "float32", ["entries", WIDTH]);
    const [sum, double] = inParts(
      graph,
      partsOf(graph, x),
      [
        { value: x, width: WIDTH },
        { value: positions, type: "int64" },
      ],
      WIDTH,
      (part, at) => [graph.op("Add", [part!, graph.op("Gather", [table, at!])]), graph.op("Add", [part!, part!])],
    );
    graph.output("sum", sum!, "float32", ["rows", WIDTH]);
    graph.output("double", double!, "float32", ["rows", WIDTH]);
    const session = await createSession(graph.build());
    const values = Float32Array.from({ length: rows * WIDTH }, (_, i) => i % 101);
    const entries = Float32Array.from({ length: rows * WIDTH }, (_, i) => 1000 * i);
    const results = await session.run({
      x: new ort.Tensor("float32", values, [rows, WIDTH]),
      positions: new ort.Tensor(
        "int64",
        BigInt64Array.from({ length: rows }, (_, i) => BigInt(rows - 1 - i)),
        [rows],
      ),
      table: new ort.Tensor("float32", entries, [rows, WIDTH]),
    });
    await session.release();
    const expected = values.map((value, i) => {
      const [row, column] = [Math.floor(i / WIDTH), i % WIDTH];
      return value + entries[(rows - 1 - row) * WIDTH + column]!;
    });
    expect(results.sum!.data).toEqual(expected);
    expect(results.double!.data).toEqual(values.map((value) => 2 * value));
  });
});
