import { HeddleError } from "../../common/errors.ts";
import { pictureToPlanes } from "../image/planes.ts";
import { resizePicture } from "../image/resize.ts";
import type { LoraRegistry } from "../lora-registry.ts";
import type { ModelRegistry } from "../model-registry.ts";
import { fitLatentPreview, type LatentPreview, previewPixels } from "../models/autoencoder-kl/latent-preview.ts";
import type { ControlResiduals, ZImageControlNet } from "../models/z-image/controlnet.ts";
import type { BlockRuns } from "../models/z-image/step-cache.ts";
import type { LatentSize, PreparedRun, ZImageTransformer } from "../models/z-image/transformer.ts";
import { repaintedAt, repaintSteps } from "../sampling/differential.ts";
import { guidanceFromCfgScale } from "../sampling/guidance.ts";
import { addNoise, blendKept, maskToLatentGrid } from "../sampling/inpaint.ts";
import { findSolver } from "../sampling/names.ts";
import { TorchGenerator } from "../sampling/noise.ts";
import type { NoiseSource } from "../sampling/noise-source.ts";
import { calculateShift, type Shift, type SigmaTable } from "../sampling/schedules/flow-match.ts";
import { imageToImageSteps } from "../sampling/schedules/steps.ts";
import { planSigmas } from "../sampling/sigmas.ts";
import { solverNoise } from "../sampling/solver-noise.ts";
import type { Solver } from "../sampling/solvers/solver.ts";
import type {
  Conditioning,
  ControlReference,
  DiffusionModel,
  Latent,
  RgbImage,
  SampleRequest,
  TextEncoderModel,
  VaeModel,
} from "../types.ts";
import { controlProfile, isControlActive } from "./control-modes.ts";
import { flowVelocity, type GuidedPass } from "./flow-velocity.ts";
import { blankMasked, controlContext, imageLatents } from "./image-latents.ts";
import { closedAxes, seamlessWindows } from "./seamless-windows.ts";
import { stepAt } from "./step-at.ts";
import { StepTransformer } from "./step-transformer.ts";

const MAX_SEED = 2n ** 63n - 1n;
/** Picture pixels per latent pixel and side. */
const LATENT_SCALE = 8;
const LATENT_CHANNELS = 16;
/** Latent pixels per token and side. */
const PATCH = 2;

type EncodePrompt = (encoder: TextEncoderModel, text: string, signal: AbortSignal) => Promise<Conditioning>;

/** From noise (or a noised picture) to clean latents: noise, schedule, guidance, LoRAs, ControlNets, masks, previews. */
export class LatentSampler {
  readonly #models: ModelRegistry;
  readonly #loras: LoraRegistry;
  readonly #encodePrompt: EncodePrompt;
  readonly #previews = new Map<string, Promise<LatentPreview>>();

  constructor(models: ModelRegistry, loras: LoraRegistry, encodePrompt: EncodePrompt) {
    this.#models = models;
    this.#loras = loras;
    this.#encodePrompt = encodePrompt;
  }

  async sample(request: SampleRequest): Promise<Latent> {
    const { latent, signal, model } = request;
    const transformer = await this.#models.transformer(model.transformer, signal);
    checkFits(request, transformer);
    const size = latentSize(latent);
    const solver = findSolver(request.solver);
    const table = sigmaTable(request, size);
    const steps = table.timesteps.length;
    const guidance = guidanceFromCfgScale(request.guidanceScale);
    const updates = await this.#loras.transformerUpdates(model, { signal });
    const texts = new Map<PreparedRun, Conditioning>();
    const closed = model.seamless && closedAxes(seamlessWindows(size, model.seamless, false));
    const prepare = (text: Conditioning) =>
      Promise.all(
        allPrompts(text).map(async (prompt) => {
          const run = await transformer.prepare(prompt, size, updates, closed);
          texts.set(run, prompt);
          return run;
        }),
      );
    const positive = await prepare(request.positive);
    const negative = guidance === 0 ? undefined : await prepare(await this.#negativeOf(request));
    const controls = await this.#controls(model.controls, model.transformer, latent, signal);
    const preview = request.vae === undefined ? undefined : await this.#previewOf(request.vae);

    const itemLength = transformer.config.channels * size.height * size.width;
    const repainted = repaintedCells(latent, size, steps);
    const samples = new Float32Array(latent.batch * itemLength);
    const seeds: string[] = [];
    const blockRuns: BlockRuns = { run: 0, skipped: 0 };
    const shared = request.batchNoise === "tensor" ? new TorchGenerator(request.seed) : undefined;
    for (let item = 0; item < latent.batch; item++) {
      const seed = shared === undefined ? (request.seed + BigInt(item)) % (MAX_SEED + 1n) : request.seed;
      const drawn = (shared ?? new TorchGenerator(seed)).randn(itemLength);
      const noise = request.addNoise === false ? new Float32Array(itemLength) : drawn;
      const control = await this.#control(controls, latent, item, table, signal);
      const stepTransformer =
        isPlain(model) || steps === 0
          ? transformer
          : new StepTransformer({
              ...{ transformer, model, table, size, texts, blockRuns },
              ...(hasSchedule(model) && {
                updatesAt: (step) => this.#loras.transformerUpdates(model, { progress: step / steps }),
              }),
            });
      const original = latent.samples?.subarray(item * itemLength, (item + 1) * itemLength);
      const result = await runItem({
        ...{ table, original, noise, repainted, signal },
        solve: solver.solve,
        stepNoise: solverNoise({
          ...{ solver, seed, sigmas: table.sigmas },
          batch: shared && { size: latent.batch, item },
        }),
        shift: model.shift,
        noiseIsIn: request.addNoise === false,
        velocity: flowVelocity({
          ...{ transformer: stepTransformer, positive, negative, signal },
          guidance: { guidance, cfgNormalization: request.cfgNormalization, cfgTruncation: request.cfgTruncation },
          withNegative: solver.cfgPlusPlus,
          ...(control === undefined ? {} : { control }),
        }),
        onStep: (step, denoised) =>
          request.onProgress({
            step: item * steps + step,
            steps: latent.batch * steps,
            ...(preview === undefined ? {} : { preview: previewImage(preview, denoised, size) }),
          }),
      });
      samples.set(result, item * itemLength);
      seeds.push(seed.toString());
    }
    const { source, decoded: _, blockRuns: __, ...rest } = latent;
    if (steps === 0 && source !== undefined) return { ...latent, samples, seeds, decoded: source };
    return { ...rest, samples, seeds, ...(model.acceleration && { blockRuns }) };
  }

  async #negativeOf(request: SampleRequest): Promise<Conditioning> {
    return request.negative ?? this.#encodePrompt(request.positive.encoder, "", request.signal);
  }

