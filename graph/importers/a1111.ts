import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue } from "../document.ts";
import type { ImportedWorkflow } from "./comfyui/import.ts";
import { readSeed } from "./comfyui/mapping/simple-rule.ts";
import { draftWorkflow } from "./draft.ts";
import type { ImportNote } from "./report.ts";
import { findSamplerNames } from "./sampler-names.ts";
import { settingsReport } from "./settings-report.ts";

/** What a `parameters` text says: the prompt, `Negative prompt: …`, and a line of `Name: value` pairs. */
export interface ParametersText {
  prompt: string;
  negativePrompt: string;
  settings: Map<string, string>;
}

/** Reads the text that A1111's web UI and its kin write; `undefined` for any other text. */
export function parseParametersText(text: string): ParametersText | undefined {
  const lines = text.replaceAll("\r\n", "\n").trimEnd().split("\n");
  // The settings are the last line with steps; some programs add lines of their own behind it.
  const at = lines.findLastIndex((line) => /(^|,\s*)Steps: *\d+/.test(line));
  if (at < 0) return undefined;
  const words = lines.slice(0, at);
  const negativeAt = words.findIndex((line) => line.startsWith("Negative prompt:"));
  const end = negativeAt < 0 ? words.length : negativeAt;
  return {
    prompt: words.slice(0, end).join("\n").trim(),
    negativePrompt: words
      .slice(end)
      .join("\n")
      .replace(/^Negative prompt:/, "")
      .trim(),
    settings: new Map(
      [
        ...lines
          .slice(at)
          .join(", ")
          .matchAll(/(\w[\w \-/]{0,80}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)/g),
      ].map(([, name, value]) => [name!.trim(), unquoted(value!.trim())]),
    ),
  };
}

const known = new Set([
  "Steps",
  "Sampler",
  "Schedule type",
  "CFG scale",
  "Seed",
  "Size",
  "Model",
  "Shift",
  "Batch size",
]);
/** Say which program wrote it, or repeat what the others say. */
const silent = new Set(["Version", "Model hash", "Lora hashes", "VAE hash", "Batch pos", "Hashes", "TI hashes"]);

/** A workflow that draws the picture again whose `parameters` text this is. */
export function importA1111(
  { prompt, negativePrompt, settings }: ParametersText,
  definitions: DefinitionLookup,
  title = "Imported settings",
): ImportedWorkflow {
  const notes: ImportNote[] = [];
  const number = (name: string) => {
    const value = Number(settings.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const samplerName = settings.get("Sampler");
  const names =
    samplerName === undefined
      ? undefined
      : findSamplerNames(definitions, samplerName, settings.get("Schedule type"), "simple");
  if (samplerName !== undefined && !names) {
    notes.push({
      code: "import-sampler-replaced",
      message: `The picture was drawn with the sampler "${samplerName}", which Heddle does not have; Euler is used.`,
      help: "Choose another solver in the Sampler.",
      nodeId: "sampler",
      field: "solver",
      details: { cause: "picture", sampler: samplerName },
    });
  }
  const { text, loras } = takeLoras(prompt);
  const [, width, height] = /^(\d+)\s*x\s*(\d+)$/.exec(settings.get("Size") ?? "") ?? [];
  const model = settings.get("Model");
  const shift = number("Shift");
  const draft = draftWorkflow(
    {
      title,
      checkpoint: model ?? "Z-Image-Turbo",
      prompt: text,
      negativePrompt,
      size: width && height ? { width: Number(width), height: Number(height) } : "square_hd",
      pictures: number("Batch size") ?? 1,
      sampler: {
        ...present("seed", readSeed(settings.get("Seed") ?? 0)),
        ...present("steps", number("Steps")),
        ...present("guidance", number("CFG scale")),
        ...(names ?? {}),
      },
      loras,
      ...(shift === undefined ? {} : { shift }),
      save: {},
    },
    definitions,
    keptSettings(settings),
  );
  if (model === undefined) notes.push(chooseModel);
  for (const [name, value] of settings) {
    if (known.has(name) || silent.has(name)) continue;
    notes.push({
      code: "import-setting-not-taken",
      message: `The picture says "${name}: ${value}", which was not taken over.`,
      help: "It is kept in the file. Set it by hand if the picture needs it.",
      details: { cause: "picture", name, value },
    });
  }
  return {
    document: draft.document,
    report: settingsReport("a1111", draft, notes, {
      mapped: [...settings.keys()].filter((name) => known.has(name)).length + 1,
      kept: [...settings.keys()].filter((name) => !known.has(name)).length,
    }),
  };
}

export const chooseModel: ImportNote = {
  code: "import-model-guessed",
  message: "Which model file to use is not said; the name is a guess.",
  help: "Choose your checkpoint in Load Model.",
  nodeId: "model",
  field: "checkpoint",
};

/** `<lora:name:0.8>` in a prompt is a setting, not words. Nothing here takes longer than the text is long. */
function takeLoras(prompt: string): { text: string; loras: { name: string; weight: number }[] } {
  const loras: { name: string; weight: number }[] = [];
  const text = prompt.replace(
    /<lora:([^:<>]{1,500})(?::(-?[\d.]{1,20}))?(?::[^<>]{0,200})?>/g,
    (_, name: string, weight?: string) => {
      loras.push({ name: withExtension(name.trim()), weight: Number(weight ?? 1) || 0 });
      return "";
    },
  );
  return {
    text: loras.length > 0 ? withoutTrailingCommas(text.replace(/ {2,}/g, " ")).trim() : text,
    loras,
  };
}

function withoutTrailingCommas(text: string): string {
  let end = text.length;
  while (text[end - 1] === "," || text[end - 1] === " ") end--;
  return text.slice(0, end);
}

function withExtension(name: string): string {
  const path = name.replaceAll("\\", "/");
  return /\.(safetensors|gguf)$/i.test(path) ? path : `${path}.safetensors`;
}

function keptSettings(settings: ReadonlyMap<string, string>): Record<string, JsonValue> {
  const rest = [...settings].filter(([name]) => !known.has(name));
  return rest.length > 0 ? { a1111: Object.fromEntries(rest) } : {};
}

export function present(name: string, value: JsonValue | undefined): Record<string, JsonValue> {
  return value === undefined ? {} : { [name]: value };
}

function unquoted(value: string): string {
  if (!value.startsWith('"') || !value.endsWith('"') || value.length < 2) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}
