import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { SessionPool } from "../../runtime/session-pool.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";
import { parseZImageConfig } from "./config.ts";
import { ZImageTransformer } from "./transformer.ts";

const folder = fileURLToPath(new URL("../../../test/golden/models/model_bf16/transformer", import.meta.url));

test("both passes of guidance share what comes before the caption where its length allows it, and nothing else", async () => {
  const config = parseZImageConfig(JSON.parse(await readFile(`${folder}/config.json`, "utf8")), folder);
  const weights = await openWeightFolder(folder);
  const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
  const embeddings = vi.spyOn(pool, "use");
  const ran = () => embeddings.mock.calls.filter(([key]) => key.endsWith("layers/0-0")).length;
  const open = () => new ZImageTransformer(weights, config, pool, { plan: "reference", weights, layersPerSession: 1 });
  const size = { height: 8, width: 12 };
  const latent = (seed: bigint) => new TorchGenerator(seed).randn(config.channels * size.height * size.width);
  const text = (tokens: number) => ({ embeddings: new TorchGenerator(9n).randn(tokens * config.captionDim), tokens });
  const alone = async (tokens: number, seed: bigint, time: number) => {
    const model = open();
    return model.forward(latent(seed), time, await model.prepare(text(tokens), size));
  };
  const model = open();
  const [first, second, longer] = [
    await model.prepare(text(20), size),
    await model.prepare(text(7), size),
    await model.prepare(text(40), size),
  ];
  const before = ran();
  const results = [await model.forward(latent(1n), 0.25, first), await model.forward(latent(1n), 0.25, second)];
  expect(ran() - before).toBe(1);
  // Another length, another latent, another time: each is embedded anew.
  results.push(await model.forward(latent(1n), 0.25, longer));
  results.push(await model.forward(latent(2n), 0.25, longer));
  results.push(await model.forward(latent(2n), 0.5, longer));
  expect(ran() - before).toBe(4);
  expect(results).toEqual([
    await alone(20, 1n, 0.25),
    await alone(7, 1n, 0.25),
    await alone(40, 1n, 0.25),
    await alone(40, 2n, 0.25),
    await alone(40, 2n, 0.5),
  ]);
  await pool.dispose();
});
