import { compositePictures } from "../../engine/image/composite.ts";
import { resizePicture } from "../../engine/image/resize.ts";
import { fromSharp, toSharp } from "../../engine/image/sharp-picture.ts";
import type { Conditioning, Detection, DiffusionModel, PictureMask, RgbImage, VaeModel } from "../../engine/types.ts";
import type { NodeRunner, ParamValues, RunContext } from "../../graph/execution/runner.ts";
import { imageBatch } from "../images.ts";
import { modelFingerprint } from "../model-file.ts";
import { makeMask, maskBytes, pictureBytes } from "../pictures.ts";
import { LivePreview } from "../sampler/live-preview.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, optionalInput, requiredInput, seedParam, textParam } from "../values.ts";
import { drawnSize, type FaceRegion, faceRegion } from "./face-region.ts";

/** Less than half a step of 8 bits: nobody sees it. */
const VISIBLE = 0.5 / 255;
const SEEDS = 2n ** 63n;

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("detector", "detector"),
  sizeOf: (outputs) => pictureBytes(outputs) + maskBytes(outputs),

  async run(context, inputs, params) {
    const { services, signal, info, warn, timed } = context;
    const { items } = requiredInput(inputs, "image", "image");
    const confidence = numberParam(params, "confidence");
    const { path } = await services.models.resolve("detector", textParam(params, "detector"));
    const { value: found, facts } = await timed("decodeMs", () =>
      services.engine.detect(path, imageBatch(items), { confidence, signal }),
    );
    const faces = items.flatMap((picture, item) =>
      largestFirst(found[item]!, numberParam(params, "most")).map((face, nth) => ({
        item,
        // A picture of a batch can so be made again alone.
        seedOffset: item + nth,
        region: faceRegion(face, picture, {
          padding: numberParam(params, "maskPadding"),
          blur: numberParam(params, "maskBlur"),
          context: numberParam(params, "context"),
        }),
      })),
    );
    info({ ...facts, faces: faces.length });
    if (faces.length === 0) {
      const percent = Math.round(100 * confidence);
      warn({
        code: "nothing-found",
        message: `The detector found nothing that it is at least ${percent} % sure of.`,
        help: "Lower the confidence, or look at the picture: faces that are small or seen from the side are hard to find.",
        field: "confidence",
        details: { percent },
      });
    }
    const results = [...items];
    if (numberParam(params, "strength") > 0 && faces.length > 0) {
      const drawing = await prepare(context, inputs, params, faces.length);
      for (const [index, { item, region, seedOffset }] of faces.entries()) {
        results[item] = await refine(context, drawing, results[item]!, region, { index, seedOffset });
      }
    }
    const mask = unionMask(
      items[0]!,
      faces.filter(({ item }) => item === 0).map(({ region }) => region),
    );
    return { image: imageBatch(results), mask, count: faces.length };
  },
};

interface Drawing {
  readonly model: DiffusionModel;
  readonly vae: VaeModel;
  readonly positive: Conditioning;
  readonly negative: Conditioning | undefined;
  readonly params: ParamValues;
  readonly faces: number;
  readonly live: LivePreview;
}

async function prepare(
  { services: { engine, previews }, signal, timed, progress }: RunContext<NodeServices>,
  inputs: Parameters<NodeRunner<NodeServices>["run"]>[1],
  params: ParamValues,
  faces: number,
): Promise<Drawing> {
  const { controls: _controls, seamless: _seamless, ...rest } = requiredInput(inputs, "model", "model");
  const positive = requiredInput(inputs, "positive", "conditioning");
  const { encoder } = positive;
  const write = async (name: string, otherwise: Conditioning | undefined) => {
    const text = textParam(params, name);
    return text.trim() === "" ? otherwise : timed("encodeMs", () => engine.encodePrompt(encoder, text, signal));
  };
  return {
    // What steers the layout of the whole picture says nothing about the cut.
    model: { ...rest, controls: [] },
    vae: requiredInput(inputs, "vae", "vae"),
    positive: (await write("positivePrompt", positive)) ?? positive,
    negative: await write("negativePrompt", optionalInput(inputs, "negative", "conditioning")),
    ...{ params, faces },
    live: new LivePreview(previews, progress),
  };
}

/** The picture with one face drawn anew. */
async function refine(
  { services: { engine, previews }, signal, timed, info }: RunContext<NodeServices>,
  { model, vae, positive, negative, params, faces, live }: Drawing,
  picture: RgbImage,
  { cut, mask }: FaceRegion,
  { index, seedOffset }: { index: number; seedOffset: number },
): Promise<RgbImage> {
  const size = drawnSize(cut, numberParam(params, "inpaintSize"), model.sizeLimits);
  info({ drawnAt: `${size.width} x ${size.height}` });
  const before = await resizePicture(await fromSharp(toSharp(picture).extract({ ...cut })), size.width, size.height);
  const latent = await timed("encodeMs", () => engine.encode(vae, imageBatch([before]), signal));
  const drawn = await timed("sampleMs", () =>
    engine.sample({
      model,
      ...(previews ? { vae } : {}),
      positive,
      ...(negative ? { negative } : {}),
      latent: { ...latent, mask: hardened(mask) },
      seed: (seedParam(params, "seed") + BigInt(seedOffset)) % SEEDS,
      steps: numberParam(params, "steps"),
      guidanceScale: numberParam(params, "guidance"),
      solver: textParam(params, "solver"),
      schedule: textParam(params, "schedule"),
      denoise: numberParam(params, "strength"),
      strengthRule: "truncate",
      signal,
      onProgress: ({ step, steps, preview }) => live.show(index * steps + step, faces * steps, preview),
    }),
  );
  const { items } = await timed("decodeMs", () => engine.decode(vae, drawn, signal));
  const face = await resizePicture(items[0]!, cut.width, cut.height);
  const { seed: _seed, ...overlay } = face;
  return compositePictures(picture, overlay, { x: cut.left, y: cut.top, blend: "over", opacity: 1, mask });
}

function largestFirst(found: readonly Detection[], most: number): readonly Detection[] {
  const sorted = found.toSorted((a, b) => b.width * b.height - a.width * a.height);
  return most === 0 ? sorted : sorted.slice(0, most);
}

/** All that shows after feathering is drawn, so that the soft edge goes over into the new and not into the old. */
function hardened(mask: PictureMask): PictureMask {
  return { ...mask, values: mask.values.map((value) => (value > VISIBLE ? 1 : 0)) };
}

/** What was drawn anew in a picture. */
function unionMask({ width, height }: RgbImage, regions: readonly FaceRegion[]): PictureMask {
  const union = makeMask(width, height, () => 0);
  for (const { cut, mask } of regions) {
    for (const [i, value] of mask.values.entries()) {
      const at = (cut.top + Math.floor(i / cut.width)) * width + cut.left + (i % cut.width);
      union.values[at] = Math.max(union.values[at]!, value);
    }
  }
  return union;
}
