import { describe, expect, test } from "vitest";
import type { Conditioning, PictureMask, RgbImage } from "../../engine/types.ts";
import { batchOf, evenPicture, picturesAt, pixelAt, runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

/** Blue, with a red square that the detector of these tests takes for a face. */
function withFace(left: number, top: number, side: number, seed: string): RgbImage {
  const picture = { ...evenPicture(96, 64, [0, 0, 220], seed) };
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) picture.data.set([255, 0, 0], (y * 96 + x) * 3);
  }
  return picture;
}

async function setUp() {
  const test = createTestServices();
  const { model, textEncoder, vae } = await test.engine.openCheckpoint("/models/a");
  const { signal } = new AbortController();
  const encode = (text: string): Promise<Conditioning> => test.engine.encodePrompt(textEncoder, text);
  const inputs = { model, vae, positive: await encode("a crowd"), negative: await encode("blurry") };
  test.engine.calls.length = 0;
  return { ...test, inputs, model, signal };
}

const first = withFace(40, 24, 16, "11");
const second = withFace(8, 8, 12, "12");
const empty = evenPicture(96, 64, [0, 0, 220], "13");

describe("refine-faces", () => {
  test("each of the nine settings arrives where it belongs", async () => {
    const { services, engine, inputs } = await setUp();
    const params = {
      ...{ detector: "f.onnx", confidence: 0.85, steps: 33, guidance: 8.5, strength: 0.3, inpaintSize: 208 },
      ...{ maskPadding: 4, maskBlur: 2, context: 10, positivePrompt: "a calm face", negativePrompt: "frown", seed: 40 },
    };
    const { outputs, info } = await runNode("refine-faces", { ...inputs, image: batchOf(first) }, params, services);
    expect(engine.calls).toEqual([
      "detect /models/f.onnx 0.85",
      ...["encodePrompt", "encodePrompt", "encode", "sample", "decode"],
    ]);
    const [request] = engine.requests;
    expect(request).toMatchObject({
      ...{ steps: 33, guidanceScale: 8.5, denoise: 0.3, strengthRule: "truncate", seed: 40n },
      positive: { text: "a calm face" },
      negative: { text: "frown" },
      // 16 + 2 * 4 of the face with 10 around it: square.
      latent: { width: 208, height: 208, mask: { width: 44, height: 44 } },
    });
    const { values } = request!.latent.mask!;
    expect([...new Set(values)].sort()).toEqual([0, 1]);
    expect(info).toMatchObject({ faces: 1, drawnAt: "208 x 208", detector: "red" });
    expect(outputs.count).toBe(1);
    expect(engine.encoded[0]!.items[0]).toMatchObject({ width: 208, height: 208 });
    expect(pixelAt(engine.encoded[0]!.items[0]!, 104, 104)).toEqual([255, 0, 0]);
  });

  test("puts back with a soft edge what was drawn, and leaves the rest as it was", async () => {
    const { services, inputs } = await setUp();
    const params = { maskPadding: 2, maskBlur: 2, context: 8, strength: 0.5 };
    const { outputs } = await runNode("refine-faces", { ...inputs, image: batchOf(first) }, params, services);
    const [picture] = picturesAt(outputs);
    expect(picture).toMatchObject({ width: 96, height: 64, seed: "11" });
    const drawn = pixelAt(picture!, 48, 32);
    expect(drawn[0]).toBe(drawn[2]);
    for (const [x, y] of [
      [31, 32],
      [65, 32],
      [48, 15],
      [48, 49],
      [0, 0],
    ] as const) {
      expect(pixelAt(picture!, x, y)).toEqual(pixelAt(first, x, y));
    }
    // Between the old blue and what was drawn.
    const share = (x: number) => (220 - pixelAt(picture!, x, 32)[2]!) / (220 - drawn[2]!);
    expect(share(34)).toBeLessThan(0.2);
    expect(share(37)).toBeGreaterThan(0.3);
    expect(share(37)).toBeLessThan(0.8);
    const mask = outputs.mask as PictureMask;
    expect(mask).toMatchObject({ width: 96, height: 64 });
    expect(mask.values[32 * 96 + 48]).toBeCloseTo(1, 2);
    expect(mask.values[0]).toBe(0);
  });

  test("goes through a batch, with seeds of their own, and takes linked prompts where none is written", async () => {
    const { services, engine, inputs } = await setUp();
    const image = batchOf(first, empty, second);
    const { outputs, warnings } = await runNode("refine-faces", { ...inputs, image }, { seed: 5 }, services);
    expect(engine.requests.map(({ seed }) => seed)).toEqual([5n, 7n]);
    expect(engine.requests[0]).toMatchObject({ positive: { text: "a crowd" }, negative: { text: "blurry" } });
    const [one, two, three] = picturesAt(outputs);
    expect([one!.seed, two, three!.seed]).toEqual(["11", empty, "12"]);
    expect(three!.data).not.toEqual(second.data);
    expect(outputs.count).toBe(2);
    expect(warnings).toEqual([]);
  });

  test("at strength 0, and where nothing is found, pictures stay as they are", async () => {
    const { services, engine, inputs } = await setUp();
    const untouched = await runNode("refine-faces", { ...inputs, image: batchOf(first) }, { strength: 0 }, services);
    expect(picturesAt(untouched.outputs)).toEqual([first]);
    expect(untouched.outputs.count).toBe(1);
    const nothing = await runNode("refine-faces", { ...inputs, image: batchOf(empty) }, { confidence: 0.9 }, services);
    expect(picturesAt(nothing.outputs)).toEqual([empty]);
    expect(nothing.warnings).toMatchObject([{ code: "nothing-found", message: expect.stringContaining("90 %") }]);
    expect(engine.count("sample")).toBe(0);
  });

  test("what steers the layout of the whole picture does not steer the cut", async () => {
    const { services, engine, inputs, model } = await setUp();
    const control = { hint: first } as never;
    const steered = { ...model, controls: [control], seamless: { horizontal: true, vertical: true } };
    await runNode("refine-faces", { ...inputs, model: steered, image: batchOf(first) }, {}, services);
    expect(engine.requests[0]!.model.controls).toEqual([]);
    expect(engine.requests[0]!.model).not.toHaveProperty("seamless");
  });
});
