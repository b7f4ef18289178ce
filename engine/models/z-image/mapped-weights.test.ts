import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SessionPool, type SessionSettings } from "../../runtime/session-pool.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";
import { parseZImageConfig } from "./config.ts";
import { ZImageTransformer } from "./transformer.ts";

const folder = fileURLToPath(new URL("../../../test/golden/models/model_bf16/transformer", import.meta.url));

test("weights that are read and widened at every run give the numbers of those widened once", async () => {
  const config = parseZImageConfig(JSON.parse(await readFile(`${folder}/config.json`, "utf8")), folder);
  const weights = await openWeightFolder(folder);
  const size = { height: 8, width: 12 };
  const text = { embeddings: new TorchGenerator(2n).randn(20 * config.captionDim), tokens: 20 };
  const latent = new TorchGenerator(1n).randn(config.channels * size.height * size.width);
  const under = async (session: SessionSettings) => {
    const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
    const model = new ZImageTransformer(weights, config, pool, {
      ...{ plan: "reference", weights, layersPerSession: 1, session },
    });
    const output = await model.forward(latent, 0.25, await model.prepare(text, size));
    const bytes = pool.loadedBytes;
    await pool.dispose();
    return { output, bytes };
  };
  const mapped = await under({ mapped: true, releaseMemory: true });
  expect(mapped.bytes).toBe(0);
  const copied = await under({});
  expect(copied.bytes).toBeGreaterThan(0);
  // The reordered copy's products add up in another order.
  const largest = copied.output.reduce((most, value, i) => Math.max(most, Math.abs(value - mapped.output[i]!)), 0);
  expect(largest).toBeLessThan(1e-5);
});
