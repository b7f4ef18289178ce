import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../engine/engine.ts";
import { type PrecisionPlan, precisionPlans } from "../engine/precision/plan.ts";
import type { DiffusionModel, InferenceEngine, RgbImage } from "../engine/types.ts";
import { readFloats } from "../engine/weights/read-tensor.ts";
import { openWeightFolder } from "../engine/weights/weight-set.ts";
import { encodeSafetensors, type TestTensor } from "../test/support/encode-safetensors.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { psnr } from "./errors.ts";
import { openRealBlock, type RealBlockOptions } from "./real-block.ts";
import { round, type Spread, spread } from "./statistics.ts";
import { roundAs, storageFormats } from "./storage-formats.ts";
import { workFolder } from "./work-folder.ts";

const starter = join(import.meta.dirname, "../resources/starter-model/turbo");
const BLOCK_TOKENS = 288;
const FLOAT_ATTENTION = "h8, attention in float32";

/** Error of every precision plan and storage format: of the starter's pictures as PSNR, and of one real-shape block. */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { prompts: { type: "string", default: "20" }, size: { type: "string", default: "128" } },
  });
  const pictures = await pictureErrors(Number(values.prompts), Number(values.size));
  return {
    what: `PSNR in dB of the starter's pictures against float32 (8 steps, ${values.size} x ${values.size}); relative error of a real-shape block's update`,
    prompts: Number(values.prompts),
    ...pictures,
    block: { tokens: BLOCK_TOKENS, ...(await blockErrors()) },
  };
}

async function pictureErrors(prompts: number, size: number): Promise<Record<string, Record<string, Spread>>> {
  const cacheFolder = await workFolder();
  const under = async (plan: PrecisionPlan, checkpoint?: string, integerAttention = true): Promise<RgbImage[]> => {
    const engine = createEngine({ precision: plan, cacheFolder, integerAttention });
    try {
      return await pictures(engine, { prompts, size, ...(checkpoint === undefined ? {} : { checkpoint }) });
    } finally {
      await engine.dispose();
    }
  };
  const reference = await under("reference");
  const against = (made: RgbImage[]) => spread(made.map((picture, i) => psnr(picture, reference[i]!)));
  const plans: Record<string, Spread> = {};
  for (const plan of precisionPlans) if (plan !== "reference") plans[plan] = against(await under(plan));
  plans[FLOAT_ATTENTION] = against(await under("h8", undefined, false));
  const storage: Record<string, Spread> = {};
  for (const format of storageFormats) {
    const folder = await storedAs(format, cacheFolder);
    storage[format] = against(await under("reference", folder));
    await rm(folder, { recursive: true });
  }
  return { plans, storage };
}

async function pictures(
  engine: InferenceEngine,
  { prompts, size, checkpoint }: { prompts: number; size: number; checkpoint?: string },
): Promise<RgbImage[]> {
  const { signal } = new AbortController();
  const opened = await engine.openCheckpoint(starter);
  const model: DiffusionModel =
    checkpoint === undefined
      ? opened.model
      : { ...opened.model, transformer: (await engine.openDiffusionModel(checkpoint)).value.transformer };
  const made: RgbImage[] = [];
  for (let i = 0; i < prompts; i++) {
    const positive = await engine.encodePrompt(opened.textEncoder, promptOf(i), signal);
    const latent = await engine.sample({
      ...{ model, positive, signal, seed: BigInt(i), steps: 8, guidanceScale: 1, solver: "euler", denoise: 1 },
      latent: { kind: "latent", width: size, height: size, samples: null, batch: 1 },
      schedule: "flow_match",
      onProgress: () => undefined,
    });
    made.push((await engine.decode(opened.vae, latent, signal)).items[0]!);
  }
  return made;
}

function promptOf(i: number): string {
  const colours = ["red", "blue", "green", "yellow", "purple"];
  const shapes = ["circle", "square", "triangle", "star"];
  return `a ${colours[i % 5]} ${shapes[Math.floor(i / 5) % 4]} on a ${colours[(i + 2) % 5]} background`;
}

/** The starter's transformer with its matrices rounded as `format` rounds them, in a folder of its own. */
async function storedAs(format: (typeof storageFormats)[number], below: string): Promise<string> {
  const folder = join(below, `starter-${format}`);
  await mkdir(folder, { recursive: true });
  const source = join(starter, "transformer");
  await cp(join(source, "config.json"), join(folder, "config.json"));
  const tensors: Record<string, TestTensor> = {};
  for (const [name, tensor] of (await openWeightFolder(source)).tensors) {
    const data = await readFloats(tensor);
    tensors[name] = { shape: tensor.shape, data: tensor.shape.length === 2 ? roundAs(format, data) : data };
  }
  await writeFile(join(folder, "diffusion_pytorch_model.safetensors"), encodeSafetensors(tensors));
  return folder;
}

async function blockErrors(): Promise<Record<string, Record<string, number>>> {
  const errors: Record<string, Record<string, number>> = {};
  for (const [name, weights] of Object.entries({ plain: {}, outliers: { outliers: 12 } })) {
    let reference: Float32Array | undefined;
    const found: Record<string, number> = {};
    for (const plan of precisionPlans) {
      const variants: [string, Partial<RealBlockOptions>][] = [[plan, { integerAttention: plan === "h8" }]];
      if (plan === "h8") variants.push([FLOAT_ATTENTION, {}], ["h8 exact", { session: { exactIntegers: true } }]);
      if (plan === "w16") variants.push(["w16 exact", { session: { exactIntegers: true } }]);
      for (const [variant, options] of variants) {
        const block = await openRealBlock({ plan, tokens: BLOCK_TOKENS, weights, ...options });
        const update = (await block.run()).map((value, i) => value - block.input[i]!);
        await block.release();
        if (reference === undefined) reference = update;
        else found[variant] = round(100 * relativeError(update, reference));
      }
    }
    errors[`${name} weights, percent`] = found;
  }
  return errors;
}
