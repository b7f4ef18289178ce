import { expect, test } from "vitest";
import type { WorkflowLink, WorkflowNode } from "../../graph/document.ts";
import { promptFor, withWords } from "./prompt-target.ts";

const node = (id: string, type: string, text?: string): WorkflowNode => ({
  ...{ id, type, typeVersion: 1, position: { x: 0, y: 0 }, mode: "active" as const },
  params: text === undefined ? {} : { text },
});
const link = (from: string, to: string, port: string): WorkflowLink => ({
  ...{ id: `${from}-${to}-${port}`, from: { node: from, port: "out" }, to: { node: to, port } },
});

test("trigger words go to the positive prompt of the sampler behind the LoRA", () => {
  const graph = {
    nodes: [
      node("other", "prompt", ""),
      node("negative", "prompt", ""),
      node("mix", "conditioning-average"),
      node("positive", "prompt", ""),
      node("lora", "lora-stack"),
      node("sampler", "sampler"),
    ],
    links: [
      link("lora", "sampler", "model"),
      link("negative", "sampler", "negative"),
      link("mix", "sampler", "positive"),
      link("positive", "mix", "first"),
    ],
  };
  expect(promptFor(graph, "lora")).toEqual({ nodeId: "positive", param: "text" });
  expect(promptFor({ ...graph, links: [] }, "lora")).toEqual({ nodeId: "other", param: "text" });
  expect(promptFor({ nodes: [], links: [] }, "lora")).toBeUndefined();
});

test("a prompt whose text comes from another node is written there", () => {
  const graph = {
    nodes: [node("words", "wildcards", "a {red|blue} cat"), node("prompt", "prompt", "")],
    links: [link("words", "prompt", "text")],
  };
  expect(promptFor(graph, "nowhere")).toEqual({ nodeId: "words", param: "text" });
});

test("words are added once", () => {
  expect(withWords("", ["ink style"])).toBe("ink style");
  expect(withWords("a cat, ", ["ink style", "grain"])).toBe("a cat, ink style, grain");
  expect(withWords("a cat, INK style", ["ink style"])).toBe("a cat, INK style");
});
