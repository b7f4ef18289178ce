import { HeddleError } from "../../common/errors.ts";
import { bytesPerPixel, parseAutoencoderConfig } from "../../engine/models/autoencoder-kl/config.ts";
import { choosePlan, type PlanSituation, possiblePlans, smallerPlan } from "../../engine/precision/choose-plan.ts";
import { type PrecisionPlan, type VaePlan, vaePlans } from "../../engine/precision/plan.ts";
import { planCost, vaeCost } from "../../engine/precision/plan-cost.ts";
import { chooseVaePlan, plansWhole } from "../../engine/precision/vae-plan.ts";
import type { ComponentFiles } from "../../engine/weights/layouts/component-files.ts";
import {
  openCheckpointFiles,
  openTextEncoderFile,
  openTransformerFile,
  openVaeFile,
} from "../../engine/weights/layouts/open-checkpoint.ts";
import { elementCount } from "../../engine/weights/tensor.ts";
import type { ModelKind } from "../../graph/definition.ts";
import {
  type DevicePreferences,
  type DeviceState,
  type ModelPlans,
  type PlannedPart,
  plannedParts,
  type SmallerPlan,
} from "../../protocol/devices.ts";
import type { ModelManager } from "../models/model-manager.ts";
import type { DeviceService } from "./device-service.ts";

interface Services {
  readonly devices: DeviceService;
  readonly models: Pick<ModelManager, "place" | "roots">;
}

interface NamedModel {
  readonly kind: ModelKind;
  readonly name: string;
}

type Parts = Partial<Record<PlannedPart, ComponentFiles>>;
type ModelPlanSettings = DevicePreferences["models"][string];

/** The decoder of Flux, where no model says otherwise. */
const USUAL_DECODER = { blockChannels: [128, 256, 512, 512] };
/** Left free besides derived weights, as when they are made. */
const SPARE_DISK_BYTES = 256 * 2 ** 20;

/** The plans that there are on this machine, with what they cost: for the parts of a model, or for each weight of any. */
export async function plansOf({ devices, models }: Services, model: NamedModel | null): Promise<ModelPlans> {
  const situation = await devices.situation();
  if (model === null) return { path: null, parts: plannedParts.map((part) => withoutModel(part, situation)) };
  const { path } = await models.place(model.kind, model.name);
  const parts = await partsOf(path, model.kind, models);
  return {
    path,
    parts: plannedParts.flatMap((part) => {
      const files = parts[part];
      if (files === undefined) return [];
      if (part === "vae") return [vaePart(bytesPerPixelOf(files), situation.memoryBytes)];
      return [linearPart(part, { ...situation, parameters: parametersOf(files) })];
    }),
  };
}

/**
 * Keeps plans for parts of one model; `null` takes back what was chosen.
 * @throws HeddleError `model-not-found`; the file system's errors
 */
export async function choosePlans(
  { devices, models }: Services,
  model: NamedModel,
  plans: { [Part in PlannedPart]?: ModelPlanSettings[Part] | null },
): Promise<DeviceState> {
  const { path } = await models.place(model.kind, model.name);
  const { preferences } = devices.state();
  const { [path]: before = {}, ...others } = preferences.models;
  const merged = Object.entries({ ...before, ...plans }).filter(([, plan]) => plan !== null && plan !== undefined);
  return devices.change({
    ...preferences,
    models: merged.length === 0 ? others : { ...others, [path]: Object.fromEntries(merged) as ModelPlanSettings },
  });
}

