import type { RgbImage } from "../../engine/types.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { embeddedEntries } from "../../graph/embedding/embedded.ts";
import type { NodeRunner, ParamValues, RunContext } from "../../graph/execution/runner.ts";
import { parseWorkflow } from "../../graph/parse.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput, textParam } from "../values.ts";
import { encodePicture, formatFacts, type PictureFormat } from "./encode.ts";
import { expandFileName } from "./file-name.ts";
import { type Generation, generationBehind, generationOf, parametersText } from "./generation.ts";

export const runner: NodeRunner<NodeServices> = {
  async isEffectCurrent({ output }, images) {
    const present = await Promise.all(images.map(({ path }) => path !== undefined && output.has(path)));
    return present.every(Boolean);
  },

  async run(context, inputs, params) {
    const { document } = parseWorkflow(context.workflow);
    const behind = generationBehind(document, context.nodeId);
    for (const picture of requiredInput(inputs, "image", "image").items) {
      const generation = generationOf(picture.drawing, behind);
      await context.timed("saveMs", () => savePicture(context, picture, params, document, generation));
    }
    return {};
  },
};

async function savePicture(
  { services: { output, images: store, now }, images, warn }: RunContext<NodeServices>,
  picture: RgbImage,
  params: ParamValues,
  document: WorkflowDocument,
  generation: Generation,
): Promise<void> {
  const { width, height, seed, hasNsfwConcepts } = picture;
  const format = textParam(params, "format") as PictureFormat;
  const { extension, mimeType } = formatFacts[format];
  const entries = booleanParam(params, "metadata")
    ? embeddedEntries(document, parametersText(generation, { width, height, ...(seed === undefined ? {} : { seed }) }))
    : {};
  const { bytes, entriesFit } = await encodePicture(picture, format, numberParam(params, "quality"), entries);
  if (!entriesFit) {
    warn({
      code: "workflow-not-embedded",
      message: "The workflow is too large to fit into a JPEG file; the picture was saved without it.",
      help: "Save as PNG or WebP to keep the workflow inside the picture.",
      field: "format",
    });
  }
  const name = expandFileName(textParam(params, "name"), {
    now: now(),
    prompt: generation.prompt,
    seed: seed ?? "",
    width,
    height,
  });
  const path = await output.write(name, extension, bytes);
  try {
    images([await store.register(path, bytes, { width, height, mimeType, seed, hasNsfwConcepts })]);
  } catch (error) {
    // Failing here would have it saved once more by the next run.
    const reason = error instanceof Error ? error.message : String(error);
    warn({
      code: "picture-not-shown",
      message: `The picture was saved as ${path}, but cannot be shown here: ${reason}.`,
      help: "Make room on the disk of Heddle’s own folder. The gallery shows the picture then.",
      details: { path, reason },
    });
  }
}
