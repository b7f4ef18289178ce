import type { JsonValue } from "../../../document.ts";
import { isFields } from "../../fields.ts";
import type { ComfyNode } from "../graph.ts";
import { file, mapSimply, rule } from "./simple-rule.ts";
import type { MappingRule } from "./types.ts";

const loraPorts = { model: "model", textEncoder: "clip" };

export const loaderRules: readonly MappingRule[] = [
  rule(["CheckpointLoaderSimple", "CheckpointLoader"], {
    to: "load-model",
    params: { checkpoint: file("ckpt_name") },
    outputs: ["model", "textEncoder", "vae"],
    silent: ["config_name"],
  }),
  rule(["UNETLoader", "UnetLoaderGGUF", "UnetLoaderGGUFAdvanced", "DiffusionModelLoaderKJ"], {
    to: "load-diffusion-model",
    params: { diffusionModel: file("unet_name") },
    outputs: ["model"],
    // How ComfyUI holds weights in memory; Heddle chooses by itself.
    silent: ["weight_dtype", "dequant_dtype", "patch_dtype", "patch_on_device"],
  }),
  rule(["CLIPLoader", "CLIPLoaderGGUF"], {
    to: "load-text-encoder",
    params: { textEncoder: file("clip_name") },
    outputs: ["textEncoder"],
    // The kind of encoder is read from the file.
    silent: ["type", "device"],
  }),
  rule("VAELoader", { to: "load-vae", params: { vae: file("vae_name") }, outputs: ["vae"], silent: ["device"] }),
  rule("LoraLoaderModelOnly", {
    to: "load-lora",
    params: { lora: file("lora_name"), weight: "strength_model" },
    inputs: { model: "model" },
    outputs: ["model"],
  }),
  rule("LoraLoader", {
    to: "load-lora",
    params: { lora: file("lora_name"), weight: "strength_model" },
    inputs: loraPorts,
    outputs: ["model", "textEncoder"],
    silent: ["strength_clip"],
    notes: ({ values }) =>
      values.strength_clip === undefined || values.strength_clip === values.strength_model
        ? []
        : [
            {
              code: "import-lora-strengths",
              message: `The LoRA had the strength ${show(values.strength_clip)} for the text encoder; the weight ${show(values.strength_model)} is used for both.`,
              help: "LoRAs for Z-Image leave the text encoder alone, so this seldom matters.",
              field: "weight",
              details: { textEncoder: show(values.strength_clip), weight: show(values.strength_model) },
            },
          ],
  }),
  { classes: ["Power Lora Loader (rgthree)"], map: mapPowerLoraLoader },
  { classes: ["Lora Loader Stack (rgthree)"], map: mapLoraLoaderStack },
];

/** Its rows are objects `{ on, lora, strength }`: in a list in the editor's format, as `lora_1`, `lora_2` in the API's. */
function mapPowerLoraLoader(node: ComfyNode) {
  const rows = [...Object.entries(node.values), ...node.unnamed.map((row): [string, JsonValue] => ["", row])];
  const loras = rows.flatMap(([, row]) => {
    if (!isFields(row) || typeof row.lora !== "string" || row.lora === "" || row.lora === "None") return [];
    return [
      {
        name: row.lora.replaceAll("\\", "/"),
        weight: typeof row.strength === "number" ? row.strength : 1,
        enabled: row.on !== false,
      },
    ];
  });
  return mapSimply(node, {
    to: "lora-stack",
    fixed: { loras },
    inputs: loraPorts,
    outputs: ["model", "textEncoder"],
    silent: Object.keys(node.values),
  });
}

/** Four files with a strength each; "None" leaves a place empty. */
function mapLoraLoaderStack(node: ComfyNode) {
  const loras = ["01", "02", "03", "04"].flatMap((number) => {
    const name = node.values[`lora_${number}`];
    const weight = node.values[`strength_${number}`];
    if (typeof name !== "string" || name === "" || name === "None") return [];
    return [{ name: name.replaceAll("\\", "/"), weight: typeof weight === "number" ? weight : 1, enabled: true }];
  });
  return mapSimply(node, {
    to: "lora-stack",
    fixed: { loras },
    inputs: loraPorts,
    outputs: ["model", "textEncoder"],
    silent: Object.keys(node.values),
  });
}

function show(value: JsonValue | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
