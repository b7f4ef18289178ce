import type { NodeDefinition } from "../../graph/definition.ts";

export const definition: NodeDefinition = {
  type: "load-text-encoder",
  version: 1,
  title: "Load Text Encoder",
  category: "loaders",
  description:
    "Opens the text encoder alone: a Qwen3 single file as ComfyUI uses them (safetensors or GGUF), or the text_encoder folder of a checkpoint. The tokenizer of a single file is looked for beside it and in the models folders.",
  aliases: ["CLIPLoader", "CLIPLoaderGGUF", "Qwen3", "text_encoders", "tokenizer", "loader"],
  inputs: [],
  outputs: [{ name: "textEncoder", type: "textEncoder", label: "Text encoder" }],
  params: [
    {
      kind: "model",
      name: "textEncoder",
      label: "Text encoder",
      description: "A file in text_encoders, or a text_encoder folder.",
      modelKind: "textEncoder",
      default: "starter/base/text_encoder",
    },
  ],
};
