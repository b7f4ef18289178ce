import { type BuiltModel, GraphBuilder, type Value } from "../../onnx/graph-builder.ts";
import type { PrecisionPlan } from "../../precision/plan.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import type { LinearModule } from "../linear-module.ts";
import { BlockEmitter, type BlockForms } from "./block-emitter.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";

/**
 * Graphs of Z-Image's single-stream diffusion transformer (`ZImageTransformer2DModel`; reference: Tongyi-MAI/Z-Image
 * src/zimage/transformer.py). One sample at a time, activations as `[tokens, width]`.
 *
 * The transformer is cut into segments that run one after the other:
 *
 * - `caption`: text features to refined caption tokens. The same at every step, so it runs once per prompt.
 * - `layers from..to`: a run of the main layers; the first one also embeds time and patches, the last one also makes
 *   the output. A small model has one such segment; a large one has one per block, which bounds memory and gives
 *   points where a run can be cancelled.
 */
export interface TransformerGraph extends BuiltModel {
  /** The linear layers in this graph, whose LoRA inputs it takes. */
  readonly modules: readonly LinearModule[];
  /** Names of the tensors it takes. */
  readonly tensors: readonly string[];
}

/** Text features `[caption, captionDim]` to caption tokens `[caption, dim]`. */
export function captionGraph(set: WeightSet, config: ZImageConfig, plan: PrecisionPlan): TransformerGraph {
  const graph = new GraphBuilder("z-image caption");
  // So few tokens that their attention takes next to nothing.
  const emitter = new BlockEmitter(graph, set, config, { plan });
  const { linears } = emitter;
  const features = graph.input("features", "float32", ["caption", config.captionDim]);
  const isPadding = graph.input("is_padding", "bool", ["caption", 1]);
  const rotary = emitter.rotaryInputs("rotary", "caption");
  const normed = emitter.rmsNorm(features, "cap_embedder.0", config.captionDim);
  const embedded = linears.linear("cap_embedder.1", normed, config.captionDim, config.dim, { bias: true });
  let x = emitter.withPadding(embedded, isPadding, "cap_pad_token");
  for (let i = 0; i < config.refinerLayers; i++) x = emitter.block(`context_refiner.${i}`, x, rotary);
  graph.output("caption", x, "float32", ["caption", config.dim]);
  return finished(emitter);
}

function finished({ graph, linears, weights }: BlockEmitter): TransformerGraph {
  return { ...graph.build(), modules: linears.modules, tensors: [...weights.used] };
}

export interface LayerRange {
  /** First main layer. */
  readonly from: number;
  /** One past the last main layer; `from` itself for a segment that only embeds, or only makes the output. */
  readonly to: number;
  /** It starts with the first layer, but takes tokens that another segment has embedded. */
  readonly isEmbedded?: boolean;
  /** It ends with the last layer, but leaves the output to another segment. */
  readonly givesHidden?: boolean;
}

/** Whether a segment embeds the inputs (it has the first layer) and makes the output (it has the last). */
export const isFirst = ({ from, isEmbedded }: LayerRange): boolean => from === 0 && isEmbedded !== true;
export const isLast = ({ to, givesHidden }: LayerRange, config: ZImageConfig): boolean =>
  to === config.layers && givesHidden !== true;

/**
 * Main layers `from` to `to`.
 *
 * First segment: inputs `patches` `[image, 64]`, `is_padding` `[image, 1]`, `caption` `[caption, dim]`, `time` `[1, 256]`.
 * Later segments: `hidden` `[tokens, dim]` and `time_embedding` `[1, adalnDim]` of the segment before.
 * Last segment: output `patches_out` `[image, 64]`.
 * A segment that only embeds also gives `modulated_out` `[tokens, dim]`: what the first layer's attention would see.
 *
 * With `control`, layer i also takes `control.i`, added to its output (`[tokens, dim]`, or anything that broadcasts).
 */
export function layersGraph(
  set: WeightSet,
  config: ZImageConfig,
  range: LayerRange,
  options: BlockForms & { readonly control: boolean },
): TransformerGraph {
  const graph = new GraphBuilder(`z-image layers ${range.from} to ${range.to}`);
  const emitter = new BlockEmitter(graph, set, config, options);
  let time: Value;
  let x: Value;
  const rotary = emitter.rotaryInputs("rotary", "tokens");
  if (isFirst(range)) {
    const patches = graph.input("patches", "float32", ["image", PATCH * PATCH * config.channels]);
    const isPadding = graph.input("is_padding", "bool", ["image", 1]);
    const caption = graph.input("caption", "float32", ["caption", config.dim]);
    const imageRotary = emitter.rotaryInputs("image_rotary", "image");
    time = emitter.timeEmbedding(graph.input("time", "float32", [1, TIME_FEATURES]));
    x = graph.op("Concat", [emitter.imageTokens(patches, isPadding, imageRotary, time), caption], { axis: 0 });
  } else {
    x = graph.input("hidden", "float32", ["tokens", config.dim]);
    time = graph.input("time_embedding", "float32", [1, config.adalnDim]);
  }
  for (let i = range.from; i < range.to; i++) {
    x = emitter.block(`layers.${i}`, x, rotary, time);
    if (options.control)
      x = graph.op("Add", [x, graph.input(`control.${i}`, "float32", [`control ${i}`, `width ${i}`])]);
  }
  if (isLast(range, config)) {
    // The caption's tokens come after the image's; only the latter become pixels.
    graph.output("patches_out", emitter.finalLayer(x, time), "float32", ["tokens", PATCH * PATCH * config.channels]);
  } else {
    graph.output("hidden_out", x, "float32", ["tokens", config.dim]);
    if (isFirst(range)) graph.output("time_embedding_out", time, "float32", [1, config.adalnDim]);
    if (isFirst(range) && range.to === 0) {
      graph.output("modulated_out", emitter.modulatedInput("layers.0", x, time), "float32", ["tokens", config.dim]);
    }
  }
  return finished(emitter);
}
