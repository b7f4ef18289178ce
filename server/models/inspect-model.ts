import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type ErrorPayload, HeddleError } from "../../common/errors.ts";
import { familyOfLora } from "../../engine/lora/foreign-lora.ts";
import { describeMetadata } from "../../engine/lora/lora-metadata.ts";
import type { ComponentFiles } from "../../engine/weights/layouts/component-files.ts";
import {
  openCheckpointFiles,
  openControlNetFile,
  openTextEncoderFile,
  openTransformerFile,
  openVaeFile,
} from "../../engine/weights/layouts/open-checkpoint.ts";
import { detectVariant } from "../../engine/weights/layouts/variant.ts";
import { openWeightSource } from "../../engine/weights/layouts/weight-source.ts";
import { readSafetensorsHeader } from "../../engine/weights/safetensors.ts";
import { elementCount, type TensorInfo } from "../../engine/weights/tensor.ts";
import type { ModelKind } from "../../graph/definition.ts";
import type { ModelFacts } from "../../protocol/models.ts";
import { isOnnxKind } from "../services/model-folders.ts";

type Tensors = ReadonlyMap<string, TensorInfo>;

const nothing: ModelFacts = {
  family: null,
  variant: null,
  precision: null,
  parameters: null,
  title: null,
  triggerWords: [],
  problem: null,
};

const unreadable: ErrorPayload = {
  code: "model-unreadable",
  message: "It cannot be read.",
  help: "Check that the file is whole, and that you may read it.",
};

/**
 * What the header of a model tells: its family, how its weights are stored, the words that a LoRA listens to. No weights
 * are read. A file that cannot be used says why in `problem`; nothing is thrown.
 */
export async function inspectModel(path: string, kind: ModelKind): Promise<ModelFacts> {
  try {
    if (isOnnxKind(kind) || /\.onnx$/i.test(path)) return nothing;
    if (kind === "lora") return await inspectLora(path);
    if (kind === "upscaler") {
      const { tensors } = await readSafetensorsHeader(path);
      return { ...nothing, ...storage(tensors) };
    }
    if (kind === "checkpoint" || kind in openers)
      return await inspectComponent(path, kind as "checkpoint" | OpenedKind);
    return nothing;
  } catch (error) {
    return { ...nothing, problem: error instanceof HeddleError ? error.toPayload() : unreadable };
  }
}

async function inspectLora(path: string): Promise<ModelFacts> {
  const { tensors, metadata } = await readSafetensorsHeader(path);
  const { title, triggerWords } = describeMetadata(metadata);
  const foreign = familyOfLora(tensors);
  const isZImage = foreign === undefined || foreign.startsWith("Lumina");
  const names = [...tensors.keys()];
  const known = names.some((name) => /(layers|refiner)[._]\d+[._](attention|feed_forward|adaLN)/.test(name));
  return {
    ...nothing,
    ...storage(tensors),
    family: isZImage ? (known ? "Z-Image" : null) : foreign,
    title: title ?? null,
    triggerWords: triggerWords.slice(0, 50),
  };
}

const families: Partial<Record<ModelKind, string>> = { textEncoder: "Qwen3", vae: "Flux autoencoder" };

const openers = {
  diffusionModel: openTransformerFile,
  textEncoder: openTextEncoderFile,
  vae: openVaeFile,
  controlNet: openControlNetFile,
} as const;

type OpenedKind = keyof typeof openers;

async function inspectComponent(path: string, kind: "checkpoint" | keyof typeof openers): Promise<ModelFacts> {
  try {
    const [part, variant] = await openPart(path, kind);
    return { ...nothing, ...storage(part?.weights.tensors ?? new Map()), family: families[kind] ?? "Z-Image", variant };
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    const family = typeof error.details?.family === "string" ? error.details.family.replace(/^(an?|the) /, "") : null;
    const isFile = (await stat(path)).isFile();
    const source = isFile ? await openWeightSource(path).catch(() => undefined) : undefined;
    return { ...nothing, ...(source ? storage(source.weights.tensors) : {}), family, problem: error.toPayload() };
  }
}

async function openPart(
  path: string,
  kind: "checkpoint" | OpenedKind,
): Promise<[ComponentFiles | undefined, ModelFacts["variant"]]> {
  if (kind !== "checkpoint") {
    const part = await openers[kind](path);
    // A part of a checkpoint is called "transformer" in all of them: the checkpoint's own name tells.
    const telling = basename(path) === "transformer" ? dirname(path) : path;
    const named = { path: telling, metadata: part.weights.metadata, scheduler: undefined };
    return [part, kind === "diffusionModel" ? detectVariant(named) : null];
  }
  const files = await openCheckpointFiles(path);
  return [files.transformer ?? files.textEncoder ?? files.vae ?? files.controlNet, files.variant ?? null];
}

function storage(tensors: Tensors): Pick<ModelFacts, "precision" | "parameters"> {
  const bytes = new Map<string, number>();
  let parameters = 0;
  for (const { dtype, shape, scale } of tensors.values()) {
    const count = elementCount(shape);
    const name = scale === undefined ? dtype : `scaled ${dtype}`;
    bytes.set(name, (bytes.get(name) ?? 0) + count);
    parameters += count;
  }
  const [main] = [...bytes].sort((a, b) => b[1] - a[1]);
  return { precision: main?.[0] ?? null, parameters };
}
