import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { loraFeeds, noUpdates } from "../engine/models/lora-feeds.ts";
import { BlockEmitter } from "../engine/models/z-image/block-emitter.ts";
import { GraphBuilder } from "../engine/onnx/graph-builder.ts";
import { probeIntegerKernels } from "../engine/precision/integer-kernels.ts";
import { precisionPlans } from "../engine/precision/plan.ts";
import { createSession } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { realConfig } from "./random-shapes.ts";
import { normals, openRealBlock } from "./real-block.ts";
import { workFolder } from "./work-folder.ts";

/** The largest value of float16. */
const HALF_MAX = 65504;
const TOKENS = 96;
/** Grows the feed-forward's last activations with its third power. */
const GAIN = 64;

/** A real-shape block whose activations leave the range of float16: every plan must stay finite and near float32. */
export async function run(): Promise<Record<string, unknown>> {
  const { saturates } = await probeIntegerKernels();
  let reference: Float32Array | undefined;
  const plans: Record<string, unknown> = {};
  for (const plan of precisionPlans) {
    const session = { exactIntegers: saturates && (plan === "h8" || plan === "w16") };
    const block = await openRealBlock({ plan, tokens: TOKENS, weights: { gain: GAIN }, session });
    const update = (await block.run()).map((value, i) => value - block.input[i]!);
    await block.release();
    reference ??= update;
    plans[plan] = {
      finite: update.every(Number.isFinite),
      errorPercent: Number((100 * relativeError(update, reference)).toPrecision(3)),
    };
  }
  const largest = await largestActivation();
  return { largestActivation: largest, exceedsHalf: largest > HALF_MAX, plans };
}

/** Of the same block's feed-forward in float32, for normal inputs. */
async function largestActivation(): Promise<number> {
  const config = realConfig(3);
  const weights = await openWeightFile(join(await workFolder(), `block-gain-${GAIN}.safetensors`));
  const graph = new GraphBuilder("feed-forward");
  const emitter = new BlockEmitter(graph, weights, config);
  const x = graph.input("x", "float32", ["tokens", config.dim]);
  graph.output("y", emitter.feedForward("layers.1.feed_forward", x), "float32", ["tokens", config.dim]);
  const session = await createSession(graph.build());
  const { y } = await session.run({
    x: new ort.Tensor("float32", normals(TOKENS * config.dim), [TOKENS, config.dim]),
    ...loraFeeds(emitter.linears.modules, noUpdates),
  });
  await session.release();
  return (y!.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
