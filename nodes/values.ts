import { HeddleError } from "../common/errors.ts";
import type {
  Conditioning,
  ControlNetModel,
  DiffusionModel,
  ImageBatch,
  Latent,
  LoraValue,
  PictureMask,
  TextEncoderModel,
  VaeModel,
} from "../engine/types.ts";
import type { ParamValues, PortValues } from "../graph/execution/runner.ts";
import { portTypeTerm } from "../graph/problem-terms.ts";
import { parseSeed } from "../graph/values.ts";

/** What travels on a link of each type. */
interface PortValueTypes {
  model: DiffusionModel;
  textEncoder: TextEncoderModel;
  vae: VaeModel;
  conditioning: Conditioning;
  latent: Latent;
  image: ImageBatch;
  mask: PictureMask;
  controlNet: ControlNetModel;
  lora: LoraValue;
}

/** The value of a linked input; `undefined` when an optional one has no link. */
export function optionalInput<T extends keyof PortValueTypes>(
  inputs: PortValues,
  name: string,
  type: T,
): PortValueTypes[T] | undefined {
  const value = inputs[name];
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== type) {
    throw new HeddleError({
      code: "input-wrong-kind",
      message: `The input "${name}" takes a value of type ${type}, but got another one.`,
      help: "Switch and Reroute pass on whatever they are given: look at what is linked to them.",
      field: name,
      details: { cause: "type", input: name, type: portTypeTerm(type) },
    });
  }
  return value as PortValueTypes[T];
}

export function requiredInput<T extends keyof PortValueTypes>(
  inputs: PortValues,
  name: string,
  type: T,
): PortValueTypes[T] {
  const value = optionalInput(inputs, name, type);
  if (value === undefined) throw new TypeError(`input ${name} has no value`);
  return value;
}

// Workflows are validated before they run; these checks only keep a mistake in a definition from going unnoticed.

export function textParam(params: ParamValues, name: string): string {
  const value = params[name];
  if (typeof value !== "string") throw new TypeError(`param ${name} is no text`);
  return value;
}

export function numberParam(params: ParamValues, name: string): number {
  const value = params[name];
  if (typeof value !== "number") throw new TypeError(`param ${name} is no number`);
  return value;
}

export function booleanParam(params: ParamValues, name: string): boolean {
  const value = params[name];
  if (typeof value !== "boolean") throw new TypeError(`param ${name} is neither true nor false`);
  return value;
}

export function seedParam(params: ParamValues, name: string): bigint {
  const seed = parseSeed(params[name]);
  if (seed === undefined) throw new TypeError(`param ${name} is no seed`);
  return seed;
}

/** What grey of a mask means: see `Latent.maskRule`. */
export function maskRuleParam(params: ParamValues): "cut" | "differential" {
  return textParam(params, "maskRule") === "differential" ? "differential" : "cut";
}
