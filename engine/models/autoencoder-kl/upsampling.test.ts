import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { SessionPool } from "../../runtime/session-pool.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";
import { Autoencoder, type AutoencoderOptions } from "./autoencoder.ts";
import { parseAutoencoderConfig } from "./config.ts";
import { decoderGraph } from "./graph.ts";

const folder = fileURLToPath(new URL("../../../resources/starter-model/base/vae", import.meta.url));
const config = parseAutoencoderConfig(JSON.parse(await readFile(`${folder}/config.json`, "utf8")), folder);
const weights = await openWeightFolder(folder);
const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
afterAll(() => pool.dispose());

/** Odd sides, and so many rows that there are several strips of the least height. */
const size = { height: 13, width: 7 };
const latents = new TorchGenerator(5n).randn(config.latentChannels * size.height * size.width);

const around = { horizontal: true, vertical: true };
const inStrips: AutoencoderOptions = { stripsAbovePixels: 0, valuesOfStrips: 1 };

test.each([
  ["whole", {}, undefined],
  ["whole, its sides continuing", {}, around],
  ["in strips", inStrips, undefined],
  ["in strips, its sides continuing", inStrips, around],
] as const)(
  "convolving before doubling gives the picture that doubling first gives: %s",
  async (_, options, seamless) => {
    const decode = (upsampling: "nearest" | "subpixel") =>
      new Autoencoder(weights, config, pool, { ...options, upsampling }).decode(latents, size, { seamless });
    const [reference, picture] = [await decode("nearest"), await decode("subpixel")];
    expect(picture.length).toBe(3 * 8 * size.height * 8 * size.width);
    expect(Math.max(...reference)).toBeGreaterThan(0.3);
    const errors = picture.map((value, i) => Math.abs(value - reference[i]!));
    // Strips keep half precision between them, where the last digit of one may fall to either side.
    expect(Math.max(...errors)).toBeLessThan("valuesOfStrips" in options ? 4e-3 : 1e-5);
    expect(errors.reduce((sum, value) => sum + value, 0) / errors.length).toBeLessThan(
      "valuesOfStrips" in options ? 1e-4 : 1e-6,
    );
  },
);

test("the graph says which way it goes", () => {
  const operators = (upsampling?: "nearest" | "subpixel") =>
    ["Resize", "DepthToSpace"].filter((operator) =>
      Buffer.from(decoderGraph(weights, config, { upsampling }).encode()).includes(operator),
    );
  expect(operators()).toEqual(["DepthToSpace"]);
  expect(operators("subpixel")).toEqual(["DepthToSpace"]);
  expect(operators("nearest")).toEqual(["Resize"]);
});
