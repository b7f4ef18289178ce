import { accelerateParams, controlModes, faceParams } from "../../../graph/importers/runware-params.ts";
import { MAX_SEED, seedToJson } from "../../../graph/values.ts";
import type { ApiContext } from "../context.ts";
import type { ModelFamily } from "../models.ts";
import type { ControlPicture, PictureOrder, StartPicture } from "../order/order.ts";
import { randomSeed } from "../seeds.ts";
import { errorOf, errorsOfIssues, type RunwareError, RunwareProblem } from "./errors.ts";
import { type ImageInference, imageInferenceSchema, type Ultralytics } from "./inputs.ts";
import { sampling } from "./schedulers.ts";

const families: Readonly<Record<string, ModelFamily>> = {
  "runware:z-image@0": "base",
  "runware:z-image@turbo": "turbo",
};
const formats = { JPG: "jpeg", PNG: "png", WEBP: "webp" } as const;
const defaultSteps: Readonly<Record<ModelFamily, number>> = { base: 28, turbo: 8 };
const defaultGuidance: Readonly<Record<ModelFamily, number>> = { base: 4, turbo: 1 };

export interface TakenTask {
  task: ImageInference;
  /** One for each result: each is an order of its own, so that the first need not wait for the last. */
  orders: PictureOrder[];
}

/**
 * Turns an `imageInference` task into orders: checks it, fetches its pictures, finds its models.
 * @throws RunwareProblem with a failure for each parameter that is wrong
 */
export async function takeTask(
  input: unknown,
  { models, pictures }: Pick<ApiContext, "models" | "pictures">,
): Promise<TakenTask> {
  const parsed = imageInferenceSchema.safeParse(input);
  if (!parsed.success) throw new RunwareProblem(errorsOfIssues(parsed.error.issues));
  const task = parsed.data;
  const problems: RunwareError[] = [];
  const attempt = async <T>(parameter: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(errorOf(error, parameter));
      return undefined;
    }
  };
  const takePicture = async (parameter: string, source: string | undefined) =>
    source === undefined ? undefined : attempt(parameter, async () => (await pictures.takeText(source)).hash);

  const served = Object.entries(families).find(([name]) => name === task.model.toLowerCase())?.[1];
  const family = served ?? (/turbo/i.test(task.model) ? "turbo" : "base");
  const checkpoint = served ? await models.checkpoint(served) : await models.findCheckpoint(task.model);
  if (checkpoint === undefined) {
    const known = Object.keys(families).join(", ");
    problems.push({
      code: "invalidModel",
      message: `There is no model '${task.model}' here: use ${known}, or the name of a checkpoint in the models folder.`,
      parameter: "model",
    });
  }
  const loras: PictureOrder["loras"][number][] = [];
  for (const [index, { model, weight }] of (task.lora ?? []).entries()) {
    const name = await attempt(`lora.${index}.model`, () => models.find("lora", model));
    if (name !== undefined) loras.push({ name, weight });
  }
  const steps = task.steps ?? defaultSteps[family];
  const controls: ControlPicture[] = [];
  for (const [index, control] of (task.controlNet ?? []).entries()) {
    const model = await attempt(`controlNet.${index}.model`, () => models.find("controlNet", control.model));
    const picture = await takePicture(`controlNet.${index}.guideImage`, control.guideImage);
    if (model !== undefined && picture !== undefined)
      controls.push({
        model,
        picture,
        weight: control.weight,
        mode: controlModes[control.controlMode],
        ...shares(control, steps),
      });
  }
  const start = await takeStart(task, takePicture);
  const safety = await takeSafety();
  const faces = task.ultralytics && (await takeFaces(task.ultralytics));
  if (problems.length > 0 || checkpoint === undefined) throw new RunwareProblem(problems);

  const firstSeed = task.seed === undefined ? BigInt(randomSeed()) : BigInt(task.seed);
  const orders = Array.from({ length: task.numberResults }, (_, index): PictureOrder => {
    return {
      checkpoint,
      prompt: task.positivePrompt,
      negativePrompt: task.negativePrompt,
      width: task.width,
      height: task.height,
      pictures: 1,
      seed: seedToJson((firstSeed + BigInt(index)) % (MAX_SEED + 1n)),
      steps,
      // 1 is off, and so is everything below.
      guidance: Math.max(1, task.CFGScale ?? defaultGuidance[family]),
      ...sampling(task.scheduler),
      start,
      loras,
      controls,
      acceleration: task.acceleratorOptions && accelerateParams(task.acceleratorOptions),
      faces,
      safety,
      format: formats[task.outputFormat],
      quality: task.outputQuality,
      fileName: "api/%date%/runware-%seed%-%counter%",
    };
  });
  return { task, orders };

  /** Who asks for a check is not to be told that nothing was found where nothing looked. */
  async function takeSafety(): Promise<PictureOrder["safety"]> {
    if (!task.safety?.checkContent && !task.checkNSFW) return undefined;
    const classifier = await models.classifier();
    if (classifier !== undefined) return { classifier, action: "pass" };
    problems.push({
      code: "modelNotFound",
      message: "There is no classifier on this machine: put one into the folder classifiers of its models folder.",
      parameter: "safety.checkContent",
    });
    return undefined;
  }

  async function takeFaces(fields: Ultralytics): Promise<PictureOrder["faces"]> {
    const detector = await attempt("ultralytics", () => models.faceDetector());
    return detector === undefined ? undefined : { ...faceParams(fields), detector };
  }
}

async function takeStart(
  { seedImage, maskImage, maskMargin, inputs, outpaint, strength }: ImageInference,
  takePicture: (parameter: string, source: string | undefined) => Promise<string | undefined>,
): Promise<StartPicture | undefined> {
  const picture = await takePicture("seedImage", seedImage ?? inputs?.seedImage);
  const mask = await takePicture("maskImage", maskImage ?? inputs?.maskImage);
  if (picture === undefined) return undefined;
  if (!outpaint) return { picture, strength: strength ?? 0.8, mask, maskMargin };
  const { blur: feather, ...sides } = outpaint;
  // Where the picture grows there is nothing to keep. The schema allows no margin here.
  return { picture, strength: strength ?? 1, mask, outpaint: { ...sides, feather } };
}

function shares(
  { startStep, endStep, startStepPercentage, endStepPercentage }: NonNullable<ImageInference["controlNet"]>[number],
  steps: number,
): { start: number; end: number } {
  const start = startStep === undefined ? (startStepPercentage ?? 0) / 100 : startStep / steps;
  const end = endStep === undefined ? (endStepPercentage ?? 100) / 100 : endStep / steps;
  return { start: Math.min(1, start), end: Math.min(1, end) };
}
