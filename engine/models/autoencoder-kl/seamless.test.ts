import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SessionPool } from "../../runtime/session-pool.ts";
import { TorchGenerator } from "../../sampling/noise.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";
import { Autoencoder } from "./autoencoder.ts";
import { parseAutoencoderConfig } from "./config.ts";

const folder = fileURLToPath(new URL("../../../resources/starter-model/base/vae", import.meta.url));
const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
afterAll(() => pool.dispose());

let whole: Autoencoder;
let inRows: Autoencoder;
beforeAll(async () => {
  const config = parseAutoencoderConfig(JSON.parse(await readFile(`${folder}/config.json`, "utf8")), folder);
  const weights = await openWeightFolder(folder);
  whole = new Autoencoder(weights, config, pool);
  inRows = new Autoencoder(weights, config, pool, { stripsAbovePixels: 1 });
});

/** `[channels, height, width]`, moved down and right. */
function rolled(planes: Float32Array, height: number, width: number, down: number, right: number): Float32Array {
  const moved = new Float32Array(planes.length);
  for (let i = 0; i < planes.length; i++) {
    const x = ((i % width) + right) % width;
    const y = ((Math.floor(i / width) % height) + down) % height;
    moved[(Math.floor(i / (width * height)) * height + y) * width + x] = planes[i]!;
  }
  return moved;
}

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

const size = { height: 6, width: 8 };
const latents = () => new TorchGenerator(3n).randn(whole.config.latentChannels * size.height * size.width);

test.each([
  [{ horizontal: true, vertical: false }, 0, 3],
  [{ horizontal: false, vertical: true }, 2, 0],
  [{ horizontal: true, vertical: true }, 2, 3],
] as const)(
  "decoding latents that are moved over the sides of %o moves the picture, and no more",
  async (seamless, down, right) => {
    const { height, width } = size;
    const decode = (z: Float32Array, around?: typeof seamless) => whole.decode(z, size, { seamless: around });
    const moved = rolled(latents(), height, width, down, right);
    const back = (picture: Float32Array) =>
      rolled(picture, 8 * height, 8 * width, 8 * (height - down), 8 * (width - right));
    expect(largestDifference(back(await decode(moved, seamless)), await decode(latents(), seamless))).toBeLessThan(
      1e-4,
    );
    expect(largestDifference(back(await decode(moved)), await decode(latents()))).toBeGreaterThan(0.05);
  },
);

test("encoding a picture that is moved over its sides moves the latents", async () => {
  const [height, width] = [48, 64];
  const seamless = { horizontal: true, vertical: true };
  const picture = new TorchGenerator(4n).randn(3 * height * width);
  const { mean } = await whole.encode(picture, { height, width }, { seamless });
  const moved = await whole.encode(rolled(picture, height, width, 16, 24), { height, width }, { seamless });
  expect(largestDifference(rolled(mean, 6, 8, 2, 3), moved.mean)).toBeLessThan(1e-4);
});

test("encoded in strips, the sides continue as they do when it is encoded at once", async () => {
  const [height, width] = [48, 64];
  const picture = new TorchGenerator(5n).randn(3 * height * width);
  for (const seamless of [{ horizontal: true, vertical: true }, { horizontal: true, vertical: false }, undefined]) {
    const atOnce = await whole.encode(picture, { height, width }, { seamless });
    const inStrips = await inRows.encode(picture, { height, width }, { seamless });
    // Latents have a deviation of about 1.
    expect(largestDifference(inStrips.mean, atOnce.mean)).toBeLessThan(0.02);
    expect(largestDifference(inStrips.logVariance, atOnce.logVariance)).toBeLessThan(0.1);
  }
});

test("decoded in strips, the sides continue as they do when it is decoded at once", async () => {
  const seamless = { horizontal: true, vertical: true };
  const atOnce = await whole.decode(latents(), size, { seamless });
  const inStrips = await inRows.decode(latents(), size, { seamless });
  // Half a step of 8-bit colours in the whole range of -1 to 1: strips are handed on in half precision.
  expect(largestDifference(inStrips, atOnce)).toBeLessThan(1 / 255);
});
