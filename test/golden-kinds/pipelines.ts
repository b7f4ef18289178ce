import { join } from "node:path";
import { z } from "zod";
import { pictureToPlanes, planesToPicture } from "../../engine/image/planes.ts";
import { combineBiases, combineLoras } from "../../engine/lora/combine-loras.ts";
import { linearModules } from "../../engine/lora/linear-modules.ts";
import { parseLora } from "../../engine/lora/parse-lora.ts";
import { Autoencoder } from "../../engine/models/autoencoder-kl/autoencoder.ts";
import { parseAutoencoderConfig } from "../../engine/models/autoencoder-kl/config.ts";
import { referencePrecision } from "../../engine/models/component-precision.ts";
import { parseQwen3Config } from "../../engine/models/qwen3/config.ts";
import { Qwen3TextEncoder } from "../../engine/models/qwen3/text-encoder.ts";
import { parseZImageConfig } from "../../engine/models/z-image/config.ts";
import { ZImageControlNet } from "../../engine/models/z-image/controlnet.ts";
import { parseControlNetConfig } from "../../engine/models/z-image/controlnet-config.ts";
import { type PreparedRun, ZImageTransformer } from "../../engine/models/z-image/transformer.ts";
import { flowVelocity } from "../../engine/pipeline/flow-velocity.ts";
import { controlContext, imageLatents } from "../../engine/pipeline/image-latents.ts";
import { addNoise, blendKept, maskToLatentGrid } from "../../engine/sampling/inpaint.ts";
import { pipelineSigmas, type SigmaTable } from "../../engine/sampling/schedules/flow-match.ts";
import { imageToImageSteps } from "../../engine/sampling/schedules/steps.ts";
import { euler } from "../../engine/sampling/solvers/euler.ts";
import { openTextEncoderFile, openTransformerFile, openVaeFile } from "../../engine/weights/layouts/open-checkpoint.ts";
import { readFloats } from "../../engine/weights/read-tensor.ts";
import { readSafetensorsHeader } from "../../engine/weights/safetensors.ts";
import { openWeightFolder } from "../../engine/weights/weight-set.ts";
import {
  batchNames,
  bytes,
  floats,
  ids,
  loadAutoencoder,
  loadTextEncoder,
  loadTransformer,
  modelFolder,
  pool,
  readJson,
  tensor,
} from "./load.ts";
import type { GoldenContext, GoldenKind } from "./types.ts";

type Tensors = Record<string, Float32Array | BigInt64Array | Uint8Array>;

const signal = new AbortController().signal;

const loraParams = z.object({ loras: z.array(z.object({ file: z.string(), weight: z.number() })) });

/** LoRA factors as runtime inputs. */
const lora: GoldenKind = async (context) => {
  const folder = join(modelFolder(context), "transformer");
  const { tensors } = await openWeightFolder(folder);
  const modules = linearModules(tensors);
  const readBaseWeight = (_: string, module: string) => readFloats(tensors.get(`${module}.weight`)!);
  const stack = await Promise.all(
    loraParams.parse(context.case.params).loras.map(async ({ file, weight }) => ({
      weight,
      lora: await parseLora(await readSafetensorsHeader(join(context.root, file)), modules, { readBaseWeight }),
    })),
  );
  const model = await loadTransformer(context);
  const updates = { pairs: await combineLoras(stack), biases: combineBiases(stack) };
  return { output: await forwardOnce(context, model, updates) };
};

async function forwardOnce(
  context: GoldenContext,
  model: ZImageTransformer,
  updates?: Parameters<ZImageTransformer["prepare"]>[2],
): Promise<Float32Array> {
  const [, , height, width] = tensor(context, "x").shape;
  const text = { embeddings: floats(context, "cap"), tokens: tensor(context, "cap").shape[0]! };
  const run = await model.prepare(text, { height: height!, width: width! }, updates);
  return model.forward(floats(context, "x"), floats(context, "t")[0]!, run);
}

const layoutParams = z.object({ files: z.array(z.string()), config_from: z.string() });

/** The same weights from every listed file; all must agree, the last one's outputs are compared. */
const layout: GoldenKind = async (context) => {
  const { files, config_from } = layoutParams.parse(context.case.params);
  const config = await readJson(join(context.root, config_from));
  const results: Tensors[] = [];
  for (const file of files) results.push(await layoutOutputs(context, join(context.root, file), config));
  for (const result of results) {
    for (const [name, values] of Object.entries(result)) {
      if (values.some((value, i) => value !== results[0]![name]![i]))
        throw new Error(`${name} differs between the files`);
    }
  }
  return results.at(-1)!;
};

