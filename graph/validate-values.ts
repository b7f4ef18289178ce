import type { ErrorPayload } from "../common/errors.ts";
import type { LorasParam, NumberParam, ParamDefinition, TextParam } from "./definition.ts";
import type { JsonValue } from "./document.ts";
import { optionTermsOf, type Term } from "./problem-terms.ts";
import { MAX_SEED, parseImageValue, parseLoras, parseSeed } from "./values.ts";

type ValueProblem = Pick<ErrorPayload, "code" | "message" | "help" | "details">;

/** What the sentence is about, in English and for other languages. */
interface Subject {
  readonly label: string;
  readonly term: () => Term | string;
}

/**
 * What is wrong with a param's value, `undefined` when nothing is. `label` names the param (and its node) in the message, `term`
 * in the details for other languages.
 */
export function checkValue(
  param: ParamDefinition,
  value: JsonValue,
  label: string,
  term: Subject["term"] = () => label,
): ValueProblem | undefined {
  const subject: Subject = { label, term };
  switch (param.kind) {
    case "number":
    case "integer":
      return checkNumber(param, value, subject);
    case "seed":
      return checkSeed(value, subject);
    case "text":
      return checkText(param, value, subject);
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongKind("boolean", value, subject);
    case "choice": {
      if (typeof value === "string" && param.options.some((option) => option.value === value)) return undefined;
      const options = param.options.map((option) => option.value).join(", ");
      const what = term();
      return {
        code: "value-not-an-option",
        message: `${label} cannot be ${show(value)}.`,
        help: `Choose one of: ${options}.`,
        details: { what, value: show(value), options: optionTermsOf(param, what) },
      };
    }
    case "model":
      if (typeof value !== "string") return wrongKind("model", value, subject);
      return value === ""
        ? {
            code: "value-empty",
            message: `${label} is empty.`,
            help: "Choose a model from the list.",
            details: { cause: "model", what: term() },
          }
        : undefined;
    case "loras":
      return checkLoras(param, value, subject);
    case "image":
      return param.role === "mask" && value === "" ? undefined : checkImage(value, subject);
  }
}

function checkLoras(param: LorasParam, value: JsonValue, subject: Subject): ValueProblem | undefined {
  const { min, max } = param;
  const entries = parseLoras(value);
  if (entries === undefined) return wrongKind("loras", value, subject);
  const { label, term } = subject;
  for (const [index, { name, weight }] of entries.entries()) {
    if (name === "") {
      return {
        code: "value-empty",
        message: `LoRA ${index + 1} of ${label} is empty.`,
        help: "Choose one, or remove it.",
        details: { cause: "lora", what: term(), position: index + 1 },
      };
    }
    if (!(weight >= min && weight <= max)) {
      return {
        code: "value-out-of-range",
        message: `LoRA ${index + 1} of ${label} ("${name}") has the weight ${weight}.`,
        help: `Enter a number from ${min} to ${max}.`,
        details: { cause: "lora", what: term(), position: index + 1, name, value: weight, min, max },
      };
    }
  }
  return undefined;
}

function checkImage(value: JsonValue, subject: Subject): ValueProblem | undefined {
  if (value === "") {
    return {
      code: "image-not-chosen",
      message: `${subject.label} has no picture yet.`,
      help: "Choose, drop or paste a picture.",
      details: { what: subject.term() },
    };
  }
  return parseImageValue(value) === undefined ? wrongKind("image", value, subject) : undefined;
}

