import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { encodeSafetensors, pseudoRandom, type TestTensor } from "../../../test/support/encode-safetensors.ts";
import { Precision } from "../../precision/precision.ts";
import { SessionPool } from "../../runtime/session-pool.ts";
import { readFloats } from "../../weights/read-tensor.ts";
import { openWeightFile, openWeightFolder, type WeightSet } from "../../weights/weight-set.ts";
import { referencePrecision } from "../component-precision.ts";
import type { LoraUpdates } from "../lora-feeds.ts";
import { parseQwen3Config, type Qwen3Config } from "./config.ts";
import { EMBEDDING_PATH } from "./embeddings.ts";
import { languageHead } from "./language-head.ts";
import { lastLayersNeeds, Qwen3LanguageModel } from "./language-model.ts";
import { stopTokensOf } from "./stop-tokens.ts";
import { textEncoderNeeds } from "./text-encoder.ts";
import { writeTokens } from "./write-text.ts";

const encoderFolder = join(import.meta.dirname, "../../../test/golden/models/model_f32/text_encoder");
const starterFolder = join(import.meta.dirname, "../../../resources/starter-model/base/text_encoder");

/** Computed by test/reference/qwen3_causal.py in torch, without a cache. */
const caseSchema = z.object({
  firstLogits: z.array(z.number()),
  lastLogits: z.array(z.number()),
  greedy: z.array(z.int()),
  greedyLogits: z.array(z.number()),
});
const reference = z
  .object({ start: z.array(z.int()), tied: caseSchema, separate: caseSchema })
  .parse(JSON.parse(await readFile(join(import.meta.dirname, "testdata/causal.json"), "utf8")));

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
let folder: string;
let config: Qwen3Config;
let tied: WeightSet;
/** With an output layer of its own: half of the embedding table, upside down. */
let separate: WeightSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-language-"));
  config = parseQwen3Config(JSON.parse(await readFile(join(encoderFolder, "config.json"), "utf8")), encoderFolder);
  tied = await openWeightFolder(encoderFolder);
  separate = await changed("separate", (tensors) => {
    const { data } = tensors[`${EMBEDDING_PATH}.weight`]!;
    const { hidden, vocabulary } = config;
    const rows = Array.from({ length: vocabulary }, (_, row) => data.subarray(row * hidden, (row + 1) * hidden));
    const head = Float32Array.from(
      rows.reverse().flatMap((row) => [...row]),
      (value) => value / 2,
    );
    tensors["lm_head.weight"] = { shape: [vocabulary, hidden], data: head };
  });
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

type Tensors = Record<string, TestTensor & { data: Float32Array }>;

/** The weights of the reference, with changes. */
async function changed(name: string, change: (tensors: Tensors) => void): Promise<WeightSet> {
  const tensors: Tensors = {};
  for (const [key, tensor] of tied.tensors) tensors[key] = { shape: tensor.shape, data: await readFloats(tensor) };
  change(tensors);
  const path = join(folder, `${name}.safetensors`);
  await writeFile(path, encodeSafetensors(tensors));
  return openWeightFile(path);
}

function modelOf(weights: WeightSet, headPath = EMBEDDING_PATH, place = pool, layersPerSession?: number) {
  const precision = { ...referencePrecision(weights), ...(layersPerSession && { layersPerSession }) };
  return new Qwen3LanguageModel({ weights, config, headPath, layers: precision, lastLayers: precision }, place);
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

const greedy = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };
const { signal } = new AbortController();

async function write(model: Qwen3LanguageModel, changes: Partial<Parameters<typeof writeTokens>[1]> = {}) {
  return writeTokens(model, {
    ...{ ...greedy, start: reference.start, stop: new Set<number>(), maxTokens: 12, seed: 1n, signal },
    onTokens: () => undefined,
    ...changes,
  });
}

