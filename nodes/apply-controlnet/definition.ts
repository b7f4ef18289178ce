import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "apply-controlnet",
  version: 1,
  title: "Apply ControlNet",
  category: "conditioning",
  description:
    "Lets a picture (edges, depth, a pose, lines) steer the layout of what is drawn, through a ControlNet. Strength says how closely it is followed; start and end say in which part of the steps. Put several in a row to use several at once.",
  aliases: ["ControlNetApplyAdvanced", "ControlNetApply", "ZImageFunControlnet", "Union", "canny", "depth", "pose"],
  inputs: [
    { name: "model", type: "model", label: "Model" },
    { name: "controlNet", type: "controlNet", label: "ControlNet" },
    { name: "image", type: "image", label: "Image", description: "The picture that steers, of any size." },
    { name: "vae", type: "vae", label: "VAE", description: "Encodes the picture." },
  ],
  outputs: [{ name: "model", type: "model", label: "Model" }],
  params: [
    {
      kind: "number",
      name: "strength",
      label: "Strength",
      description: "0 is off; around 0.75 is usual.",
      default: 0.75,
      min: -4,
      max: 4,
      step: 0.01,
      display: "slider",
    },
    {
      kind: "number",
      name: "start",
      label: "Start",
      description: "Share of the steps before which it has no effect.",
      default: 0,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
    },
    {
      kind: "number",
      name: "end",
      label: "End",
      description: "Share of the steps after which it has no effect.",
      default: 1,
      min: 0,
      max: 1,
      step: 0.01,
      display: "slider",
    },
  ],
};
