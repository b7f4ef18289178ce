import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import type { Latent, SampleRequest } from "../types.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../test/golden/models/${name}`, import.meta.url));
const engine = createEngine();
afterAll(() => engine.dispose());
const { signal } = new AbortController();

/** A tiny model, and a picture that is red to the left and green to the right, whose middle is to be painted anew. */
async function setUp() {
  const { model, textEncoder, vae } = await engine.openCheckpoint(golden("model_bf16"));
  const [width, height] = [64, 48];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const isLeft = Math.floor(i / 3) % width < width / 2;
    return i % 3 === (isLeft ? 0 : 1) ? 220 : 20;
  });
  const picture = { width, height, data };
  const values = Float32Array.from({ length: width * height }, (_, i) => (Math.abs((i % width) - 32) < 12 ? 1 : 0));
  const encoded = await engine.encode(vae, { kind: "image", items: [picture] }, signal);
  const latent: Latent = { ...encoded, mask: { kind: "mask", width, height, values } };
  const positive = await engine.encodePrompt(textEncoder, "a lake", signal);
  const request = { model, positive, latent, seed: 3n, steps: 3, guidanceScale: 1, denoise: 1, signal };
  const draw = (change: Partial<SampleRequest>) =>
    engine.sample({ ...request, solver: "euler", schedule: "flow_match", onProgress: () => {}, ...change });
  return { model, vae, picture, latent, draw };
}

const maxDifference = (a: Latent, b: Latent) =>
  a.samples!.reduce((most, value, i) => Math.max(most, Math.abs(value - b.samples![i]!)), 0);

test("a ControlNet for inpainting sees what is kept of the picture; one without the channels for it does not", async () => {
  const { model, vae, picture, latent, draw } = await setUp();
  const { source: _, ...withoutPicture } = latent;
  for (const [name, sees] of [
    ["controlnet_v2", true],
    ["controlnet_v1", false],
  ] as const) {
    const { controlNet } = (await engine.openControlNet(golden(name))).value;
    const controls = (strength: number) => ({
      ...model,
      controls: [{ controlNet, hint: picture, vae, strength, start: 0, end: 1 }],
    });
    const effect = async (strength: number) =>
      maxDifference(
        await draw({ model: controls(strength) }),
        await draw({ model: controls(strength), latent: withoutPicture }),
      );
    expect(await effect(0), name).toBe(0);
    if (sees) expect(await effect(1), name).toBeGreaterThan(1e-3);
    else expect(await effect(1), name).toBe(0);
  }
});

test("what is kept has the latents of the picture again in the end, and only that", async () => {
  const { latent, draw } = await setUp();
  const drawn = await draw({});
  const columns = latent.width / 8;
  for (const [i, value] of latent.samples!.entries()) {
    const column = i % columns;
    if (column < 2 || column > 5) expect(drawn.samples![i]).toBe(value);
  }
  expect(maxDifference(drawn, latent)).toBeGreaterThan(0.1);
});

test("grey of a differential mask changes the picture as image-to-image of that strength does, place by place", async () => {
  const { latent, draw } = await setUp();
  const { mask: _, ...bare } = latent;
  const masked = (grey: number, maskRule: "cut" | "differential") => {
    const values = Float32Array.from({ length: latent.width * latent.height }, () => grey);
    return draw({ steps: 4, latent: { ...bare, mask: { ...latent.mask!, values }, maskRule } });
  };
  const whole = await draw({ steps: 4, latent: bare });
  expect(maxDifference(await masked(1, "differential"), whole)).toBe(0);
  expect(maxDifference(await masked(0.2, "differential"), latent)).toBe(0);
  const half = await draw({ steps: 4, latent: bare, denoise: 0.5, strengthRule: "truncate" });
  expect(maxDifference(await masked(0.5, "differential"), half)).toBeLessThan(1e-5);
  // The other rule knows only all and nothing.
  expect(maxDifference(await masked(0.5, "cut"), whole)).toBe(0);
  expect(maxDifference(half, whole)).toBeGreaterThan(0.05);
});

test("at denoise 0 no step is run, and decoding gives the picture itself, under both rules", async () => {
  const { vae, picture, latent, draw } = await setUp();
  for (const strengthRule of ["rescale", "truncate"] as const) {
    const drawn = await draw({ denoise: 0, strengthRule });
    expect(maxDifference(drawn, latent)).toBe(0);
    expect((await engine.decode(vae, drawn, signal)).items).toEqual([picture]);
  }
  const again = await draw({ latent: await draw({ denoise: 0 }) });
  expect(again.decoded ?? again.source).toBeUndefined();
  // A way through the VAE, without a Sampler between, shows what the VAE makes of the picture.
  expect((await engine.decode(vae, latent, signal)).items[0]!.data).not.toEqual(picture.data);
});

test("a batch is drawn from seeds that follow each other, or from one generator", async () => {
  const { latent, draw } = await setUp();
  const empty: Latent = { kind: "latent", width: 64, height: 48, samples: null, batch: 2 };
  const single = (seed: bigint) => draw({ latent: { ...empty, batch: 1 }, seed });
  const length = latent.samples!.length;
  const half = (of: Latent, item: number): Latent => ({
    ...of,
    samples: of.samples!.slice(item * length, (item + 1) * length),
  });
  const seeds = await draw({ latent: empty });
  expect(seeds.seeds).toEqual(["3", "4"]);
  expect(maxDifference(half(seeds, 0), await single(3n))).toBe(0);
  expect(maxDifference(half(seeds, 1), await single(4n))).toBe(0);
  const tensor = await draw({ latent: empty, batchNoise: "tensor" });
  expect(tensor.seeds).toEqual(["3", "3"]);
  expect(maxDifference(half(tensor, 1), half(seeds, 1))).toBeGreaterThan(0.1);
});
