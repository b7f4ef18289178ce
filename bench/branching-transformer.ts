import * as ort from "onnxruntime-node";
import { loraFeeds, noUpdates } from "../engine/models/lora-feeds.ts";
import { BlockEmitter } from "../engine/models/z-image/block-emitter.ts";
import { PATCH, TIME_FEATURES, type ZImageConfig } from "../engine/models/z-image/config.ts";
import type { TransformerGraph } from "../engine/models/z-image/graph.ts";
import { patchify, timeFeatures, unpatchify } from "../engine/models/z-image/tokens.ts";
import type { PreparedRun } from "../engine/models/z-image/transformer.ts";
import { type BuiltModel, GraphBuilder } from "../engine/onnx/graph-builder.ts";
import type { Feeds, SessionPool } from "../engine/runtime/session-pool.ts";
import type { WeightSet } from "../engine/weights/weight-set.ts";

/**
 * First Block Cache with the decision in the graph: one session, whose `If` runs the layers after the first or adds what they
 * added before. Only to be measured against sessions that are cut there (`ZImageTransformer`).
 */
export class BranchingTransformer {
  readonly #config: ZImageConfig;
  readonly #pool: SessionPool;
  readonly #graph: TransformerGraph;
  #first: ort.Tensor | undefined;
  #residual: ort.Tensor | undefined;

  constructor(weights: WeightSet, config: ZImageConfig, pool: SessionPool) {
    this.#config = config;
    this.#pool = pool;
    this.#graph = branchingGraph(weights, config);
  }

  async forward(latent: Float32Array, time: number, run: PreparedRun, threshold: number): Promise<Float32Array> {
    const { channels, dim } = this.#config;
    const { shape } = run;
    const tokens = shape.paddedImageTokens + shape.paddedCaptionTokens;
    const nothing = () => new ort.Tensor("float32", new Float32Array(tokens * dim), [tokens, dim]);
    const feeds: Feeds = {
      ...run.feeds,
      ...run.rotary,
      ...loraFeeds(this.#graph.modules, noUpdates),
      patches: new ort.Tensor("float32", patchify(latent, channels, shape), [
        shape.paddedImageTokens,
        PATCH * PATCH * channels,
      ]),
      time: new ort.Tensor("float32", timeFeatures(this.#config, time), [1, TIME_FEATURES]),
      known_first: this.#first ?? nothing(),
      known_residual: this.#residual ?? nothing(),
      threshold: new ort.Tensor("float32", Float32Array.of(threshold), []),
    };
    const results = await this.#pool.use(
      "branching",
      (): BuiltModel => this.#graph,
      (session) => session.run(feeds),
    );
    this.#first ??= results.first!;
    this.#residual = results.residual!;
    return unpatchify(results.patches_out!.data as Float32Array, channels, shape);
  }
}

function branchingGraph(weights: WeightSet, config: ZImageConfig): TransformerGraph {
  const graph = new GraphBuilder("z-image with a branch");
  const emitter = new BlockEmitter(graph, weights, config);
  const shape = ["tokens", config.dim];
  const rotary = emitter.rotaryInputs("rotary", "tokens");
  const patches = graph.input("patches", "float32", ["image", PATCH * PATCH * config.channels]);
  const isPadding = graph.input("is_padding", "bool", ["image", 1]);
  const caption = graph.input("caption", "float32", ["caption", config.dim]);
  const imageRotary = emitter.rotaryInputs("image_rotary", "image");
  const time = emitter.timeEmbedding(graph.input("time", "float32", [1, TIME_FEATURES]));
  const knownFirst = graph.input("known_first", "float32", shape);
  const knownResidual = graph.input("known_residual", "float32", shape);
  const threshold = graph.input("threshold", "float32", []);
  const embedded = graph.op("Concat", [emitter.imageTokens(patches, isPadding, imageRotary, time), caption], {
    axis: 0,
  });
  const begun = emitter.block("layers.0", embedded, rotary, time);
  const first = graph.op("Sub", [begun, embedded]);
  const size = (value: typeof first) => graph.op("ReduceMean", [graph.op("Abs", [value])], { keepdims: 0 });
  const change = graph.op("Div", [size(graph.op("Sub", [first, knownFirst])), size(knownFirst)]);
  const [after] = graph.ops("If", [graph.op("Less", [change, threshold])], 1, {
    then_branch: { graph: graph.subgraph("reuse", shape, () => graph.op("Add", [begun, knownResidual])) },
    else_branch: {
      graph: graph.subgraph("run", shape, () => {
        let x = begun;
        for (let i = 1; i < config.layers; i++) x = emitter.block(`layers.${i}`, x, rotary, time);
        return x;
      }),
    },
  });
  graph.output("patches_out", emitter.finalLayer(after!, time), "float32", ["tokens", PATCH * PATCH * config.channels]);
  graph.output("residual", graph.op("Sub", [after!, begun]), "float32", shape);
  graph.output("first", first, "float32", shape);
  return { ...graph.build(), modules: emitter.linears.modules, tensors: [...emitter.weights.used] };
}
