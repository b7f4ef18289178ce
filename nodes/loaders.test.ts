import { describe, expect, test } from "vitest";
import { HeddleError } from "../common/errors.ts";
import { controlModes, type DiffusionModel, type OpenedLora, type TextEncoderModel } from "../engine/types.ts";
import { findDefinition } from "./definitions.ts";
import { loadRunner } from "./runners.ts";
import { batchOf, evenPicture, runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

async function setUp(opened: Partial<OpenedLora> = {}) {
  const test = createTestServices();
  const { model, textEncoder, vae } = await test.engine.openCheckpoint("/models/a");
  const openLora = test.engine.openLora.bind(test.engine);
  test.engine.openLora = async (path) => ({ ...(await openLora(path)), ...opened });
  return { ...test, model, textEncoder, vae };
}

const modelOf = (outputs: Record<string, unknown>) => outputs.model as DiffusionModel;

describe("loaders of parts", () => {
  test.each([
    ["load-diffusion-model", { diffusionModel: "d.gguf" }, "model"],
    ["load-text-encoder", { textEncoder: "t.safetensors" }, "textEncoder"],
    ["load-vae", { vae: "v.safetensors" }, "vae"],
    ["load-controlnet", { controlNet: "c.safetensors" }, "controlNet"],
  ])("%s gives its part and what was detected", async (type, params, port) => {
    const { outputs, info } = await runNode(type, {}, params);
    expect(outputs[port]).toMatchObject({ kind: port });
    expect(Object.keys(outputs)).toEqual([port]);
    expect(Object.keys(info).length).toBeGreaterThan(0);
    const { fingerprint } = await loadRunner(type);
    const { services, changeModelFiles } = createTestServices();
    const before = await fingerprint!(services, params);
    changeModelFiles();
    expect(await fingerprint!(services, params)).not.toBe(before);
  });
});

describe("Load LoRA", () => {
  test("adds to the model's stack, tells how much was applied, and warns of the rest by name", async () => {
    const { model, services } = await setUp({ triggerWords: ["neon", "outline"] });
    const { outputs, info, warnings } = await runNode(
      "load-lora",
      { model },
      { lora: "a.safetensors", weight: -0.5 },
      services,
    );
    expect(modelOf(outputs).loras).toEqual([
      { path: "/models/a.safetensors", fingerprint: "/models/a.safetensors", weight: -0.5 },
    ]);
    expect(model.loras).toEqual([]);
    expect(outputs).not.toHaveProperty("textEncoder");
    expect(info).toEqual({ keys: "3 of 4 keys applied", format: "fake LoRA, rank 4", triggerWords: "neon, outline" });
    expect(warnings).toMatchObject([
      {
        code: "lora-keys-unapplied",
        field: "lora",
        message: '1 of the 4 keys of "a.safetensors" were not applied: stranger.weight.',
        help: expect.stringContaining("text encoder"),
      },
    ]);
  });

  test("changes the text encoder only where the LoRA does", async () => {
    for (const changesTextEncoder of [false, true]) {
      const { model, textEncoder, services } = await setUp({ changesTextEncoder, unapplied: [] });
      const { outputs, warnings } = await runNode("load-lora", { model, textEncoder }, {}, services);
      expect((outputs.textEncoder as TextEncoderModel).loras).toHaveLength(changesTextEncoder ? 1 : 0);
      expect(warnings).toEqual([]);
    }
  });

  test("leaves a model alone that it does not change", async () => {
    const { model, textEncoder, services } = await setUp({ changesModel: false, changesTextEncoder: true });
    const { outputs } = await runNode("load-lora", { model, textEncoder }, {}, services);
    expect(modelOf(outputs).loras).toEqual([]);
    expect((outputs.textEncoder as TextEncoderModel).loras).toHaveLength(1);
  });

  test("switched off it opens nothing, and needs no file", async () => {
    const { model, textEncoder, services, engine } = await setUp();
    const { outputs } = await runNode("load-lora", { model, textEncoder }, { enabled: false }, services);
    expect(outputs).toEqual({ model, textEncoder });
    expect(engine.count("openLora")).toBe(0);
    const { fingerprint } = await loadRunner("load-lora");
    services.models.resolve = () => Promise.reject(new Error("not looked for"));
    expect(await fingerprint!(services, { enabled: false })).toBe("off");
  });

  test("a LoRA of which nothing fits is refused", async () => {
    const { model, services, engine } = await setUp();
    engine.openLora = () =>
      Promise.reject(new HeddleError({ code: "lora-no-match", message: "Made for SDXL.", help: "Use another." }));
    await expect(runNode("load-lora", { model }, {}, services)).rejects.toMatchObject({ code: "lora-no-match" });
  });
});

describe("LoRA Stack", () => {
  const loras = [
    { name: "a", weight: 1, enabled: true },
    { name: "b", weight: 2, enabled: false },
    { name: "c", weight: -0.25, enabled: true },
  ];

  test("applies those that are switched on, in order, behind what the model has", async () => {
    const { model, services } = await setUp();
    const { outputs: first } = await runNode("load-lora", { model }, { lora: "z" }, services);
    const { outputs, info, warnings } = await runNode("lora-stack", { model: modelOf(first) }, { loras }, services);
    expect(modelOf(outputs).loras.map(({ path, weight }) => [path, weight])).toEqual([
      ["/models/z", 1],
      ["/models/a", 1],
      ["/models/c", -0.25],
    ]);
    expect(info).toMatchObject({ "1 keys": "3 of 4 keys applied", "2 keys": "3 of 4 keys applied" });
    expect(warnings.map(({ details }) => details?.name)).toEqual(["a", "c"]);
  });

  test("depends on the files of those that are switched on", async () => {
    const { fingerprint } = await loadRunner("lora-stack");
    const { services } = createTestServices();
    expect(await fingerprint!(services, { loras })).toBe("/models/a\n1\n/models/c\n1");
    expect(await fingerprint!(services, { loras: [] })).toBe("");
  });
});

describe("Apply ControlNet", () => {
  test("adds to what the model has, with its part of the steps", async () => {
    const { model, vae, services } = await setUp();
    const { outputs: loaded } = await runNode("load-controlnet", {}, { controlNet: "c" }, services);
    const image = batchOf(evenPicture(4, 4, [1, 2, 3]), evenPicture(4, 4, [4, 5, 6]));
    const inputs = { model, vae, image, controlNet: loaded.controlNet };
    const { outputs, warnings } = await runNode("apply-controlnet", inputs, { strength: -1, start: 0.2, end: 0.7 });
    expect(modelOf(outputs).controls).toMatchObject([{ strength: -1, start: 0.2, end: 0.7, hint: image.items[0] }]);
    expect(warnings).toMatchObject([{ code: "only-first-picture" }]);
    const twice = await runNode("apply-controlnet", { ...inputs, model: modelOf(outputs) });
    expect(modelOf(twice.outputs).controls.map(({ strength }) => strength)).toEqual([-1, 0.75]);
    await expect(runNode("apply-controlnet", inputs, { start: 0.7, end: 0.2 })).rejects.toMatchObject({
      code: "range-reversed",
    });
  });

  test("offers the modes that the engine has", () => {
    const param = findDefinition("apply-controlnet")?.params.find(({ name }) => name === "mode");
    expect(param?.kind === "choice" && param.options.map(({ value }) => value)).toEqual(controlModes);
  });

  test("takes steps in the place of shares, and a mode", async () => {
    const { model, vae, services, engine } = await setUp();
    const { outputs: loaded } = await runNode("load-controlnet", {}, { controlNet: "c" }, services);
    const inputs = { model, vae, image: batchOf(evenPicture(4, 4, [1, 2, 3])), controlNet: loaded.controlNet };
    const params = { range: "steps", startStep: 2, endStep: 6, start: 0.9, end: 0.1, mode: "control" };
    const { outputs } = await runNode("apply-controlnet", inputs, params, services);
    expect(modelOf(outputs).controls).toMatchObject([
      { mode: "control", start: 0, end: 1, steps: { start: 2, end: 6 }, strength: 0.75 },
    ]);
    expect(engine.count("checkControlNet")).toBe(1);
    await expect(runNode("apply-controlnet", inputs, { ...params, startStep: 7 })).rejects.toMatchObject({
      code: "range-reversed",
      field: "startStep",
    });
  });
});

test("Model Sampling replaces the shift, or leaves it to the size", async () => {
  const { model } = await setUp();
  expect(modelOf((await runNode("model-sampling", { model }, { shift: 7 })).outputs)).toEqual({ ...model, shift: 7 });
  const bySize = await runNode("model-sampling", { model }, { fromSize: true });
  expect(modelOf(bySize.outputs)).toMatchObject({ dynamicShift: true });
});

describe("conditioning", () => {
  const conditioning = (...embeddings: number[]) => ({
    kind: "conditioning",
    embeddings: Float32Array.from(embeddings),
    tokens: embeddings.length / 2,
    width: 2,
  });

  test("zeroed, it keeps its length", async () => {
    const { outputs } = await runNode("conditioning-zero", { conditioning: conditioning(1, 2, 3, 4) });
    expect(outputs.conditioning).toEqual(conditioning(0, 0, 0, 0));
  });

  test("averaged, it is as long as the first", async () => {
    const [long, short] = [conditioning(4, 8, 12, 16), conditioning(8, 8)];
    const of = async (first: object, second: object, share: number) =>
      (await runNode("conditioning-average", { first, second }, { share })).outputs.conditioning;
    expect(await of(long, short, 0.25)).toEqual(conditioning(7, 8, 3, 4));
    expect(await of(short, long, 0.25)).toEqual(conditioning(5, 8));
    await expect(of(long, { ...short, width: 1 }, 0.5)).rejects.toMatchObject({ code: "encoder-mismatch" });
  });
});

test("combined conditionings keep every prompt, however they are nested", async () => {
  const prompt = (text: string) => ({
    kind: "conditioning",
    text,
    embeddings: new Float32Array(2),
    tokens: 1,
    width: 2,
  });
  const combine = async (first: unknown, second: unknown) =>
    (await runNode("conditioning-combine", { first, second })).outputs.conditioning;
  const [a, b, c] = [prompt("a"), prompt("b"), prompt("c")];
  expect(await combine(await combine(a, b), c)).toEqual({ ...a, combined: [b, c] });
  expect(await combine(a, await combine(b, c))).toEqual({ ...a, combined: [b, c] });
});

describe("Set Mask", () => {
  test("needs a picture to keep", async () => {
    const mask = { kind: "mask", width: 8, height: 8, values: new Float32Array(64) };
    const latent = { kind: "latent", width: 8, height: 8, samples: null, batch: 1 };
    await expect(runNode("set-mask", { latent, mask })).rejects.toMatchObject({ code: "latent-empty" });
    const { outputs } = await runNode("set-mask", { latent: { ...latent, samples: new Float32Array(16) }, mask });
    expect(outputs.latent).toMatchObject({ mask });
  });
});

describe("VAE Encode", () => {
  test("makes as many of each picture as asked, with the mask, by mean or by a sample of its own seed", async () => {
    const { services, engine, vae } = await setUp();
    const image = batchOf(evenPicture(8, 8, [1, 1, 1]), evenPicture(8, 8, [2, 2, 2]));
    const mask = { kind: "mask", width: 8, height: 8, values: new Float32Array(64) };
    const { outputs } = await runNode("vae-encode", { image, vae, mask }, { copies: 2 }, services);
    expect(outputs.latent).toMatchObject({ batch: 4, mask });
    await runNode("vae-encode", { image, vae }, { sample: true, seed: "9223372036854775807" }, services);
    expect(engine.encoded.map(({ items, options }) => [items.map(({ data }) => data[0]), options])).toEqual([
      [[1, 1, 2, 2], { onWarning: expect.any(Function) }],
      [[1, 2], { sampleSeed: 2n ** 63n - 1n, onWarning: expect.any(Function) }],
    ]);
  });
});

describe("Sampler", () => {
  const request = async (params: Record<string, string | number | boolean>) => {
    const { services, engine, model, textEncoder } = await setUp();
    const positive = await engine.encodePrompt(textEncoder, "x");
    const latent = { kind: "latent", width: 16, height: 16, samples: null, batch: 1 };
    await runNode("sampler", { model, positive, latent }, params, services);
    return engine.requests[0]!;
  };

  test("as it was saved before it had these settings, it asks for what it always did", async () => {
    const { endStep, finish, ...rest } = await request({ seed: 7, steps: 8 });
    expect([endStep, finish]).toEqual([undefined, undefined]);
    expect(rest).toMatchObject({
      ...{ startStep: 0, addNoise: true, cfgNormalization: 0, cfgTruncation: 1 },
      ...{ batchNoise: "seeds", strengthRule: "rescale", denoise: 1 },
    });
  });

  test("runs a part of the steps, with or without the rest of the noise", async () => {
    expect(await request({ steps: 8, startStep: 2, endStep: 5, finish: false, addNoise: false })).toMatchObject({
      ...{ startStep: 2, endStep: 5, finish: false, addNoise: false },
    });
    expect(await request({ steps: 8, endStep: 7 })).toMatchObject({ endStep: 7, finish: true });
    expect(await request({ steps: 8, endStep: 8, finish: false })).not.toHaveProperty("endStep");
  });
});