function checkNumber(param: NumberParam, value: JsonValue, subject: Subject): ValueProblem | undefined {
  const { min, max, multipleOf } = param;
  const { label, term } = subject;
  const unit = param.unit ? ` ${param.unit}` : "";
  const range = `Enter a ${param.kind === "integer" ? "whole number" : "number"} from ${min} to ${max}${unit}`;
  const help = multipleOf ? `${range}, in steps of ${multipleOf}.` : `${range}.`;
  const isWhole = param.kind === "integer";
  const numbers: Term = { term: "numbers", min, max, isWhole, multipleOf, unit: param.unit };
  if (typeof value !== "number" || !Number.isFinite(value)) return wrongKind("number", value, subject, help, numbers);
  if (isWhole && !Number.isInteger(value)) return wrongKind("integer", value, subject, help, numbers);
  if (value < min || value > max) {
    return {
      code: "value-out-of-range",
      message: `${label} is ${value}${unit}, which is ${value < min ? `less than ${min}` : `more than ${max}`}.`,
      help,
      details: {
        cause: value < min ? "below" : "above",
        what: term(),
        value: `${value}${param.unit === "px" ? unit : (param.unit ?? "")}`,
        limit: value < min ? min : max,
        numbers,
      },
    };
  }
  if (multipleOf && value % multipleOf !== 0) {
    const below = Math.max(min, Math.floor(value / multipleOf) * multipleOf);
    const above = Math.min(max, Math.ceil(value / multipleOf) * multipleOf);
    return {
      code: "value-not-a-multiple",
      message: `${label} is ${value}, which is not a multiple of ${multipleOf}.`,
      help: `The nearest that work are ${below} and ${above}.`,
      details: { what: term(), value, multipleOf, below, above },
    };
  }
  return undefined;
}

function checkSeed(value: JsonValue, subject: Subject): ValueProblem | undefined {
  if (parseSeed(value) !== undefined) return undefined;
  const { label, term } = subject;
  const help = `Enter a whole number from 0 to ${MAX_SEED}.`;
  const max = String(MAX_SEED);
  if (typeof value === "number" && value > Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
    return {
      code: "seed-not-exact",
      message: `${label} is ${value}, too large for a JSON number to hold exactly.`,
      help: "Write the seed as text, in quotes.",
      details: { what: term(), value },
    };
  }
  const isWholeNumber = typeof value === "number" ? Number.isInteger(value) : /^-?\d+$/.test(String(value));
  return isWholeNumber
    ? {
        code: "value-out-of-range",
        message: `${label} is ${show(value)}, which is out of range.`,
        help,
        details: { cause: "seed", what: term(), value: show(value), max },
      }
    : wrongKind("seed", value, subject, help, max);
}

function checkText(param: TextParam, value: JsonValue, subject: Subject): ValueProblem | undefined {
  if (typeof value !== "string") return wrongKind("text", value, subject);
  const { label, term } = subject;
  const length = value.length;
  if (value.length > param.maxLength) {
    return {
      code: "value-too-long",
      message: `${label} has ${value.length} characters; at most ${param.maxLength} fit.`,
      help: `Shorten it by ${value.length - param.maxLength} characters.`,
      details: { what: term(), length, maxLength: param.maxLength, excess: length - param.maxLength },
    };
  }
  if (value.length < (param.minLength ?? 0)) {
    return {
      code: "value-too-short",
      message: `${label} ${value === "" ? "is empty" : `has only ${value.length} characters`}.`,
      help: param.minLength === 1 ? "Enter some text." : `Enter at least ${param.minLength} characters.`,
      details: { cause: length === 0 ? "empty" : "short", what: term(), length, minLength: param.minLength },
    };
  }
  return undefined;
}

const expectations = {
  boolean: ["true or false", "Switch it on or off."],
  model: ["the name of a model", "Choose a model from the list."],
  loras: ["a list of LoRAs", 'Write it as [{ "name": "style.safetensors", "weight": 1, "enabled": true }].'],
  image: ["the hash of a stored picture", "Choose the picture again; workflows hold no paths."],
  number: ["a number", "Enter a number."],
  integer: ["a whole number", "Enter a whole number."],
  seed: ["a whole number", "Enter a whole number."],
  text: ["text", "Enter some text."],
} as const;

/** `numbers`: those that are possible, which `help` names. */
function wrongKind(
  cause: keyof typeof expectations,
  value: JsonValue,
  { label, term }: Subject,
  help?: string,
  numbers: Term | string = "",
): ValueProblem {
  const [expected, usualHelp] = expectations[cause];
  return {
    code: "value-wrong-kind",
    message: `${label} must be ${expected}, but is ${show(value)}.`,
    help: help ?? usualHelp,
    details: { cause, what: term(), value: show(value), numbers },
  };
}

function show(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
