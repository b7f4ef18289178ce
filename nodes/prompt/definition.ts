import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "prompt",
  version: 1,
  title: "Prompt",
  category: "conditioning",
  description:
    "Turns words into conditioning, which steers the Sampler. Write plain sentences: what is to be seen, where, in which light and style. Up to 512 tokens (roughly 350 words) count; the node says so when a longer prompt is cut. Weights like (word:1.3), [word], BREAK and AND have no effect, and the node says so. Use a second Prompt for what to avoid: it works with base models and a guidance above 1.",
  aliases: ["text", "positive", "negative prompt", "conditioning", "CLIPTextEncode", "CLIP Text Encode"],
  inputs: [
    { name: "textEncoder", type: "textEncoder", label: "Text encoder" },
    {
      name: "text",
      type: "text",
      label: "Prompt",
      description: "Takes the place of the prompt that is written here.",
      optional: true,
    },
  ],
  outputs: [{ name: "conditioning", type: "conditioning", label: "Conditioning" }],
  params: [
    {
      kind: "text",
      name: "text",
      label: "Prompt",
      role: "prompt",
      multiline: true,
      placeholder: "What should the picture show?",
      maxLength: 10_000,
      default: "",
    },
  ],
};
