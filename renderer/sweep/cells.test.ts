import { describe, expect, it } from "vitest";
import type { Sweep, WorkflowDocument } from "../../graph/document.ts";
import { cellsOf, countCells, documentOfCell, randomOf, rangeOf, valueText } from "./cells.ts";

const axis = (param: string, ...values: (string | number)[]) => ({ node: "sampler", param, values });
const sweep = (combine: Sweep["combine"], ...axes: Sweep["axes"]): Sweep => ({ axes, combine });

describe("a matrix of runs", () => {
  it("has every combination, the first axis along the rows", () => {
    const matrix = sweep("all", axis("steps", 4, 8), axis("guidance", 1, 2, 3));
    expect(countCells(matrix)).toBe(6);
    expect(cellsOf(matrix)).toEqual([
      [4, 1],
      [8, 1],
      [4, 2],
      [8, 2],
      [4, 3],
      [8, 3],
    ]);
  });

  it("or goes through the axes side by side, as far as the shortest", () => {
    const pairs = sweep("pairs", axis("steps", 4, 8), axis("solver", "euler", "heun", "dpm"));
    expect(countCells(pairs)).toBe(2);
    expect(cellsOf(pairs)).toEqual([
      [4, "euler"],
      [8, "heun"],
    ]);
    expect(cellsOf(sweep("pairs"))).toEqual([]);
    expect(cellsOf(sweep("all"))).toEqual([]);
  });

  it("puts a cell's values into a copy of the workflow", () => {
    const document: WorkflowDocument = {
      format: "heddle-workflow",
      version: 1,
      title: "",
      links: [],
      nodes: [
        {
          id: "sampler",
          type: "sampler",
          typeVersion: 1,
          position: { x: 0, y: 0 },
          params: { steps: 1 },
          mode: "active",
        },
      ],
    };
    const matrix = sweep("all", axis("steps", 4, 8), axis("guidance", 2));
    expect(documentOfCell(document, matrix.axes, cellsOf(matrix)[1]!).nodes[0]?.params).toEqual({
      steps: 8,
      guidance: 2,
    });
    expect(document.nodes[0]?.params).toEqual({ steps: 1 });
  });
});

describe("values", () => {
  it("of a range have both ends, whole where they must be, none twice", () => {
    expect(rangeOf(1, 2, 5, false)).toEqual([1, 1.25, 1.5, 1.75, 2]);
    expect(rangeOf(4, 20, 5, true)).toEqual([4, 8, 12, 16, 20]);
    expect(rangeOf(1, 3, 9, true)).toEqual([1, 2, 3]);
    expect(rangeOf(7, 9, 1, true)).toEqual([7]);
    expect(rangeOf(0.1, 0.3, 3, false)).toEqual([0.1, 0.2, 0.3]);
  });

  it("at random are different and inside", () => {
    const values = randomOf(1, 6, 6, true);
    expect(values.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(randomOf(1, 2, 9, true)).toHaveLength(2);
    for (const value of randomOf(0, 1, 20, false)) expect(value >= 0 && value <= 1).toBe(true);
  });

  it("are shown short", () => {
    expect(valueText("loras/style/ink.safetensors")).toBe("ink.safetensors");
    expect(valueText(true)).toBe("true");
    expect(valueText("x".repeat(200))).toHaveLength(80);
  });
});
