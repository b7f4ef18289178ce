import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SessionPool } from "../../runtime/session-pool.ts";
import { openWeightFolder } from "../../weights/weight-set.ts";
import { Autoencoder } from "./autoencoder.ts";
import { parseAutoencoderConfig } from "./config.ts";
import type { StripStorage } from "./graph.ts";
import { StripPlane } from "./strip-plane.ts";

const starterVae = join(import.meta.dirname, "../../../resources/starter-model/base/vae");

it("a picture decoded in strips is the whole one, also where strips differ in what they show", async () => {
  const pool = new SessionPool({ memoryBudgetBytes: 1e9 });
  const config = parseAutoencoderConfig(
    JSON.parse(await readFile(join(starterVae, "config.json"), "utf8")),
    starterVae,
  );
  const weights = await openWeightFolder(starterVae);
  const vae = new Autoencoder(weights, config, pool);
  const [height, width] = [416, 128];
  const { mean } = await vae.encode(discs(height, width), { height, width });
  const size = { height: height / config.downscale, width: width / config.downscale };
  const whole = await vae.decode(mean, size);
  const inStrips = new Autoencoder(weights, config, pool, { stripsAbovePixels: 0, valuesOfStrips: 2 ** 18 });
  const strips = await inStrips.decode(mean, size);
  await expect(inStrips.decode(mean, size, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  await pool.dispose();
  // Planes go from -1 to 1, so half of a difference is one of 8-bit pictures' 0 to 1.
  const differences = strips.map((value, i) => Math.abs(value - whole[i]!) / 2);
  expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.1 / 255);
  expect(differences.every((value) => value < 0.5 / 255)).toBe(true);
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
