import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pseudoRandom } from "../../../test/support/encode-safetensors.ts";
import { SessionPool } from "../../runtime/session-pool.ts";

import { openWeightFolder } from "../../weights/weight-set.ts";
import { Autoencoder } from "./autoencoder.ts";
import { parseAutoencoderConfig } from "./config.ts";
import { decodeInTiles, reduced, type TiledSource, tilesOf } from "./tiling.ts";

const starterVae = join(import.meta.dirname, "../../../resources/starter-model/base/vae");

describe("tilesOf", () => {
  it.each([8, 64, 65, 128, 129, 256, 500])(
    "covers %i latent pixels with overlapping tiles that end at its end",
    (length) => {
      const { tile, starts } = tilesOf(length);
      expect(tile).toBeLessThanOrEqual(64);
      expect(starts[0]).toBe(0);
      expect(starts.at(-1)! + tile).toBe(length);
      for (const [i, start] of starts.slice(1).entries()) expect(starts[i]! + tile - start).toBeGreaterThanOrEqual(11);
    },
  );
});

describe("decodeInTiles", () => {
  it("gives exactly the picture when the decoder is local", async () => {
    const [height, width, scale] = [80, 150, 2];
    const values = Float32Array.from({ length: height * width }, pseudoRandom(1));
    const enlarge = async (part: TiledSource) =>
      Float32Array.from({ length: part.values.length * scale * scale }, (_, i) => {
        const y = Math.floor(i / (part.width * scale));
        const x = i % (part.width * scale);
        return part.values[Math.floor(y / scale) * part.width + Math.floor(x / scale)]!;
      });
    const source = { values, channels: 1, height, width };
    const tiled = await decodeInTiles(source, { planes: 1, scale }, enlarge);
    const whole = await enlarge(source);
    expect(Math.max(...tiled.map((value, i) => Math.abs(value - whole[i]!)))).toBeLessThan(1e-6);
  });
});

describe("reduced", () => {
  it("keeps every second row and column of a source twice as long", () => {
    const [height, width] = [128, 128];
    const values = Float32Array.from({ length: 2 * height * width }, (_, i) => i);
    const { values: picked, ...size } = reduced({ values, channels: 2, height, width });
    expect(size).toEqual({ channels: 2, height: 64, width: 64 });
    expect(picked[0]).toBe(width + 1);
    expect(picked[1]).toBe(width + 3);
    expect(picked[64]).toBe(3 * width + 1);
    expect(picked[64 * 64]).toBe(height * width + width + 1);
  });
});

it("a picture decoded in tiles differs from the whole one by less than 1/255 on average", async () => {
  const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
  const config = parseAutoencoderConfig(
    JSON.parse(await readFile(join(starterVae, "config.json"), "utf8")),
    starterVae,
  );
  const weights = await openWeightFolder(starterVae);
  const vae = new Autoencoder(weights, config, pool);
  const [height, width] = [640, 128];
  const { mean } = await vae.encode(discs(height, width), { height, width });
  const size = { height: height / config.downscale, width: width / config.downscale };
  const whole = await vae.decode(mean, size);
  const tiled = await new Autoencoder(weights, config, pool, { tileAbovePixels: 0 }).decode(mean, size);
  await pool.dispose();
  // Planes go from -1 to 1, so half of a difference is one of 8-bit pictures' 0 to 1.
  const differences = tiled.map((value, i) => Math.abs(value - whole[i]!) / 2);
  expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(1 / 255);
  expect(differences.every((value) => value < 12 / 255)).toBe(true);
});

/** Discs of different colours on a slow gradient: Float32Array `[3, height, width]` in [-1, 1]. */
function discs(height: number, width: number): Float32Array {
  return Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const channel = Math.floor(i / (height * width));
    const [y, x] = [Math.floor(i / width) % height, i % width];
    const disc = Math.floor(x / 64) + 7 * Math.floor(y / 80);
    const isInside = Math.hypot((x % 64) - 32, (y % 80) - 40) < 26;
    return isInside ? Math.sin(disc * 1.7 + channel * 2.1) : 0.8 * Math.sin(channel + y / 400);
  });
}
