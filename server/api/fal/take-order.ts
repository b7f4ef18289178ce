import type { ImageReference } from "../../../graph/events.ts";
import { sizePresets } from "../../../nodes/image-size/sizes.ts";
import type { ApiContext } from "../context.ts";
import type { ControlPicture, PictureOrder } from "../order/order.ts";
import { randomSeed } from "../seeds.ts";
import { drawableSize, type Size } from "../size.ts";
import { detailOfError, detailOfIssues, type FalDetail, FalInputError } from "./detail.ts";
import type { FalEndpoint, FalInput } from "./inputs.ts";

export interface TakenOrder {
  order: PictureOrder;
  input: FalInput;
  seed: number;
}

/**
 * Turns a request's body into an order: checks it, fetches its pictures, finds its models.
 * @throws FalInputError with an entry for each field that is wrong
 */
export async function takeOrder(
  endpoint: FalEndpoint,
  body: unknown,
  { models, pictures }: Pick<ApiContext, "models" | "pictures">,
): Promise<TakenOrder> {
  const parsed = endpoint.schema.safeParse(body);
  if (!parsed.success) throw new FalInputError(detailOfIssues(parsed.error.issues, body));
  const input = parsed.data;
  const problems: FalDetail[] = [];
  /** What `work` gives; a failure of it is this field's. */
  const attempt = async <T>(loc: (string | number)[], work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(detailOfError(error, loc));
      return undefined;
    }
  };
  const takePicture = async (field: "image_url" | "mask_image_url") => {
    const source = input[field];
    return source === undefined ? undefined : attempt([field], () => pictures.take(source));
  };

  const [picture, mask] = [await takePicture("image_url"), await takePicture("mask_image_url")];
  const loras: { name: string; weight: number }[] = [];
  for (const [index, { path, scale: weight }] of (input.loras ?? []).entries()) {
    const name = await attempt(["loras", index, "path"], () => models.find("lora", path));
    if (name !== undefined) loras.push({ name, weight });
  }
  const control = picture ? await takeControl(picture.hash) : undefined;
  if (mask && !picture)
    problems.push({ loc: ["body", "image_url"], msg: "Field required with a mask", type: "missing" });
  const classifier = input.enable_safety_checker ? await models.classifier() : undefined;
  const { tiling_mode: mode, tile_size: tileSize = 128, tile_stride: tileStride = 64 } = input;
  if (problems.length > 0) throw new FalInputError(problems);

  const seed = input.seed ?? randomSeed();
  const order: PictureOrder = {
    checkpoint: await models.checkpoint(endpoint.family),
    prompt: input.prompt,
    negativePrompt: input.negative_prompt,
    ...sizeOf(input, picture),
    pictures: input.num_images,
    seed,
    steps: input.num_inference_steps,
    guidance: input.guidance_scale ?? 1,
    loras,
    start:
      picture && input.strength !== undefined
        ? { picture: picture.hash, strength: input.strength, ...(mask ? { mask: mask.hash } : {}) }
        : undefined,
    controls: control ? [control] : [],
    acceleration: input.acceleration === "none" ? undefined : { preset: input.acceleration },
    tiling: mode && { mode, tileSize, tileStride: Math.min(tileSize, tileStride) },
    expandsPrompt: input.enable_prompt_expansion,
    safety: classifier === undefined ? undefined : { classifier, action: "block" },
    format: input.output_format,
    quality: 95,
    fileName: "api/%date%/fal-%seed%-%counter%",
  };
  return { order, input, seed };

  async function takeControl(hash: string): Promise<ControlPicture | undefined> {
    const { control_scale: weight, control_start: start = 0, control_end: end = 1, preprocess } = input;
    if (weight === undefined) return undefined;
    // Inpainting does without when there is no ControlNet that knows masks.
    const model = mask
      ? await models.inpaintControlNet()
      : await attempt(["image_url"], () => models.defaultControlNet());
    if (model === undefined) return undefined;
    const hint =
      preprocess === "depth" || preprocess === "pose"
        ? await attempt(["preprocess"], async () => ({ model: await models.preprocessor(preprocess) }))
        : preprocess === "canny"
          ? preprocess
          : undefined;
    return { model, picture: hash, weight, start, end, preprocess: hint };
  }
}

function sizeOf({ image_size: size }: FalInput, picture: ImageReference | undefined): Size {
  if (typeof size === "object") return drawableSize(size);
  const preset = sizePresets.find(({ name }) => name === size);
  return preset
    ? { width: preset.width, height: preset.height }
    : drawableSize(picture ?? { width: 1024, height: 1024 });
}