async function layoutOutputs(context: GoldenContext, path: string, config: Record<string, unknown>): Promise<Tensors> {
  if ("hidden" in context.case.expected) {
    const { weights } = await openTextEncoderFile(path, { configs: { textEncoder: config } });
    const model = new Qwen3TextEncoder(weights, parseQwen3Config(config, path), pool);
    return { hidden: await model.encode(ids(context, "input_ids")) };
  }
  if ("output" in context.case.expected) {
    const { weights } = await openTransformerFile(path, { configs: { transformer: config } });
    return {
      output: await forwardOnce(context, new ZImageTransformer(weights, parseZImageConfig(config, path), pool)),
    };
  }
  const { weights } = await openVaeFile(path, { configs: { vae: config } });
  const vae = new Autoencoder(weights, parseAutoencoderConfig(config, path), pool);
  const [, , zHeight, zWidth] = tensor(context, "z").shape;
  const [, , height, width] = tensor(context, "image").shape;
  return {
    decoded: await vae.decode(floats(context, "z"), { height: zHeight!, width: zWidth! }),
    mean: (await vae.encode(floats(context, "image"), { height: height!, width: width! })).mean,
  };
}

const pipelineParams = z.looseObject({
  height: z.int(),
  width: z.int(),
  steps: z.int(),
  guidance_scale: z.number(),
  cfg_normalization: z.union([z.boolean(), z.number()]).default(false),
  cfg_truncation: z.number().default(1),
  scheduler_shift: z.number(),
  use_dynamic_shifting: z.boolean().default(false),
  mu: z.number().nullish(),
  strength: z.number().default(1),
  posterior: z.string().optional(),
  controlnet: z.string().optional(),
  controlnet_conditioning_scale: z.number().default(1),
});
type PipelineParams = z.infer<typeof pipelineParams>;

/** Prompt embeddings of every item, under the names of the expected tensors; drops the encoder's session afterwards. */
async function encodePrompts(context: GoldenContext, outputs: Tensors) {
  const encoder = await loadTextEncoder(context);
  const encode = async (prefix: string, expected: string) => {
    const texts: { embeddings: Float32Array; tokens: number }[] = [];
    for (const [i, name] of batchNames(context, prefix).entries()) {
      const tokens = ids(context, name);
      const embeddings = await encoder.encode(tokens);
      outputs[`${expected}.${i}`] = embeddings;
      texts.push({ embeddings, tokens: tokens.length });
    }
    return texts;
  };
  return { positive: await encode("ids", "prompt_embeds"), negative: await encode("neg_ids", "neg_prompt_embeds") };
}

function sigmaTable(params: PipelineParams): SigmaTable {
  const { steps, scheduler_shift, use_dynamic_shifting, mu } = params;
  const dynamic = use_dynamic_shifting && mu !== null && mu !== undefined;
  return pipelineSigmas({
    steps,
    shift: dynamic ? { kind: "exponential", mu } : { kind: "static", shift: scheduler_shift },
  });
}

interface PipelineRun {
  context: GoldenContext;
  params: PipelineParams;
  table: SigmaTable;
  /** [batch, channels, h, w] at the first sigma. */
  start: Float32Array;
  batch: number;
  outputs: Tensors;
  afterStep?: (x: Float32Array, index: number) => Float32Array;
  control?: (x: Float32Array, time: number, run: PreparedRun) => Promise<ReadonlyMap<number, Float32Array>>;
}

