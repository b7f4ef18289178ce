import { describe, expect, it } from "vitest";
import { parseWorkflow } from "../../graph/parse.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import template from "../../resources/templates/text-to-image.json" with { type: "json" };
import { lackOf, questionFor } from "./smaller-plan.ts";

describe("lackOf", () => {
  const error = { message: "", help: "" };
  it("tells memory and disk apart from all else", () => {
    expect(lackOf({ ...error, code: "out-of-memory" })).toBe("memory");
    expect(lackOf({ ...error, code: "engine-stopped", details: { cause: "out-of-memory" } })).toBe("memory");
    expect(lackOf({ ...error, code: "engine-stopped", details: { cause: "crash" } })).toBeUndefined();
    expect(lackOf({ ...error, code: "disk-full", details: { neededBytes: 1 } })).toBe("disk");
    expect(lackOf({ ...error, code: "disk-full", details: { sizeBytes: 1 } })).toBeUndefined();
    expect(lackOf({ ...error, code: "runtime-failed" })).toBeUndefined();
  });
});

describe("questionFor", () => {
  const { document } = parseWorkflow(template);
  const idOf = (type: string) => document.nodes.find((node) => node.type === type)?.id ?? "";
  const ask = (type: string, graph: { nodes: typeof document.nodes; links: typeof document.links } = document) =>
    questionFor({ graph, document }, idOf(type), findDefinition);
  const models = [{ kind: "checkpoint", name: "starter/turbo" }];

  it("asks for the models behind the node, and for the parts that it takes, the largest first", () => {
    expect(ask("sampler")).toEqual({ models, parts: expect.arrayContaining(["transformer"]) });
    expect(ask("sampler").parts[0]).toBe("transformer");
    expect(ask("prompt")).toEqual({ models, parts: ["textEncoder"] });
    expect(ask("vae-decode").parts).toEqual(["vae"]);
  });

  it("asks for all models where the node has none behind it, as inside of a subgraph", () => {
    const nodes = document.nodes.filter(({ type }) => type === "sampler");
    expect(ask("sampler", { nodes, links: [] }).models).toEqual(models);
    expect(ask("save-image", { nodes, links: [] }).parts).toEqual(["transformer", "textEncoder", "vae"]);
  });
});