describe("Qwen3 as a language model", () => {
  test.each(["tied", "separate"] as const)("gives the reference's logits, %s output layer", async (kind) => {
    const model = kind === "tied" ? modelOf(tied) : modelOf(separate, "lm_head");
    expect(apart(await model.start().next(reference.start), reference[kind].lastLogits)).toBeLessThan(2e-4);
    expect(apart(await model.start().next(reference.start.slice(0, 1)), reference[kind].firstLogits)).toBeLessThan(
      2e-4,
    );
    const written = await write(model);
    expect(written).toEqual({ ids: reference[kind].greedy, isComplete: false });
  });

  test("reading token by token from the cache is the same as reading all at once", async () => {
    const model = modelOf(tied);
    const whole = [...reference.start, ...reference.tied.greedy];
    const atOnce = await model.start().next(whole);
    expect(apart(atOnce, reference.tied.greedyLogits)).toBeLessThan(2e-4);
    const stepwise = model.start();
    let last = new Float32Array();
    for (const id of whole) last = Float32Array.from(await stepwise.next([id]));
    expect(apart(last, atOnce)).toBeLessThan(2e-5);
    const inParts = model.start();
    await inParts.next(whole.slice(0, 7));
    await inParts.next(whole.slice(7, 9));
    expect(apart(await inParts.next(whole.slice(9)), atOnce)).toBeLessThan(2e-5);
  });

  test("in one session per layer, and where empty tensors are not allowed, it says the same", async () => {
    const expected = await modelOf(tied).start().next(reference.start);
    expect(apart(await modelOf(tied, EMBEDDING_PATH, pool, 1).start().next(reference.start), expected)).toBeLessThan(
      1e-5,
    );
    const strict = Object.create(pool, { allowsEmpty: { value: false } }) as SessionPool;
    strict.use = pool.use.bind(pool);
    const growing = modelOf(tied, EMBEDDING_PATH, strict).start();
    await growing.next(reference.start.slice(0, 3));
    expect(apart(await growing.next(reference.start.slice(3)), expected)).toBeLessThan(1e-5);
  });

  test("the layers below the last are those of the text encoder: their LoRAs count", async () => {
    const random = pseudoRandom(3);
    const values = (count: number) => Float32Array.from({ length: count }, random);
    const { hidden, intermediate } = config;
    const pair = { rank: 2, a: values(intermediate * 2), b: values(2 * hidden) };
    const updates: LoraUpdates = { pairs: new Map([["model.layers.0.mlp.down_proj", pair]]), biases: new Map() };
    const plain = await modelOf(tied).start().next(reference.start);
    expect(apart(await modelOf(tied).start(updates).next(reference.start), plain)).toBeGreaterThan(0.1);
  });

  test("with derived weights it says about the same", async () => {
    const precision = new Precision({ memoryBytes: 1e9, device: "cpu" }, { precision: "w16", cacheFolder: folder });
    const prepare = (needs: () => ReturnType<typeof textEncoderNeeds>) =>
      precision.prepare({ component: "textEncoder", weights: tied, parameters: 1e5, signal: undefined, needs });
    const layers = await prepare(() => textEncoderNeeds(tied, config));
    const lastLayers = await prepare(() => lastLayersNeeds(tied, config, EMBEDDING_PATH));
    expect(layers.weights.fingerprint).not.toBe(tied.fingerprint);
    expect(lastLayers.weights.fingerprint).not.toBe(layers.weights.fingerprint);
    const model = new Qwen3LanguageModel({ weights: tied, config, headPath: EMBEDDING_PATH, layers, lastLayers }, pool);
    expect(apart(await model.start().next(reference.start), reference.tied.lastLogits)).toBeLessThan(0.02);
  });
});

describe("writing", () => {
  test("stops before a stop token, or at the limit, and tells all tokens so far", async () => {
    const model = modelOf(separate, "lm_head");
    const [first, second] = reference.separate.greedy;
    const told: number[][] = [];
    const written = await write(model, {
      stop: new Set([reference.separate.greedy[2]!]),
      onTokens: (ids) => told.push([...ids]),
    });
    expect(written).toEqual({ ids: [first, second], isComplete: true });
    expect(told).toEqual([[first], [first, second]]);
    expect((await write(model, { maxTokens: 3 })).ids).toEqual(reference.separate.greedy.slice(0, 3));
  });

  test("the same seed gives the same text, others give others", async () => {
    const model = modelOf(tied);
    const at = async (seed: bigint) => (await write(model, { seed, temperature: 3, maxTokens: 6 })).ids.join();
    const texts = [await at(1n), await at(2n), await at(2n ** 63n - 1n)];
    expect(new Set(texts).size).toBe(3);
    expect(await at(2n)).toBe(texts[1]);
  });

  test("a repetition penalty keeps it from saying the same again", async () => {
    const { ids } = await write(modelOf(tied), { repetitionPenalty: 50 });
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(reference.tied.greedy).size).toBeLessThan(5);
  });

  test("ends when it is cancelled, and refuses what is too long", async () => {
    const controller = new AbortController();
    const cancelled = write(modelOf(tied), {
      signal: controller.signal,
      onTokens: (ids) => ids.length === 2 && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    await expect(write(modelOf(tied), { start: Array(5000).fill(1) })).rejects.toMatchObject({
      code: "text-too-long",
      field: "text",
    });
  });
});

describe("which text encoders can write", () => {
  test("one with all of its parts: tied, or with an output layer of its own", async () => {
    expect(await languageHead(tied, {})).toBe(EMBEDDING_PATH);
    expect(await languageHead(tied, { tie_word_embeddings: true })).toBe(EMBEDDING_PATH);
    expect(await languageHead(separate, { tie_word_embeddings: false })).toBe("lm_head");
  });

  test("no other, and each says why and what to do", async () => {
    const missing = (why: string) => ({
      code: "language-model-missing",
      message: expect.stringContaining(why),
      help: expect.stringMatching(/Wildcards.*Text Template/),
      field: "textEncoder",
    });
    await expect(languageHead(tied, { tie_word_embeddings: false })).rejects.toMatchObject(missing("no output layer"));
    const pruned = await changed("pruned", (tensors) => delete tensors["model.norm.weight"]);
    await expect(languageHead(pruned, {})).rejects.toMatchObject(missing("no final norm"));
    const starter = await openWeightFolder(starterFolder);
    await expect(languageHead(starter, { tie_word_embeddings: true })).rejects.toMatchObject(
      missing("it was trained to read prompts only"),
    );
  });

  test("stop tokens are those of both configurations", async () => {
    expect(await stopTokensOf(encoderFolder, { eos_token_id: 7 })).toEqual([375, 373, 7]);
    expect(await stopTokensOf(folder, { eos_token_id: 7 })).toEqual([7]);
    expect(await stopTokensOf(folder, {})).toEqual([]);
  });
});
