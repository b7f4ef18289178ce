import type { DefinitionLookup, NodeDefinition } from "../graph/definition.ts";
import { definition as accelerate } from "./accelerate/definition.ts";
import { definition as adjustColours } from "./adjust-colours/definition.ts";
import { definition as adjustMask } from "./adjust-mask/definition.ts";
import { definition as applyControlnet } from "./apply-controlnet/definition.ts";
import { definition as applyLora } from "./apply-lora/definition.ts";
import { definition as blurImage } from "./blur-image/definition.ts";
import { definition as booleanValue } from "./boolean/definition.ts";
import { definition as collectImages } from "./collect-images/definition.ts";
import { definition as combineImages } from "./combine-images/definition.ts";
import { definition as combineMasks } from "./combine-masks/definition.ts";
import { definition as compareImages } from "./compare-images/definition.ts";
import { definition as compositeImage } from "./composite-image/definition.ts";
import { definition as conditioningAverage } from "./conditioning-average/definition.ts";
import { definition as conditioningCombine } from "./conditioning-combine/definition.ts";
import { definition as conditioningNoise } from "./conditioning-noise/definition.ts";
import { definition as conditioningZero } from "./conditioning-zero/definition.ts";
import { definition as cropImage } from "./crop-image/definition.ts";
import { definition as cropToMask } from "./crop-to-mask/definition.ts";
import { definition as dataUri } from "./data-uri/definition.ts";
import { definition as eachImage } from "./each-image/definition.ts";
import { definition as expandPrompt } from "./expand-prompt/definition.ts";
import { definition as extractChannel } from "./extract-channel/definition.ts";
import { definition as imageGrid } from "./image-grid/definition.ts";
import { definition as imageSize } from "./image-size/definition.ts";
import { definition as imageToMask } from "./image-to-mask/definition.ts";
import { definition as inspectLora } from "./inspect-lora/definition.ts";
import { definition as integerValue } from "./integer/definition.ts";
import { definition as invertImage } from "./invert-image/definition.ts";
import { definition as joinText } from "./join-text/definition.ts";
import { definition as loadControlnet } from "./load-controlnet/definition.ts";
import { definition as loadDiffusionModel } from "./load-diffusion-model/definition.ts";
import { definition as loadFolder } from "./load-folder/definition.ts";
import { definition as loadImage } from "./load-image/definition.ts";
import { definition as loadLora } from "./load-lora/definition.ts";
import { definition as loadModel } from "./load-model/definition.ts";
import { definition as loadTextEncoder } from "./load-text-encoder/definition.ts";
import { definition as loadVae } from "./load-vae/definition.ts";
import { definition as loraFile } from "./lora-file/definition.ts";
import { definition as loraStack } from "./lora-stack/definition.ts";
import { definition as maskToImage } from "./mask-to-image/definition.ts";
import { definition as maths } from "./maths/definition.ts";
import { definition as mergeChannels } from "./merge-channels/definition.ts";
import { definition as mergeLoras } from "./merge-loras/definition.ts";
import { definition as modelSampling } from "./model-sampling/definition.ts";
import { definition as note } from "./note/definition.ts";
import { definition as numberValue } from "./number/definition.ts";
import { definition as numberList } from "./number-list/definition.ts";
import { definition as padImage } from "./pad-image/definition.ts";
import { definition as paintMask } from "./paint-mask/definition.ts";
import { definition as pickImage } from "./pick-image/definition.ts";
import { definition as pickInput } from "./pick-input/definition.ts";
import { definition as preprocessControl } from "./preprocess-control/definition.ts";
import { definition as preprocessWithModel } from "./preprocess-with-model/definition.ts";
import { definition as previewImage } from "./preview-image/definition.ts";
import { definition as prompt } from "./prompt/definition.ts";
import { definition as refineFaces } from "./refine-faces/definition.ts";
import { definition as repeatImage } from "./repeat-image/definition.ts";
import { definition as replaceText } from "./replace-text/definition.ts";
import { definition as reroute } from "./reroute/definition.ts";
import { definition as resizeImage } from "./resize-image/definition.ts";
import { definition as resizeLora } from "./resize-lora/definition.ts";
import { definition as rotateImage } from "./rotate-image/definition.ts";
import { definition as safetyCheck } from "./safety-check/definition.ts";
import { definition as sampler } from "./sampler/definition.ts";
import { definition as saveImage } from "./save-image/definition.ts";
import { definition as saveLora } from "./save-lora/definition.ts";
import { definition as seamlessTiling } from "./seamless-tiling/definition.ts";
import { definition as seedValue } from "./seed/definition.ts";
import { definition as setMask } from "./set-mask/definition.ts";
import { definition as shapeMask } from "./shape-mask/definition.ts";
import { definition as sharpenImage } from "./sharpen-image/definition.ts";
import { definition as sizeFromImage } from "./size-from-image/definition.ts";
import { definition as splitChannels } from "./split-channels/definition.ts";
import { definition as switchNode } from "./switch/definition.ts";
import { definition as textValue } from "./text/definition.ts";
import { definition as textList } from "./text-list/definition.ts";
import { definition as textTemplate } from "./text-template/definition.ts";
import { definition as upscaleImage } from "./upscale-image/definition.ts";
import { definition as upscaleWithModel } from "./upscale-with-model/definition.ts";
import { definition as vaeDecode } from "./vae-decode/definition.ts";
import { definition as vaeEncode } from "./vae-encode/definition.ts";
import { definition as wildcards } from "./wildcards/definition.ts";
import { definition as xyGrid } from "./xy-grid/definition.ts";

/** Every node there is, in the order in which lists show them. */
export const nodeDefinitions: readonly NodeDefinition[] = [
  loadModel,
  loadDiffusionModel,
  loadTextEncoder,
  loadVae,
  loadLora,
  loraStack,
  loraFile,
  mergeLoras,
  resizeLora,
  applyLora,
  inspectLora,
  loadControlnet,
  prompt,
  conditioningZero,
  conditioningAverage,
  conditioningCombine,
  conditioningNoise,
  applyControlnet,
  imageSize,
  sizeFromImage,
  sampler,
  modelSampling,
  accelerate,
  seamlessTiling,
  vaeDecode,
  vaeEncode,
  setMask,
  loadImage,
  loadFolder,
  blurImage,
  sharpenImage,
  adjustColours,
  splitChannels,
  mergeChannels,
  extractChannel,
  invertImage,
  rotateImage,
  preprocessControl,
  preprocessWithModel,
  combineImages,
  repeatImage,
  pickImage,
  imageGrid,
  xyGrid,
  resizeImage,
  cropImage,
  cropToMask,
  padImage,
  compositeImage,
  upscaleImage,
  upscaleWithModel,
  refineFaces,
  paintMask,
  shapeMask,
  imageToMask,
  maskToImage,
  adjustMask,
  combineMasks,
  safetyCheck,
  previewImage,
  compareImages,
  saveImage,
  saveLora,
  dataUri,
  textValue,
  numberValue,
  integerValue,
  booleanValue,
  seedValue,
  maths,
  joinText,
  replaceText,
  textTemplate,
  wildcards,
  expandPrompt,
  numberList,
  textList,
  eachImage,
  collectImages,
  switchNode,
  pickInput,
  reroute,
  note,
];

const byType = new Map(nodeDefinitions.map((definition) => [definition.type, definition]));

export const findDefinition: DefinitionLookup = (type) => byType.get(type);
