import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, it, onTestFinished, vi } from "vitest";
import { HeddleError } from "../../../common/errors.ts";
import { encodeSafetensors, type TestTensor } from "../../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { SessionPool } from "../../runtime/session-pool.ts";
import { readFloats } from "../../weights/read-tensor.ts";
import { openWeightFile, openWeightFolder } from "../../weights/weight-set.ts";
import { Autoencoder, type AutoencoderOptions } from "./autoencoder.ts";
import { parseAutoencoderConfig } from "./config.ts";
import type { StripStorage } from "./graph.ts";
import { StripPlane } from "./strip-plane.ts";

const starterVae = join(import.meta.dirname, "../../../resources/starter-model/base/vae");
vi.setConfig({ testTimeout: 60_000 });
const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
afterAll(() => pool.dispose());

const [height, width] = [416, 128];
const picture = { height, width };
/** Strips of a few rows: some twenty of them at the full size. */
const inStrips: AutoencoderOptions = { stripsAbovePixels: 0, valuesOfStrips: 2 ** 18 };

async function starter(options?: AutoencoderOptions): Promise<Autoencoder> {
  const config = parseAutoencoderConfig(
    JSON.parse(await readFile(join(starterVae, "config.json"), "utf8")),
    starterVae,
  );
  return new Autoencoder(await openWeightFolder(starterVae), config, pool, options);
}

const latentSize = ({ config: { downscale } }: Autoencoder) => ({
  height: height / downscale,
  width: width / downscale,
});

const differences = (actual: Float32Array, expected: Float32Array): Float32Array =>
  actual.map((value, i) => Math.abs(value - expected[i]!));
const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, value), 0);