/** The first of these models of which a part can be had smaller, the parts in the order in which they count. */
export async function smallerOf(
  { devices, models }: Services,
  { models: named, parts, lacks }: { models: NamedModel[]; parts: PlannedPart[]; lacks: "memory" | "disk" },
): Promise<SmallerPlan | null> {
  const situation = await devices.situation();
  const { preferences } = devices.state();
  const free = lacks === "disk" ? await devices.freeDiskBytes() : Number.POSITIVE_INFINITY;
  const opened = await Promise.all(
    named.map(async ({ kind, name }) => {
      const place = await models.place(kind, name).catch(() => undefined);
      return place && { kind, name, ...place, files: await partsOf(place.path, kind, models) };
    }),
  );
  for (const part of parts) {
    for (const model of opened) {
      const files = model?.files[part];
      if (!model || !files) continue;
      const setting = preferences.models[model.path]?.[part] ?? preferences.precision[part];
      const plan =
        part === "vae"
          ? lacks === "memory" && setting !== "strips" && ("strips" as const)
          : smallerFor(setting as PrecisionPlan | "auto", { ...situation, parameters: parametersOf(files) }, free);
      if (plan) return { kind: model.kind, name: model.name, label: model.label, part, plan };
    }
  }
  return null;
}

/** Where memory is short, the next plan that takes less; where the disk is, one that fits there, or needs none of it. */
function smallerFor(
  setting: PrecisionPlan | "auto",
  situation: PlanSituation,
  freeDiskBytes: number,
): PrecisionPlan | undefined {
  const current = choosePlan(situation, setting).plan;
  const smaller = smallerPlan(current, situation);
  if (freeDiskBytes === Number.POSITIVE_INFINITY) return smaller;
  const fits = (plan: PrecisionPlan) => {
    const { diskBytes, memoryBytes } = planCost(plan, situation.parameters, situation);
    return diskBytes + (diskBytes > 0 ? SPARE_DISK_BYTES : 0) <= freeDiskBytes && memoryBytes <= situation.memoryBytes;
  };
  return [smaller, "fp16" as const, "reference" as const].find(
    (plan) => plan !== undefined && plan !== current && possiblePlans(situation).includes(plan) && fits(plan),
  );
}

function withoutModel(part: PlannedPart, situation: Omit<PlanSituation, "parameters">): ModelPlans["parts"][number] {
  const known =
    part === "vae"
      ? vaePart(bytesPerPixel(USUAL_DECODER), situation.memoryBytes)
      : linearPart(part, { ...situation, parameters: 1 });
  return { ...known, automatic: null };
}

function linearPart(part: PlannedPart, situation: PlanSituation): ModelPlans["parts"][number] {
  const { plan, reason } = choosePlan(situation);
  return {
    part,
    automatic: { plan, reason },
    options: possiblePlans(situation).map((option) => ({
      plan: option,
      ...planCost(option, situation.parameters, situation),
    })),
  };
}

function vaePart(perPixel: number, memoryBytes: number): ModelPlans["parts"][number] {
  const { reason, stripsAbovePixels } = chooseVaePlan("auto", perPixel, memoryBytes);
  const plan: VaePlan = plansWhole(stripsAbovePixels) ? "whole" : "strips";
  return {
    part: "vae",
    automatic: { plan, reason },
    options: vaePlans.map((option) => ({ plan: option, ...vaeCost(option, perPixel) })),
  };
}

/** What a model consists of, from its headers; nothing for what cannot be used, which its own problem tells. */
async function partsOf(path: string, kind: ModelKind, { roots }: Services["models"]): Promise<Parts> {
  try {
    switch (kind) {
      case "checkpoint": {
        const { transformer, textEncoder, vae } = await openCheckpointFiles(path, {
          modelsFolders: roots.roots().map((root) => root.path),
        });
        return { ...(transformer && { transformer }), ...(textEncoder && { textEncoder }), ...(vae && { vae }) };
      }
      case "diffusionModel":
        return { transformer: await openTransformerFile(path) };
      case "textEncoder":
        return { textEncoder: await openTextEncoderFile(path) };
      case "vae":
        return { vae: await openVaeFile(path) };
      default:
        return {};
    }
  } catch (error) {
    if (error instanceof HeddleError) return {};
    throw error;
  }
}

function parametersOf({ weights }: ComponentFiles): number {
  let count = 0;
  for (const { shape } of weights.tensors.values()) count += elementCount(shape);
  return count;
}

const bytesPerPixelOf = ({ config, weights }: ComponentFiles): number =>
  bytesPerPixel(parseAutoencoderConfig(config, weights.path));
