import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import type { Checkpoint, Conditioning, ControlNetModel, ControlReference, InferenceEngine } from "../types.ts";

const models = join(import.meta.dirname, "../../test/golden/models");
const starter = join(import.meta.dirname, "../../resources/starter-model/turbo");
const { signal } = new AbortController();

let engine: InferenceEngine;
let base: Checkpoint;
let net: ControlNetModel;
/** Of several control layers, and blocks of its own for the noise refiner. */
let deeper: ControlNetModel;
let text: Conditioning;

beforeAll(async () => {
  engine = createEngine({ precision: "reference" });
  base = await engine.openCheckpoint(join(models, "model_bf16"));
  net = (await engine.openControlNet(join(models, "controlnet_v1"))).value;
  deeper = (await engine.openControlNet(join(models, "controlnet_v2"))).value;
  text = await engine.encodePrompt(base.textEncoder, "a red circle", signal);
});
afterAll(() => engine.dispose());

const hint = {
  width: 64,
  height: 64,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 0 : 255)),
};

async function draw(controls: Partial<ControlReference>[], guidanceScale = 1): Promise<Float32Array> {
  const complete = controls.map((control) => ({
    ...{ controlNet: net.controlNet, hint, vae: base.vae, strength: 1, start: 0, end: 1 },
    ...control,
  }));
  const { samples } = await engine.sample({
    model: { ...base.model, controls: complete },
    positive: text,
    latent: { kind: "latent", width: 64, height: 64, samples: null, batch: 1 },
    ...{ seed: 3n, steps: 4, guidanceScale, solver: "euler", schedule: "flow_match", denoise: 1, signal },
    onProgress: () => undefined,
  });
  return samples!;
}

const apart = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => Math.max(sum, Math.abs(value - b[i]!)), 0);

describe("ControlNets in the sampler", () => {
  test("several add up: half and half is one, and opposite ones cancel", async () => {
    const one = await draw([{ strength: 1 }]);
    const off = await draw([]);
    expect(apart(one, off)).toBeGreaterThan(1e-3);
    expect(apart(await draw([{ strength: 0.5 }, { strength: 0.5 }]), one)).toBeLessThan(1e-4);
    expect(apart(await draw([{ strength: 2 }, { strength: -2 }]), off)).toBeLessThan(1e-4);
    expect(apart(await draw([{ strength: -1 }]), off)).toBeGreaterThan(1e-3);
  });

  test("steps and shares say the same, in their own units", async () => {
    const byShare = await draw([{ start: 0.25, end: 0.75 }]);
    expect(await draw([{ steps: { start: 1, end: 3 } }])).toEqual(byShare);
    expect(apart(await draw([{ steps: { start: 0, end: 2 } }]), byShare)).toBeGreaterThan(1e-4);
  });

  test("each mode draws something of its own with guidance; without it, control acts in full", async () => {
    const { controlNet } = deeper;
    const [balanced, prompt, control] = [
      await draw([{ controlNet }], 4),
      await draw([{ controlNet, mode: "prompt" }], 4),
      await draw([{ controlNet, mode: "control" }], 4),
    ];
    const off = await draw([], 4);
    expect(apart(prompt, off)).toBeGreaterThan(1e-4);
    expect(apart(prompt, balanced)).toBeGreaterThan(1e-3);
    expect(apart(control, prompt)).toBeGreaterThan(1e-3);
    expect(await draw([{ controlNet, mode: "control" }])).toEqual(await draw([{ controlNet }]));
    expect(await draw([{ controlNet, mode: "prompt" }])).not.toEqual(await draw([{ controlNet }]));
  });

  test("one that was made for another model is refused by name, before anything is drawn", async () => {
    const { model } = await engine.openCheckpoint(starter);
    const mismatch = {
      code: "controlnet-mismatch",
      field: "controlNet",
      message: expect.stringContaining('"controlnet_v1" does not fit the model: it is made for a model of width 48'),
      help: expect.stringContaining("starter model"),
    };
    expect(() => engine.checkControlNet(net, model)).toThrow(expect.objectContaining(mismatch));
    expect(engine.checkControlNet(net, base.model)).toBeUndefined();
  });
});
