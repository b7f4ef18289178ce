import { expect, test } from "vitest";
import { validateWorkflow } from "../../../graph/validate.ts";
import { findDefinition } from "../../../nodes/definitions.ts";
import { type PictureOrder, workflowOfOrder } from "./order.ts";

const hash = "a".repeat(64);
const order: PictureOrder = {
  checkpoint: "starter/turbo",
  prompt: "a red circle",
  width: 128,
  height: 256,
  pictures: 2,
  seed: "9007199254740993",
  steps: 8,
  guidance: 1,
  loras: [],
  controls: [],
  format: "png",
  quality: 92,
  fileName: "api/%seed%",
};
const control = { model: "starter/x", picture: hash, weight: 0.75, start: 0, end: 0.8 };

test.each<[string, Partial<PictureOrder>]>([
  ["text to image", {}],
  ["a negative prompt and LoRAs", { negativePrompt: "text", loras: [{ name: "a.safetensors", weight: -1.5 }] }],
  ["image to image", { start: { picture: hash, strength: 0.6 } }],
  ["inpainting", { start: { picture: hash, strength: 1, mask: "b".repeat(64) } }],
  [
    "outpainting",
    { start: { picture: hash, strength: 1, outpaint: { top: 16, right: 0, bottom: 32, left: 0, feather: 8 } } },
  ],
  ["inpainting close up", { start: { picture: hash, strength: 1, mask: "b".repeat(64), maskMargin: 32 } }],
  ["seamless tiling", { tiling: { mode: "both", tileSize: 128, tileStride: 64 } }],
  ["an accelerated run", { acceleration: { preset: "regular" } }],
  ["a prompt that is written out", { expandsPrompt: true }],
  ["faces and a safety check", { faces: { detector: "x" }, safety: { classifier: "y", action: "block" } }],
  ["a hint by a model", { controls: [{ ...control, mode: "prompt", preprocess: { model: "z" } }] }],
  ["ControlNets", { controls: [{ ...control, preprocess: "canny" }, control] }],
])("the workflow of %s is valid", (_what, changes) => {
  const document = workflowOfOrder({ ...order, ...changes });
  expect(validateWorkflow(document, findDefinition)).toEqual([]);
  expect(new Set(document.nodes.map(({ id }) => id)).size).toBe(document.nodes.length);
});