/** Samples every item and gathers `latents_steps` `[steps, batch, ...]`. Returns the final latents. */
async function samplePipeline(run: PipelineRun): Promise<Float32Array> {
  const { context, params, table, start, batch, outputs, afterStep, control } = run;
  const { positive, negative } = await encodePrompts(context, outputs);
  const model = await loadTransformer(context);
  const size = { height: params.height / 8, width: params.width / 8 };
  const length = start.length / batch;
  const steps = table.timesteps.length;
  const history = new Float32Array(steps * start.length);
  // The official pipeline guides only above 1, diffusers above 0.
  const guided = negative.length > 0 && params.guidance_scale > (context.case.kind === "txt2img" ? 1 : 0);
  for (let item = 0; item < batch; item++) {
    const velocity = flowVelocity({
      transformer: model,
      positive: [await model.prepare(positive[item]!, size)],
      negative: guided ? [await model.prepare(negative[item]!, size)] : undefined,
      guidance: {
        guidance: params.guidance_scale,
        cfgNormalization: Number(params.cfg_normalization),
        cfgTruncation: params.cfg_truncation,
      },
      ...(control === undefined ? {} : { control }),
    });
    await euler({
      velocity,
      x: start.subarray(item * length, (item + 1) * length),
      sigmas: table.sigmas,
      timesteps: table.timesteps,
      noise: { draw: () => new Float32Array(length) },
      signal,
      afterStep: (x, index) => {
        const after = afterStep?.(x, index) ?? x;
        history.set(after, index * start.length + item * length);
        return after;
      },
    });
  }
  outputs.latents_steps = history;
  return history.subarray((steps - 1) * start.length);
}

/** Decoded pictures of a batch: u8 `[batch, H, W, 3]` and the planes they come from. */
async function decodeBatch(context: GoldenContext, params: PipelineParams, latents: Float32Array, batch: number) {
  const vae = await loadAutoencoder(context);
  const { height, width } = params;
  const length = latents.length / batch;
  const pictures = new Uint8Array(batch * height * width * 3);
  const planes = new Float32Array(batch * height * width * 3);
  for (let item = 0; item < batch; item++) {
    const z = vae.unscale(latents.subarray(item * length, (item + 1) * length));
    const decoded = await vae.decode(z, { height: height / 8, width: width / 8 });
    planes.set(decoded, item * decoded.length);
    pictures.set(planesToPicture(decoded, height, width), item * decoded.length);
  }
  return { pictures, planes };
}

const textToImage: GoldenKind = async (context) => {
  const params = pipelineParams.parse(context.case.params);
  const outputs: Tensors = {};
  const table = sigmaTable(params);
  const batch = tensor(context, "noise").shape[0]!;
  const latents = await samplePipeline({ context, params, table, start: floats(context, "noise"), batch, outputs });
  const { pictures, planes } = await decodeBatch(context, params, latents, batch);
  return { ...outputs, sigmas: table.sigmas, timesteps: table.timesteps, image_u8: pictures, image: planes };
};

async function encodeInput(context: GoldenContext, params: PipelineParams, picture: Uint8Array): Promise<Float32Array> {
  const vae = await loadAutoencoder(context);
  const { height, width } = params;
  const distribution = await vae.encode(pictureToPlanes(picture, height, width), { height, width });
  return imageLatents(
    vae,
    distribution,
    params.posterior === "sample" ? floats(context, "posterior_noise") : undefined,
  );
}

const imageToImage: GoldenKind = async (context) => {
  const params = pipelineParams.parse(context.case.params);
  const outputs: Tensors = {};
  const all = sigmaTable(params);
  const table = imageToImageSteps(all, params.strength);
  const original = await encodeInput(context, params, bytes(context, "image_u8"));
  const noise = floats(context, "noise");
  const start = addNoise(original, noise, table.sigmas[0]!);
  Object.assign(outputs, { image_latents: original, init_latents: start, sigmas: all.sigmas });
  let afterStep: PipelineRun["afterStep"];
  if (context.inputs.mask !== undefined) {
    const values = tensor(context, "mask").data as Uint8Array | Float32Array;
    const scale = values instanceof Uint8Array && values.some((value) => value > 1) ? 255 : 1;
    const mask = maskToLatentGrid(
      { width: params.width, height: params.height, values: Array.from(values, (value) => value / scale) },
      params.width / 8,
      params.height / 8,
    );
    outputs.mask_latent = Float32Array.from(mask);
    afterStep = (x, index) => blendKept(x, table.sigmas[index + 1]!, { original, noise, mask });
  }
  const latents = await samplePipeline({
    context,
    params,
    table,
    start,
    batch: 1,
    outputs,
    ...(afterStep === undefined ? {} : { afterStep }),
  });
  const { pictures } = await decodeBatch(context, params, latents, 1);
  return { ...outputs, image_out_u8: pictures };
};

const controlParams = z.looseObject({
  controlnet: z.string(),
  conditioning_scale: z.number().default(1),
  config_override: z.record(z.string(), z.unknown()).default({}),
});

