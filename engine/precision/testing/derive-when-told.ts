/**
 * A process that derives the weights of a linear layer as soon as it is sent anything, and says what is in them.
 *
 *     fork(derive-when-told.ts, [SOURCE, CACHE_FOLDER])
 */
import { createHash } from "node:crypto";
import { readTensorBytes } from "../../weights/read-tensor.ts";
import { openWeightFile } from "../../weights/weight-set.ts";
import { deriveWeights } from "../derive-weights.ts";

const [source = "", cacheFolder = ""] = process.argv.slice(2);
const path = "layers.0.attention.to_q";

process.once("message", async () => {
  const weights = await openWeightFile(source);
  const [outFeatures = 0, inFeatures = 0] = weights.tensors.get(`${path}.weight`)?.shape ?? [];
  const needs = { tensors: [`${path}.weight`], modules: [{ path, inFeatures, outFeatures, hasBias: false }] };
  let steps = 0;
  const { tensors } = await deriveWeights({
    ...{ source: weights, needs, plan: "h8", cacheFolder },
    onProgress: () => steps++,
  });
  const hash = createHash("sha256");
  for (const tensor of tensors.values()) hash.update(await readTensorBytes(tensor));
  process.send?.({ digest: hash.digest("hex"), hasWritten: steps > 0 });
  process.disconnect();
});
process.send?.("ready");
