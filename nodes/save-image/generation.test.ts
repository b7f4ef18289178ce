import { expect, test } from "vitest";
import { workflow } from "../../graph/testing/workflows.ts";
import { generationBehind } from "./generation.ts";

test.each([
  ["load-model", "checkpoint"],
  ["load-diffusion-model", "diffusionModel"],
])("%s says which model it was, through what changes the model", (type, param) => {
  const document = workflow(
    {
      model: [type, { params: { [param]: "z.safetensors" } }],
      shift: "model-sampling",
      sampler: ["sampler", { params: { steps: 9 } }],
      decode: "vae-decode",
      save: "save-image",
    },
    [
      "model.model > shift.model",
      "shift.model > sampler.model",
      "sampler.latent > decode.latent",
      "decode.image > save.image",
    ],
  );
  expect(generationBehind(document, "save")).toMatchObject({ checkpoint: "z.safetensors", sampler: { steps: 9 } });
});