async function loadControlNet(context: GoldenContext, relative: string, override: Record<string, unknown> = {}) {
  const folder = join(context.root, relative);
  const net = parseControlNetConfig({ ...(await readJson(join(folder, "config.json"))), ...override }, folder);
  const transformerFolder = join(modelFolder(context), "transformer");
  const config = parseZImageConfig(await readJson(join(transformerFolder, "config.json")), transformerFolder);
  const own = referencePrecision(await openWeightFolder(folder));
  const shared = referencePrecision(await openWeightFolder(transformerFolder));
  return new ZImageControlNet({ net, config, own, shared }, pool);
}

const controlNet: GoldenKind = async (context) => {
  const { controlnet, conditioning_scale, config_override } = controlParams.parse(context.case.params);
  const net = await loadControlNet(context, controlnet, config_override);
  const model = await loadTransformer(context);
  const outputs: Tensors = {};
  const captions = batchNames(context, "cap");
  for (const [i, name] of batchNames(context, "x").entries()) {
    const [, , height, width] = tensor(context, name).shape;
    const caption = captions[i]!;
    const run = await model.prepare(
      { embeddings: floats(context, caption), tokens: tensor(context, caption).shape[0]! },
      { height: height!, width: width! },
    );
    const x = floats(context, name);
    const time = floats(context, "t")[i] ?? floats(context, "t")[0]!;
    const control = await net.residuals({
      ...{ latent: x, control: floats(context, "control"), time, run, strength: conditioning_scale },
    });
    for (const [place, residual] of control) outputs[`block_sample.${place}`] = residual;
    outputs[name.replace("x", "output")] = await model.forward(x, time, run, { control });
  }
  return outputs;
};

const controlNetPipeline: GoldenKind = async (context) => {
  const params = pipelineParams.parse(context.case.params);
  const outputs: Tensors = {};
  const table = sigmaTable(params);
  const net = await loadControlNet(context, params.controlnet!);
  const size = { height: params.height / 8, width: params.width / 8 };
  const control = await encodeControl(context, params, bytes(context, "control_image_u8"));
  const inpaint = context.inputs.mask === undefined ? undefined : await inpaintContext(context, params);
  const controlInput = controlContext(net.config.channels, control, size, inpaint);
  const latents = await samplePipeline({
    context,
    params,
    table,
    start: floats(context, "noise"),
    batch: 1,
    outputs,
    control: (x, time, run) =>
      net.residuals({ latent: x, control: controlInput, time, run, strength: params.controlnet_conditioning_scale }),
  });
  const { pictures } = await decodeBatch(context, params, latents, 1);
  return { ...outputs, control_context: controlInput, sigmas: table.sigmas, image_u8_out: pictures };
};

/** The cases hand pictures to the ControlNet pipelines as tensors from 0 to 1, which these encode as they are. */
function unitPlanes(picture: Uint8Array, { height, width }: PipelineParams): Float32Array {
  return pictureToPlanes(picture, height, width).map((value) => (value + 1) / 2);
}

async function encodeControl(
  context: GoldenContext,
  params: PipelineParams,
  picture: Uint8Array,
): Promise<Float32Array> {
  const vae = await loadAutoencoder(context);
  const { height, width } = params;
  return imageLatents(vae, await vae.encode(unitPlanes(picture, params), { height, width }));
}

/** The mask channel is 1 where the picture is kept; the repainted area of the picture is blanked before it is encoded. */
async function inpaintContext(context: GoldenContext, params: PipelineParams) {
  const { height, width } = params;
  const mask = bytes(context, "mask");
  const vae = await loadAutoencoder(context);
  const planes = unitPlanes(bytes(context, "image_u8"), params).map((value, i) => (mask[i % mask.length] ? 0 : value));
  const masked = imageLatents(vae, await vae.encode(planes, { height, width }));
  const repaint = maskToLatentGrid({ width, height, values: mask }, width / 8, height / 8);
  return { keep: Float32Array.from(repaint, (value) => 1 - value), masked };
}

export const pipelineKinds: Record<string, GoldenKind> = {
  lora,
  layout,
  txt2img: textToImage,
  txt2img_diffusers: textToImage,
  img2img: imageToImage,
  inpaint: imageToImage,
  controlnet: controlNet,
  controlnet_pipeline: controlNetPipeline,
};
