import type { ErrorPayload } from "../common/errors.ts";
import type { LorasParam, NumberParam, ParamDefinition, TextParam } from "./definition.ts";
import type { JsonValue } from "./document.ts";
import { MAX_SEED, parseImageValue, parseLoras, parseSeed } from "./values.ts";

type ValueProblem = Pick<ErrorPayload, "code" | "message" | "help">;

/** What is wrong with a param's value, `undefined` when nothing is. `label` names the param (and its node) in the message. */
export function checkValue(param: ParamDefinition, value: JsonValue, label: string): ValueProblem | undefined {
  switch (param.kind) {
    case "number":
    case "integer":
      return checkNumber(param, value, label);
    case "seed":
      return checkSeed(value, label);
    case "text":
      return checkText(param, value, label);
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongKind(label, "true or false", value, "Switch it on or off.");
    case "choice": {
      if (typeof value === "string" && param.options.some((option) => option.value === value)) return undefined;
      const options = param.options.map((option) => option.value).join(", ");
      return {
        code: "value-not-an-option",
        message: `${label} cannot be ${show(value)}.`,
        help: `Choose one of: ${options}.`,
      };
    }
    case "model":
      if (typeof value !== "string")
        return wrongKind(label, "the name of a model", value, "Choose a model from the list.");
      return value === ""
        ? { code: "value-empty", message: `${label} is empty.`, help: "Choose a model from the list." }
        : undefined;
    case "loras":
      return checkLoras(param, value, label);
    case "image":
      return param.role === "mask" && value === "" ? undefined : checkImage(value, label);
  }
}

function checkLoras(param: LorasParam, value: JsonValue, label: string): ValueProblem | undefined {
  const { min, max } = param;
  const entries = parseLoras(value);
  if (entries === undefined) {
    const example = '[{ "name": "style.safetensors", "weight": 1, "enabled": true }]';
    return wrongKind(label, "a list of LoRAs", value, `Write it as ${example}.`);
  }
  for (const [index, { name, weight }] of entries.entries()) {
    if (name === "") {
      return {
        code: "value-empty",
        message: `LoRA ${index + 1} of ${label} is empty.`,
        help: "Choose one, or remove it.",
      };
    }
    if (!(weight >= min && weight <= max)) {
      return {
        code: "value-out-of-range",
        message: `LoRA ${index + 1} of ${label} ("${name}") has the weight ${weight}.`,
        help: `Enter a number from ${min} to ${max}.`,
      };
    }
  }
  return undefined;
}

function checkImage(value: JsonValue, label: string): ValueProblem | undefined {
  if (value === "") {
    return {
      code: "image-not-chosen",
      message: `${label} has no picture yet.`,
      help: "Choose, drop or paste a picture.",
    };
  }
  return parseImageValue(value) === undefined
    ? wrongKind(label, "the hash of a stored picture", value, "Choose the picture again; workflows hold no paths.")
    : undefined;
}

function checkNumber(param: NumberParam, value: JsonValue, label: string): ValueProblem | undefined {
  const { min, max, multipleOf } = param;
  const unit = param.unit ? ` ${param.unit}` : "";
  const range = `Enter a ${param.kind === "integer" ? "whole number" : "number"} from ${min} to ${max}${unit}`;
  const help = multipleOf ? `${range}, in steps of ${multipleOf}.` : `${range}.`;
  if (typeof value !== "number" || !Number.isFinite(value)) return wrongKind(label, "a number", value, help);
  if (param.kind === "integer" && !Number.isInteger(value)) return wrongKind(label, "a whole number", value, help);
  if (value < min || value > max) {
    return {
      code: "value-out-of-range",
      message: `${label} is ${value}${unit}, which is ${value < min ? `less than ${min}` : `more than ${max}`}.`,
      help,
    };
  }
  if (multipleOf && value % multipleOf !== 0) {
    const below = Math.max(min, Math.floor(value / multipleOf) * multipleOf);
    const above = Math.min(max, Math.ceil(value / multipleOf) * multipleOf);
    return {
      code: "value-not-a-multiple",
      message: `${label} is ${value}, which is not a multiple of ${multipleOf}.`,
      help: `The nearest that work are ${below} and ${above}.`,
    };
  }
  return undefined;
}

function checkSeed(value: JsonValue, label: string): ValueProblem | undefined {
  if (parseSeed(value) !== undefined) return undefined;
  const help = `Enter a whole number from 0 to ${MAX_SEED}.`;
  if (typeof value === "number" && value > Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
    return {
      code: "seed-not-exact",
      message: `${label} is ${value}, too large for a JSON number to hold exactly.`,
      help: "Write the seed as text, in quotes.",
    };
  }
  const isWholeNumber = typeof value === "number" ? Number.isInteger(value) : /^-?\d+$/.test(String(value));
  return isWholeNumber
    ? { code: "value-out-of-range", message: `${label} is ${show(value)}, which is out of range.`, help }
    : wrongKind(label, "a whole number", value, help);
}

function checkText(param: TextParam, value: JsonValue, label: string): ValueProblem | undefined {
  if (typeof value !== "string") return wrongKind(label, "text", value, "Enter some text.");
  if (value.length > param.maxLength) {
    return {
      code: "value-too-long",
      message: `${label} has ${value.length} characters; at most ${param.maxLength} fit.`,
      help: `Shorten it by ${value.length - param.maxLength} characters.`,
    };
  }
  if (value.length < (param.minLength ?? 0)) {
    return {
      code: "value-too-short",
      message: `${label} ${value === "" ? "is empty" : `has only ${value.length} characters`}.`,
      help: param.minLength === 1 ? "Enter some text." : `Enter at least ${param.minLength} characters.`,
    };
  }
  return undefined;
}

function wrongKind(label: string, expected: string, value: JsonValue, help: string): ValueProblem {
  return { code: "value-wrong-kind", message: `${label} must be ${expected}, but is ${show(value)}.`, help };
}

function show(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