  /** The ControlNets that have an effect, each with the latents of its picture. */
  async #controls(
    controls: readonly ControlReference[],
    transformer: ControlReference["controlNet"],
    { width, height }: Latent,
    signal: AbortSignal,
  ): Promise<ActiveControl[]> {
    return Promise.all(
      controls
        .filter(({ strength }) => strength !== 0)
        .map(async (control) => {
          const net = await this.#models.controlNet(control.controlNet, transformer, signal);
          const vae = this.#models.autoencoder(control.vae.vae);
          const { data } = await resizePicture(control.hint, width, height);
          const encoded = await vae.encode(pictureToPlanes(data, height, width), { height, width }, { signal });
          const latents = imageLatents(vae, encoded);
          return { ...control, net, latents };
        }),
    );
  }

  /** Residuals for one item of the batch: of all ControlNets that are active at a noise level, added up. */
  async #control(
    controls: readonly ActiveControl[],
    latent: Latent,
    item: number,
    table: SigmaTable,
    signal: AbortSignal,
  ) {
    if (controls.length === 0) return undefined;
    const nets = await Promise.all(
      controls.map(async (control) => {
        const { channels } = control.net.config;
        // A ControlNet of more channels than latents have sees what is kept, too.
        const inpaint = channels > LATENT_CHANNELS ? await this.#inpaintContext(control.vae, latent, item) : undefined;
        return { ...control, input: controlContext(channels, control.latents, latentSize(latent), inpaint) };
      }),
    );
    return async (x: Float32Array, time: number, run: PreparedRun, pass: GuidedPass): Promise<ControlResiduals> => {
      const step = stepAt(table, Math.fround(1 - time));
      const sums = new Map<number, Float32Array>();
      for (const { net, input, strength, mode, ...range } of nets) {
        const profile = controlProfile(mode, pass, net.config.layerPlaces.length);
        if (profile === undefined || !isControlActive(range, step, table.timesteps.length)) continue;
        const options = { strength, profile, signal };
        for (const [layer, residual] of await net.residuals({ latent: x, control: input, time, run, ...options })) {
          const sum = sums.get(layer);
          sums.set(layer, sum === undefined ? residual : sum.map((value, i) => value + residual[i]!));
        }
      }
      return sums;
    };
  }

  async #inpaintContext(model: VaeModel, { mask, source, width, height }: Latent, item: number) {
    const picture = source?.items[item];
    if (mask === undefined || picture === undefined) return undefined;
    const vae = this.#models.autoencoder(model.vae);
    const masked = imageLatents(vae, await vae.encode(blankMasked(picture, mask), { height, width }));
    const repaint = maskToLatentGrid(mask, width / LATENT_SCALE, height / LATENT_SCALE);
    return { keep: Float32Array.from(repaint, (value) => 1 - value), masked };
  }

  #previewOf(model: VaeModel): Promise<LatentPreview> {
    const vae = this.#models.autoencoder(model.vae);
    const known = this.#previews.get(vae.fingerprint);
    if (known !== undefined) return known;
    const fitting = fitLatentPreview(vae);
    fitting.catch(() => this.#previews.delete(vae.fingerprint));
    this.#previews.set(vae.fingerprint, fitting);
    return fitting;
  }
}

