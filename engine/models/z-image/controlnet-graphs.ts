import { GraphBuilder } from "../../onnx/graph-builder.ts";
import type { GraphNeeds } from "../../precision/derived-layout.ts";
import type { WeightSet } from "../../weights/weight-set.ts";
import { BlockEmitter, type BlockForms } from "./block-emitter.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "./config.ts";
import type { ControlNetConfig } from "./controlnet-config.ts";
import type { TransformerGraph } from "./graph.ts";

/**
 * Graphs of a Z-Image ControlNet (reference: diffusers models/controlnets/controlnet_z_image.py), one for each block, which
 * bounds memory as it does for the transformer. No graph takes weights of both models: their files may lie apart.
 */
interface GraphSource extends BlockForms {
  readonly weights: WeightSet;
  readonly config: ZImageConfig;
}

function emitterOf(name: string, { weights, config, ...forms }: GraphSource): BlockEmitter {
  return new BlockEmitter(new GraphBuilder(name), weights, config, forms);
}

function finished({ graph, linears, weights }: BlockEmitter): TransformerGraph {
  return { ...graph.build(), modules: linears.modules, tensors: [...weights.used] };
}

/** Patches of the control input, `control_patches` `[image, 4 * channels]`, to tokens `control` `[image, dim]`. */
export function controlEmbedderGraph(own: GraphSource, channels: number): TransformerGraph {
  const emitter = emitterOf("z-image controlnet embedder", own);
  const { graph, linears, config } = emitter;
  const features = PATCH * PATCH * channels;
  const patches = graph.input("control_patches", "float32", ["image", features]);
  const path = `control_all_x_embedder.${PATCH}-1`;
  graph.output("control", linears.linear(path, patches, features, config.dim, { bias: true }), "float32", [
    "image",
    config.dim,
  ]);
  return finished(emitter);
}

/**
 * What the transformer embeds: `patches`, `is_padding` and `time` as its first segment takes them, and the `control` tokens,
 * which get its pad token; to `hidden`, `control_out` and `time_embedding`.
 */
export function sharedEmbedderGraph(transformer: GraphSource): TransformerGraph {
  const emitter = emitterOf("z-image controlnet shared embedder", transformer);
  const { graph, config } = emitter;
  const { dim, channels, adalnDim } = config;
  const patches = graph.input("patches", "float32", ["image", PATCH * PATCH * channels]);
  const isPadding = graph.input("is_padding", "bool", ["image", 1]);
  const control = graph.input("control", "float32", ["image", dim]);
  const time = emitter.timeEmbedding(graph.input("time", "float32", [1, TIME_FEATURES]));
  graph.output("hidden", emitter.embeddedPatches(patches, isPadding), "float32", ["image", dim]);
  graph.output("control_out", emitter.withPadding(control, isPadding, "x_pad_token"), "float32", ["image", dim]);
  graph.output("time_embedding", time, "float32", [1, adalnDim]);
  return finished(emitter);
}

/** The transformer's noise refiner `index`, with a `hint` (or anything that broadcasts) added: `hidden` to `hidden_out`. */
export function sharedRefinerGraph(transformer: GraphSource, index: number): TransformerGraph {
  const emitter = emitterOf(`z-image controlnet shared refiner ${index}`, transformer);
  const { graph, config } = emitter;
  const hidden = graph.input("hidden", "float32", ["tokens", config.dim]);
  const hint = graph.input("hint", "float32", ["hints", "width"]);
  const time = graph.input("time_embedding", "float32", [1, config.adalnDim]);
  const refined = emitter.block(`noise_refiner.${index}`, hidden, emitter.rotaryInputs("rotary", "tokens"), time);
  graph.output("hidden_out", graph.op("Add", [refined, hint]), "float32", ["tokens", config.dim]);
  return finished(emitter);
}

/** A block of the ControlNet's own. */
export interface ControlBlock {
  readonly path: string;
  /** It also sees the transformer's tokens, `hidden`. */
  readonly seesHidden: boolean;
  /** It gives a `hint`, times `strength` `[1]`. */
  readonly givesHint: boolean;
}

/** The ControlNet's blocks: for the noise refiner, and for the main layers. */
export function controlBlocks(net: ControlNetConfig): { refiner: ControlBlock[]; layers: ControlBlock[] } {
  const blocks = (name: string, count: number, givesHint: boolean) =>
    Array.from({ length: count }, (_, i): ControlBlock => {
      return { path: `${name}.${i}`, seesHidden: givesHint && i === 0, givesHint };
    });
  const layers = blocks("control_layers", net.layerPlaces.length, true);
  const refiner =
    net.refiner === "control_layers"
      ? layers
      : blocks("control_noise_refiner", net.refinerLayers, net.refiner === "control_noise_refiner");
  return { refiner, layers };
}

/** One block: `control` `[tokens, dim]` to `control_out`, and its hint. */
export function controlBlockGraph(own: GraphSource, { path, seesHidden, givesHint }: ControlBlock): TransformerGraph {
  const emitter = emitterOf(`z-image controlnet ${path}`, own);
  const { graph, linears, config } = emitter;
  const { dim, adalnDim } = config;
  let control = graph.input("control", "float32", ["tokens", dim]);
  const time = graph.input("time_embedding", "float32", [1, adalnDim]);
  if (seesHidden) {
    const projected = linears.linear(`${path}.before_proj`, control, dim, dim, { bias: true });
    control = graph.op("Add", [projected, graph.input("hidden", "float32", ["tokens", dim])]);
  }
  const out = emitter.block(path, control, emitter.rotaryInputs("rotary", "tokens"), time);
  graph.output("control_out", out, "float32", ["tokens", dim]);
  if (givesHint) {
    const hint = linears.linear(`${path}.after_proj`, out, dim, dim, { bias: true });
    const scaled = graph.op("Mul", [hint, graph.input("strength", "float32", [1])]);
    graph.output("hint", scaled, "float32", ["tokens", dim]);
  }
  return finished(emitter);
}

/** What a ControlNet's graphs take from its weights. */
export function controlNetNeeds(weights: WeightSet, config: ZImageConfig, net: ControlNetConfig): GraphNeeds {
  const source: GraphSource = { weights, config };
  const { refiner, layers } = controlBlocks(net);
  const graphs = [
    controlEmbedderGraph(source, net.channels),
    ...[...new Set([...refiner, ...layers])].map((block) => controlBlockGraph(source, block)),
  ];
  return {
    tensors: [...new Set(graphs.flatMap(({ tensors }) => tensors))],
    modules: graphs.flatMap(({ modules }) => modules),
  };
}
