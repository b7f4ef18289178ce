import type { DefinitionLookup, NodeDefinition } from "../graph/definition.ts";
import { definition as imageSize } from "./image-size/definition.ts";
import { definition as loadModel } from "./load-model/definition.ts";
import { definition as note } from "./note/definition.ts";
import { definition as previewImage } from "./preview-image/definition.ts";
import { definition as prompt } from "./prompt/definition.ts";
import { definition as sampler } from "./sampler/definition.ts";
import { definition as saveImage } from "./save-image/definition.ts";
import { definition as vaeDecode } from "./vae-decode/definition.ts";

/** Every node there is, in the order in which lists show them. */
export const nodeDefinitions: readonly NodeDefinition[] = [
  loadModel,
  prompt,
  imageSize,
  sampler,
  vaeDecode,
  previewImage,
  saveImage,
  note,
];

const byType = new Map(nodeDefinitions.map((definition) => [definition.type, definition]));

export const findDefinition: DefinitionLookup = (type) => byType.get(type);
