import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../engine/engine.ts";
import { rootMeanSquareError } from "../engine/image/difference.ts";
import { resizePicture } from "../engine/image/resize.ts";
import type { Checkpoint, Conditioning, InferenceEngine, Latent, RgbImage } from "../engine/types.ts";
import { addEmbeddingNoise } from "../nodes/conditioning-noise/add-noise.ts";
import { dominantColours } from "./named-colours.ts";
import { round } from "./statistics.ts";

const starter = join(import.meta.dirname, "../resources/starter-model/turbo");

const prompts = [
  { text: "a red circle on a blue background", object: "red", background: "blue" },
  { text: "a yellow star on a green background", object: "yellow", background: "green" },
  { text: "a purple square on a white background", object: "purple", background: "white" },
  { text: "an orange house on a gray background", object: "orange", background: "gray" },
];
const STEPS = 8;
const SIDE = 128;
/** Pictures are compared this small, so that composition counts and not every pixel. */
const COMPARED_SIDE = 32;

/** How a picture is varied besides the noise it starts from. */
interface Variant {
  readonly name: string;
  readonly strength: number;
  readonly share: number;
  /** Share of the steps for which the prompt is noisy. */
  readonly until: number;
  /** Sigma shift, where it is not the model's own. */
  readonly shift?: number;
}

/**
 * How far apart the pictures of different seeds are (mean pairwise RMSE, 0 to 255, of pictures reduced to 32 x 32), with
 * and without noise on the prompt's embedding, and what that costs in pictures that still show what the prompt says.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { seeds: { type: "string", default: "8" } } });
  const seeds = Number(values.seeds);
  const engine = createEngine();
  const checkpoint = await engine.openCheckpoint(starter);
  const variants: Variant[] = [
    { name: "seed only", strength: 0, share: 0, until: 0 },
    ...[0.5, 1, 2].map((strength) => ({ name: `noise ${strength}, all steps`, strength, share: 0.5, until: 1 })),
    ...[1, 2, 4].map((strength) => ({ name: `noise ${strength}, first quarter`, strength, share: 0.5, until: 0.25 })),
    { name: "shift 9", strength: 0, share: 0, until: 0, shift: 9 },
  ];
  const results: Record<string, unknown>[] = [];
  for (const variant of variants) {
    let spread = 0;
    let right = 0;
    for (const { text, object, background } of prompts) {
      const pictures: RgbImage[] = [];
      const positive = await engine.encodePrompt(checkpoint.textEncoder, text, new AbortController().signal);
      for (let seed = 0; seed < seeds; seed++) {
        const picture = await draw(engine, checkpoint, positive, BigInt(seed), variant);
        const seen = dominantColours(picture);
        if (seen.object === object && seen.background === background) right++;
        pictures.push(await resizePicture(picture, COMPARED_SIDE, COMPARED_SIDE));
      }
      spread += meanPairwiseError(pictures) / prompts.length;
    }
    results.push({ ...variant, spread: round(spread), coloursRight: round(right / (seeds * prompts.length)) });
  }
  await engine.dispose();
  const [plain] = results as { spread: number }[];
  return {
    what: `starter-turbo, ${SIDE} x ${SIDE}, ${STEPS} steps, ${prompts.length} prompts, ${seeds} seeds`,
    variants: results.map((result) => ({
      ...result,
      timesSeedOnly: round((result as { spread: number }).spread / plain!.spread),
    })),
  };
}

async function draw(
  engine: InferenceEngine,
  { model, vae }: Checkpoint,
  positive: Conditioning,
  seed: bigint,
  { strength, share, until, shift }: Variant,
): Promise<RgbImage> {
  const { signal } = new AbortController();
  const noisy = { ...positive, ...addEmbeddingNoise(positive.embeddings, { seed, strength, share }) };
  const common = {
    ...{ model: shift === undefined ? model : { ...model, shift }, seed, signal, steps: STEPS },
    ...{ guidanceScale: 1, solver: "euler", schedule: "flow_match", denoise: 1 },
    onProgress: () => undefined,
  };
  const empty: Latent = { kind: "latent", width: SIDE, height: SIDE, samples: null, batch: 1 };
  const middle = Math.round(until * STEPS);
  if (middle === 0 || middle === STEPS) {
    const whole = await engine.sample({ ...common, positive: middle === 0 ? positive : noisy, latent: empty });
    return (await engine.decode(vae, whole, signal)).items[0]!;
  }
  const first = await engine.sample({ ...common, positive: noisy, latent: empty, endStep: middle, finish: false });
  const second = await engine.sample({ ...common, positive, latent: first, startStep: middle, addNoise: false });
  return (await engine.decode(vae, second, signal)).items[0]!;
}

function meanPairwiseError(pictures: readonly RgbImage[]): number {
  const errors = pictures.flatMap((a, i) => pictures.slice(i + 1).map((b) => rootMeanSquareError(a, b)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