interface ActiveControl extends ControlReference {
  readonly net: ZImageControlNet;
  /** Of the hint. */
  readonly latents: Float32Array;
}

interface ItemRun {
  solve: Solver;
  table: SigmaTable;
  /** The model's sigma shift. */
  shift: number;
  velocity: Parameters<Solver>[0]["velocity"];
  noise: Float32Array;
  /** Latents of the picture to start from; pure noise when absent. */
  original: Float32Array | undefined;
  /** `original` already holds the noise of an earlier sampler. */
  noiseIsIn: boolean;
  /** On the latent grid, for each step: 1 = repaint, 0 = keep. */
  repainted: ((step: number) => Uint8Array) | undefined;
  /** What stochastic solvers add on the way. */
  stepNoise: NoiseSource;
  signal: AbortSignal;
  onStep(step: number, denoised: Float32Array): void;
}

/** One item of a batch, down the whole table. */
async function runItem(run: ItemRun): Promise<Float32Array> {
  const { solve, table, shift, velocity, noise, original, noiseIsIn, repainted, stepNoise, signal, onStep } = run;
  const first = table.sigmas[0];
  if (first === undefined) return original ?? noise;
  const clean = original ?? new Float32Array(noise.length);
  return solve({
    velocity,
    x: noiseIsIn ? clean : addNoise(clean, noise, first),
    sigmas: table.sigmas,
    timesteps: table.timesteps,
    noise: stepNoise,
    shift,
    signal,
    onStep: ({ index, denoised }) => onStep(index + 1, denoised),
    ...(repainted !== undefined &&
      original !== undefined && {
        afterStep: (x, index) => blendKept(x, table.sigmas[index + 1]!, { original, noise, mask: repainted(index) }),
      }),
  });
}

/** What the latent's mask has repainted in each step; everything without one. */
function repaintedCells({ mask, maskRule }: Latent, { width, height }: LatentSize, steps: number) {
  if (mask === undefined) return undefined;
  if (maskRule === "differential") {
    const starts = repaintSteps(mask, width, height, steps);
    return (step: number) => repaintedAt(starts, step);
  }
  const cells = maskToLatentGrid(mask, width, height);
  return () => cells;
}

function sigmaTable(request: SampleRequest, size: LatentSize): SigmaTable {
  const { model, solver, schedule, steps, denoise, startStep, endStep, finish } = request;
  const imageTokens = (size.height / PATCH) * (size.width / PATCH);
  const shift: number | Shift = model.dynamicShift
    ? { kind: "exponential", mu: calculateShift(imageTokens) }
    : model.shift;
  // At 0 both rules have nothing to run, and the picture stays as it is.
  const truncate = request.strengthRule === "truncate" && denoise !== 0;
  const table = planSigmas({
    ...{ solver, schedule, steps, shift, finish },
    denoise: truncate ? 1 : denoise,
    start: startStep,
    end: endStep,
  });
  return truncate ? imageToImageSteps(table, denoise) : table;
}

export function latentSize(latent: Pick<Latent, "width" | "height">): LatentSize {
  return { height: latent.height / LATENT_SCALE, width: latent.width / LATENT_SCALE };
}

const hasSchedule = ({ loras }: DiffusionModel) => loras.some(({ schedule }) => schedule !== undefined);

/** Whether a step is nothing but passes through all of the transformer. */
const isPlain = (model: DiffusionModel): boolean =>
  model.acceleration === undefined && model.seamless === undefined && !hasSchedule(model);

/** A prompt and those that it is combined with. */
function allPrompts(text: Conditioning): readonly Conditioning[] {
  return [text, ...(text.combined ?? [])];
}

function checkFits({ model, positive, negative, latent }: SampleRequest, transformer: ZImageTransformer): void {
  const prompts = [positive, ...(negative === undefined ? [] : [negative])].flatMap(allPrompts);
  const misfit = prompts.find(({ width }) => width !== transformer.config.captionDim);
  if (misfit !== undefined) {
    throw new HeddleError({
      code: "encoder-mismatch",
      message: `The prompt was encoded with ${misfit.width} features a token, but this model reads ${transformer.config.captionDim}.`,
      help: "Use the text encoder of the same model.",
      field: "positive",
      details: { cause: "model", found: misfit.width, wanted: transformer.config.captionDim },
    });
  }
  const step = model.sizeLimits?.multipleOf ?? LATENT_SCALE * PATCH;
  if (latent.width % step !== 0 || latent.height % step !== 0) {
    throw new HeddleError({
      code: "size-not-multiple",
      message: `${latent.width} x ${latent.height} is not a size that this model can draw.`,
      help: `Use a width and a height that are multiples of ${step}.`,
      field: "latent",
      details: { cause: "draw", width: latent.width, height: latent.height, multiple: step },
    });
  }
}

function previewImage(preview: LatentPreview, latents: Float32Array, size: LatentSize): RgbImage {
  const pixels = previewPixels(preview, latents);
  return { width: size.width, height: size.height, data: new Uint8Array(pixels.buffer) };
}
