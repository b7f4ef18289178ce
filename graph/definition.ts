import type { JsonValue } from "./document.ts";

/**
 * What a node is, as pure data: the editor draws it, the validator checks workflows against it, the docs list it.
 * What a node does is its runner (`nodes/<folder>/run.ts`), which only the engine process loads.
 */
export const portTypes = [
  "model",
  "textEncoder",
  "vae",
  "conditioning",
  "latent",
  "image",
  "mask",
  "controlNet",
  "lora",
  "integer",
  "number",
  "text",
  "boolean",
  "any",
] as const;
export type PortType = (typeof portTypes)[number];

export interface PortDefinition {
  name: string;
  type: PortType;
  label: string;
  description?: string;
  /** Inputs only: the node runs without this link. */
  optional?: boolean;
}

interface ParamBase {
  name: string;
  label: string;
  description?: string;
  /** Shown (and checked) only while another parameter has one of these values. */
  visibleWhen?: { param: string; equals: readonly JsonValue[] };
  /** Rarely changed: folded away in the node, always listed in the inspector. */
  advanced?: boolean;
  /** Params of a subgraph: the param inside that this one stands for. Its words are that one's, unless `renamed`. */
  origin?: { type: string; param: string; renamed: boolean };
}

export interface NumberParam extends ParamBase {
  kind: "number" | "integer";
  default: number;
  min: number;
  max: number;
  step: number;
  /** Integers that must be a multiple of this (image sizes). */
  multipleOf?: number;
  unit?: string;
  display?: "slider" | "field";
}

/** A seed: 0 to 2^63 - 1, exact. In JSON a number while it is a safe integer, else a decimal string. */
export interface SeedParam extends ParamBase {
  kind: "seed";
  default: number;
}

export interface TextParam extends ParamBase {
  kind: "text";
  default: string;
  multiline?: boolean;
  placeholder?: string;
  minLength?: number;
  maxLength: number;
  /** `prompt`: token count and prompt completion; `markdown`: rendered when not edited. */
  role?: "prompt" | "markdown" | "file-name-pattern";
}

export interface BooleanParam extends ParamBase {
  kind: "boolean";
  default: boolean;
}

export interface ChoiceParam extends ParamBase {
  kind: "choice";
  default: string;
  options: readonly { value: string; label: string; description?: string }[];
}

/** What a file or folder of the model library is. */
export const modelKinds = [
  "checkpoint",
  "diffusionModel",
  "textEncoder",
  "vae",
  "lora",
  "controlNet",
  "upscaler",
  "classifier",
  "detector",
  "preprocessor",
  "onnx",
] as const;
export type ModelKind = (typeof modelKinds)[number];

/** A file or folder of the model library, by name; the host lists what there is. */
export interface ModelParam extends ParamBase {
  kind: "model";
  default: string;
  modelKind: ModelKind;
}

/** One entry of a `loras` param. */
export type LoraEntry = {
  /** As a `model` param of kind `lora` names it. */
  name: string;
  weight: number;
  enabled: boolean;
};

/** LoRAs in the order in which they are applied, each with its weight and a switch. */
export interface LorasParam extends ParamBase {
  kind: "loras";
  default: LoraEntry[];
  min: number;
  max: number;
  step: number;
}

/**
 * A picture that somebody gave Heddle, by the hash of its content: `sha256:` and 64 hex digits, or "" for none. Never a path,
 * so that a workflow can name nothing that it does not know already.
 */
export interface ImageParam extends ParamBase {
  kind: "image";
  default: string;
  /** `mask`: painted by hand, white where something is to be made anew; "" is an empty mask. */
  role?: "mask";
}

export type ParamDefinition =
  | NumberParam
  | SeedParam
  | TextParam
  | BooleanParam
  | ChoiceParam
  | ModelParam
  | LorasParam
  | ImageParam;

export const nodeCategories = [
  "loaders",
  "conditioning",
  "sampling",
  "latent",
  "image",
  "output",
  "utility",
  "subgraph",
] as const;
export type NodeCategory = (typeof nodeCategories)[number];

export interface NodeDefinition {
  /** Stable identifier in workflow files, kebab-case; also the folder name under `nodes/`. */
  type: string;
  /** Raised whenever saved params or ports change meaning; a migration goes with it. */
  version: number;
  title: string;
  category: NodeCategory;
  /** One paragraph for the palette, the inspector and the docs. */
  description: string;
  /** Other names people search for (ComfyUI class names among them). */
  aliases: readonly string[];
  inputs: readonly PortDefinition[];
  outputs: readonly PortDefinition[];
  params: readonly ParamDefinition[];
  /** A run starts from these: they show or save something. */
  isOutput?: boolean;
  /** Never executed: notes. */
  isAnnotation?: boolean;
}

/** Looks a definition up by type; `undefined` for a node that this version does not know. */
export type DefinitionLookup = (type: string) => NodeDefinition | undefined;

/** Whether a link may carry `from` into `to`. Integers widen to numbers; `any` takes and gives everything. */
export function isPortCompatible(from: PortType, to: PortType): boolean {
  return from === to || from === "any" || to === "any" || (from === "integer" && to === "number");
}