it("a picture decoded in strips is the whole one, also where strips differ in what they show", async () => {
  const vae = await starter();
  const { mean: z } = await vae.encode(discs(height, width), picture);
  const size = latentSize(vae);
  const whole = await vae.decode(z, size);
  const lean = await starter(inStrips);
  const strips = await lean.decode(z, size);
  await expect(lean.decode(z, size, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  // Planes go from -1 to 1, so half of a difference is one of 8-bit pictures' 0 to 1.
  const halves = differences(strips, whole).map((value) => value / 2);
  expect(mean(halves)).toBeLessThan(0.1 / 255);
  expect(largest(halves)).toBeLessThan(0.5 / 255);
});

it("a picture encoded in strips gives the latents of the whole one, next to seams as anywhere else", async () => {
  const vae = await starter();
  const whole = await vae.encode(discs(height, width), picture);
  const lean = await starter(inStrips);
  const strips = await lean.encode(discs(height, width), picture);
  const aborted = { signal: AbortSignal.abort() };
  await expect(lean.encode(discs(height, width), picture, aborted)).rejects.toMatchObject({ code: "cancelled" });
  const spread = Math.sqrt(mean(whole.mean.map((value) => value ** 2)));
  const errors = differences(strips.mean, whole.mean);
  expect(mean(errors)).toBeLessThan(0.002 * spread);
  expect(largest(errors)).toBeLessThan(0.02 * spread);
  expect(largest(differences(strips.logVariance, whole.logVariance))).toBeLessThan(0.1);
});

it("where memory does not suffice for the whole, strips take its place, then and for later pictures of that size", async () => {
  const vae = await starter();
  const [picture, size] = [
    { height: 96, width: 64 },
    { height: 12, width: 8 },
  ];
  const image = discs(96, 64);
  const whole = await vae.encode(image, picture);
  const expected = await vae.decode(whole.mean, size);
  await pool.dispose();
  const use = pool.use.bind(pool);
  const tried: string[] = [];
  const spy = vi.spyOn(pool, "use").mockImplementation(async (key, build, work) => {
    const part = key.split("/").at(-1)!;
    if (part !== "encoder" && part !== "decoder") return use(key, build, work);
    // It was made and has run: what it holds is given back.
    await use(key, build, async () => undefined);
    tried.push(part);
    throw new HeddleError({ code: "out-of-memory", message: "No memory.", help: "Choose a smaller picture." });
  });
  onTestFinished(() => spy.mockRestore());
  for (const part of ["encoder", "decoder"] as const) {
    const short = await starter({ valuesOfStrips: 2 ** 16 });
    const told = vi.fn();
    for (let i = 0; i < 2; i++) {
      const options = { onShortOfMemory: told };
      if (part === "encoder") {
        const { mean: latents } = await short.encode(image, picture, options);
        expect(largest(differences(latents, whole.mean))).toBeLessThan(0.05);
      } else {
        const decoded = await short.decode(whole.mean, size, options);
        expect(largest(differences(decoded, expected))).toBeLessThan(1 / 255);
      }
    }
    expect(told).toHaveBeenCalledTimes(1);
    expect(pool.has(`vae/${short.fingerprint}/${part}`)).toBe(false);
  }
  expect(tried).toEqual(["encoder", "decoder"]);
});

it("values beyond half precision are kept in float32 between strips", async () => {
  const folder = await temporaryFolder();
  const tensors: Record<string, TestTensor> = {};
  for (const [name, tensor] of (await openWeightFolder(starterVae)).tensors) {
    const data = await readFloats(tensor);
    const isLarge = /^(decoder\.up_blocks\.0\.upsamplers|encoder\.down_blocks\.0\.downsamplers)\./.test(name);
    tensors[name] = { shape: tensor.shape, data: isLarge ? data.map((value) => value * 1e6) : data };
  }
  const weights = await openWeightFile(await folder.write("vae.safetensors", encodeSafetensors(tensors)));
  const { config } = await starter();
  const size = { height: 8, width: 8 };
  const image = discs(64, 64);
  const vae = new Autoencoder(weights, config, pool);
  const { mean: z } = await vae.encode(image, { height: 64, width: 64 });
  const whole = await vae.decode(z, size);
  const lean = new Autoencoder(weights, config, pool, inStrips);
  expect(largest(differences(await lean.decode(z, size), whole))).toBeLessThan(0.5 / 255);
  const encoder = new Autoencoder(weights, config, pool, inStrips);
  const latents = await encoder.encode(image, { height: 64, width: 64 });
  expect(largest(differences(latents.mean, z))).toBeLessThan(0.02);
});

/** Discs of different colours above, a slow gradient alone below: Float32Array `[3, height, width]` in [-1, 1]. */
function discs(height: number, width: number): Float32Array {
  return Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const channel = Math.floor(i / (height * width));
    const [y, x] = [Math.floor(i / width) % height, i % width];
    const disc = Math.floor(x / 64) + 7 * Math.floor(y / 80);
    const isInside = y < height / 2 && Math.hypot((x % 64) - 32, (y % 80) - 40) < 26;
    return isInside ? Math.sin(disc * 1.7 + channel * 2.1) : 0.8 * Math.sin(channel + y / 400);
  });
}

it.each<StripStorage>(["float32", "float16"])(
  "gives rows across strips, and what is beyond the picture: %s",
  (storage) => {
    const plane = new StripPlane({ channels: 2, height: 3, width: 1 }, 2, storage);
    const strip = (values: number[], rows: number) =>
      ({
        data: storage === "float32" ? Float32Array.from(values) : Uint16Array.from(values),
        dims: [1, 2, rows, 1],
      }) as never;
    plane.push(strip([1, 2, 11, 12], 2));
    plane.push(strip([3, 13], 1));
    expect([...(plane.rows(-1, 4, false).data as Float32Array)]).toEqual([0, 1, 2, 3, 0, 0, 11, 12, 13, 0]);
    expect([...(plane.rows(-1, 4, true).data as Float32Array)]).toEqual([3, 1, 2, 3, 1, 13, 11, 12, 13, 11]);
    plane.dropBefore(2);
    expect([...(plane.rows(2, 3, false).data as Float32Array)]).toEqual([3, 13]);
  },
);
