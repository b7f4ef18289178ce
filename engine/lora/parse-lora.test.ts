import { expect, test } from "vitest";
import {
  encodeSafetensors,
  pseudoRandom,
  randomTensor,
  type TestTensor,
} from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readSafetensorsHeader } from "../weights/safetensors.ts";
import { combineBiases, combineLoras, differenceOf } from "./combine-loras.ts";
import type { ParsedLora } from "./lora-types.ts";
import { type ParseLoraOptions, parseLora } from "./parse-lora.ts";

const modules = new Map([
  ["all_x_embedder.2-1", { inFeatures: 5, outFeatures: 6 }],
  ["layers.0.attention.to_q", { inFeatures: 6, outFeatures: 6 }],
  ["layers.0.attention.to_k", { inFeatures: 6, outFeatures: 6 }],
  ["layers.0.attention.to_v", { inFeatures: 6, outFeatures: 6 }],
  ["layers.0.attention.to_out.0", { inFeatures: 6, outFeatures: 6 }],
  ["layers.0.feed_forward.w1", { inFeatures: 6, outFeatures: 8 }],
  ["noise_refiner.0.adaLN_modulation.0", { inFeatures: 4, outFeatures: 24 }],
  ["context_refiner.0.feed_forward.w2", { inFeatures: 8, outFeatures: 6 }],
]);
const w1 = "layers.0.feed_forward.w1";
const textEncoderModules = new Map([["model.layers.3.self_attn.q_proj", { inFeatures: 7, outFeatures: 9 }]]);

async function parse(
  tensors: Record<string, TestTensor>,
  options: ParseLoraOptions = {},
  metadata?: Record<string, string>,
): Promise<ParsedLora> {
  const folder = await temporaryFolder();
  const path = await folder.write("lora.safetensors", encodeSafetensors(tensors, metadata));
  return parseLora(await readSafetensorsHeader(path), modules, options);
}

/** The delta [out, in] that the factors amount to. */
async function deltaOf(stack: Parameters<typeof combineLoras>[0], module: string): Promise<number[]> {
  const { rank, a, b } = (await combineLoras(stack)).get(module)!;
  const [inputs, outputs] = [a.length / rank, b.length / rank];
  return Array.from({ length: outputs * inputs }, (_, at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += a[i * rank + r]! * b[r * outputs + o]!;
    return sum;
  });
}

/** up [out, r] times down [r, in], straight from the definition. */
function product(up: TestTensor & { data: Float32Array }, down: TestTensor & { data: Float32Array }): number[] {
  const [outputs, rank, inputs] = [up.shape[0]!, up.shape[1]!, down.shape[1]!];
  return Array.from({ length: outputs * inputs }, (_, at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += up.data[o * rank + r]! * down.data[r * inputs + i]!;
    return sum;
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThan(1e-5);
}

const scalar = (value: number): TestTensor => ({ shape: [], data: Float32Array.of(value) });
const random = pseudoRandom(11);
const down = randomTensor(random, 2, 6);
const up = randomTensor(random, 8, 2);
const pair = product(up, down);
const times = (factor: number, values: readonly number[]) => values.map((value) => factor * value);

test.each([
  ["PEFT", `transformer.${w1}.lora_A.weight`, `transformer.${w1}.lora_B.weight`],
  [
    "PEFT's own",
    `base_model.model.transformer.${w1}.lora_A.weight`,
    `base_model.model.transformer.${w1}.lora_B.weight`,
  ],
  ["PEFT without a pipeline", `base_model.model.${w1}.lora_A.weight`, `base_model.model.${w1}.lora_B.weight`],
  ["bare", `${w1}.lora_A.weight`, `${w1}.lora_B.weight`],
  ["wrapped", `base_model.model._inner_dit.${w1}.lora_A.weight`, `base_model.model._inner_dit.${w1}.lora_B.weight`],
  ["adapter name", `${w1}.lora_A.default.weight`, `${w1}.lora_B.default.weight`],
  ["default prefix", `default.${w1}.lora_A.weight`, `default.${w1}.lora_B.weight`],
  ["ComfyUI", `diffusion_model.${w1}.lora_down.weight`, `diffusion_model.${w1}.lora_up.weight`],
  ["dotted", `diffusion_model.${w1}.lora.down.weight`, `diffusion_model.${w1}.lora.up.weight`],
  ["old diffusers", `transformer.${w1}_lora.down.weight`, `transformer.${w1}_lora.up.weight`],
  ["kohya", "lora_unet_layers_0_feed_forward_w1.lora_down.weight", "lora_unet_layers_0_feed_forward_w1.lora_up.weight"],
  [
    "kohya __",
    "lora_unet__layers_0_feed_forward_w1.lora_down.weight",
    "lora_unet__layers_0_feed_forward_w1.lora_up.weight",
  ],
  ["LyCORIS", "lycoris_layers_0_feed_forward_w1.lora_down.weight", "lycoris_layers_0_feed_forward_w1.lora_up.weight"],
])("%s names: the pair is applied, and without alpha the scale is 1", async (_, downKey, upKey) => {
  const lora = await parse({ [downKey]: down, [upKey]: up });
  expect(lora.report).toMatchObject({ applied: 2, total: 2, unapplied: [], duplicates: [] });
  expectClose(await deltaOf([{ lora, weight: 1 }], w1), pair);
});

test.each([
  ["lora_unet_x_embedder", "all_x_embedder.2-1", 5, 6],
  ["lora_unet_all_x_embedder_2-1", "all_x_embedder.2-1", 5, 6],
  ["lora_unet_layers_0_attention_to_out_0", "layers.0.attention.to_out.0", 6, 6],
  ["lora_unet_layers_0_attention_out", "layers.0.attention.to_out.0", 6, 6],
  ["diffusion_model.layers.0.attention.out", "layers.0.attention.to_out.0", 6, 6],
  ["diffusion_model.layers.0.attention.to.q", "layers.0.attention.to_q", 6, 6],
  ["lora_unet_noise_refiner_0_adaLN_modulation_0", "noise_refiner.0.adaLN_modulation.0", 4, 24],
  ["lora_unet_context_refiner_0_feed_forward_w2", "context_refiner.0.feed_forward.w2", 8, 6],
])("%s is %s", async (name, module, inputs, outputs) => {
  const [a, b] = [randomTensor(random, 3, inputs), randomTensor(random, outputs, 3)];
  const lora = await parse({
    [`${name}.lora_down.weight`]: a,
    [`${name}.lora_up.weight`]: b,
    [`${name}.alpha`]: scalar(6),
  });
  expect([...lora.updates.keys()]).toEqual([module]);
  expectClose(await deltaOf([{ lora, weight: 1 }], module), times(2, product(b, a)));
});

test("the rows of a fused qkv are q, k and v", async () => {
  const [a, b] = [randomTensor(random, 2, 6), randomTensor(random, 18, 2)];
  const name = "diffusion_model.layers.0.attention.qkv";
  const lora = await parse({ [`${name}.lora_A.weight`]: a, [`${name}.lora_B.weight`]: b });
  const whole = product(b, a);
  for (const [i, part] of ["to_q", "to_k", "to_v"].entries()) {
    expectClose(await deltaOf([{ lora, weight: 1 }], `layers.0.attention.${part}`), whole.slice(i * 36, (i + 1) * 36));
  }
});

test("a fused qkv beside q gives only k and v", async () => {
  const [a, b, own] = [randomTensor(random, 2, 6), randomTensor(random, 18, 2), randomTensor(random, 6, 2)];
  const lora = await parse({
    "layers.0.attention.qkv.lora_A.weight": a,
    "layers.0.attention.qkv.lora_B.weight": b,
    "layers.0.attention.to_q.lora_A.weight": a,
    "layers.0.attention.to_q.lora_B.weight": own,
  });
  expectClose(await deltaOf([{ lora, weight: 1 }], "layers.0.attention.to_q"), product(own, a));
  expectClose(await deltaOf([{ lora, weight: 1 }], "layers.0.attention.to_v"), product(b, a).slice(72));
});

test("a module written in two ways: its pair in dots, its alpha with underscores, and a fused copy", async () => {
  const [a, b, copy] = [randomTensor(random, 2, 6), randomTensor(random, 6, 2), randomTensor(random, 18, 2)];
  const name = "layers.0.attention";
  const lora = await parse({
    [`${name}.qkv.alpha`]: scalar(4),
    [`${name}.qkv.lora.down.weight`]: a,
    [`${name}.qkv.lora.up.weight`]: copy,
    ...Object.fromEntries(
      ["q", "k", "v"].flatMap((part) => [
        [`${name}.to_${part}.alpha`, scalar(6)],
        [`${name}.to.${part}.lora.down.weight`, a],
        [`${name}.to.${part}.lora.up.weight`, b],
      ]),
    ),
  });
  expect(lora.report).toMatchObject({ applied: 9, unapplied: [] });
  expect(lora.report.duplicates).toHaveLength(3);
  expectClose(await deltaOf([{ lora, weight: 1 }], `${name}.to_q`), times(3, product(b, a)));
});

test("alpha comes from PEFT's config in the metadata, for single modules from its pattern, and a tensor wins", async () => {
  const config = (extra: object) => ({
    lora_adapter_metadata: JSON.stringify({ "transformer.r": 2, "transformer.lora_alpha": 6, ...extra }),
  });
  const tensors = { [`transformer.${w1}.lora_A.weight`]: down, [`transformer.${w1}.lora_B.weight`]: up };
  const scales = async (extra: object, more: Record<string, TestTensor> = {}) =>
    deltaOf([{ lora: await parse({ ...tensors, ...more }, {}, config(extra)), weight: 1 }], w1);
  expectClose(await scales({}), times(3, pair));
  expectClose(await scales({ "transformer.alpha_pattern": { "feed_forward.w1": 1 } }), times(0.5, pair));
  expectClose(await scales({ "transformer.use_rslora": true }), times(6 / Math.SQRT2, pair));
  expectClose(await scales({}, { [`transformer.${w1}.alpha`]: scalar(4) }), times(2, pair));
});

test("a stack adds up, each with its weight, and weight 0 is exactly nothing", async () => {
  const other = [randomTensor(random, 3, 6), randomTensor(random, 8, 3)] as const;
  const first = await parse({ [`${w1}.lora_A.weight`]: down, [`${w1}.lora_B.weight`]: up });
  const second = await parse({ [`${w1}.lora_A.weight`]: other[0], [`${w1}.lora_B.weight`]: other[1] });
  const sum = product(other[1], other[0]).map((value, i) => 0.8 * pair[i]! - 0.5 * value);
  const stack = [
    { lora: first, weight: 0.8 },
    { lora: second, weight: -0.5 },
  ];
  expect((await combineLoras(stack)).get(w1)!.rank).toBe(5);
  expectClose(await deltaOf(stack, w1), sum);
  expect((await combineLoras([{ lora: first, weight: 0 }])).size).toBe(0);
  const secondOnly = await combineLoras([{ lora: first, weight: 0 }, stack[1]!]);
  expect(secondOnly.get(w1)!.rank).toBe(3);
});

function kron(a: TestTensor & { data: Float32Array }, b: TestTensor & { data: Float32Array }): number[] {
  const [rows, columns] = [a.shape[0]! * b.shape[0]!, a.shape[1]! * b.shape[1]!];
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    const left = a.data[Math.floor(i / b.shape[0]!) * a.shape[1]! + Math.floor(j / b.shape[1]!)]!;
    return left * b.data[(i % b.shape[0]!) * b.shape[1]! + (j % b.shape[1]!)]!;
  });
}

test("LoKr: alpha counts only when a factor is a product", async () => {
  const [whole1, whole2] = [randomTensor(random, 2, 3), randomTensor(random, 4, 2)];
  const full = await parse({ [`${w1}.lokr_w1`]: whole1, [`${w1}.lokr_w2`]: whole2, [`${w1}.alpha`]: scalar(5) });
  expectClose(await deltaOf([{ lora: full, weight: 1 }], w1), kron(whole1, whole2));

  const [a, b] = [randomTensor(random, 4, 1), randomTensor(random, 1, 2)];
  const product2 = { shape: [4, 2], data: Float32Array.from(product(a, b)) };
  const low = await parse({
    [`${w1}.lokr_w1`]: whole1,
    [`${w1}.lokr_w2_a`]: a,
    [`${w1}.lokr_w2_b`]: b,
    [`${w1}.alpha`]: scalar(5),
  });
  expect(low.updates.get(w1)).toMatchObject({ kind: "low-rank", rank: 2 });
  expectClose(await deltaOf([{ lora: low, weight: 1 }], w1), times(5, kron(whole1, product2)));
});

test.each([1, 3])("LoHa of rank %i: the elementwise product of two products", async (rank) => {
  const [a1, b1, a2, b2] = [
    [8, rank],
    [rank, 6],
    [8, rank],
    [rank, 6],
  ].map((shape) => randomTensor(random, ...shape));
  const name = "lycoris_layers_0_feed_forward_w1";
  const lora = await parse({
    [`${name}.hada_w1_a`]: a1!,
    [`${name}.hada_w1_b`]: b1!,
    [`${name}.hada_w2_a`]: a2!,
    [`${name}.hada_w2_b`]: b2!,
    [`${name}.alpha`]: scalar(2),
  });
  const second = product(a2!, b2!);
  const expected = product(a1!, b1!).map((value, i) => (value * second[i]! * 2) / rank);
  expect(lora.report.fullRank).toEqual(rank === 1 ? [] : [w1]);
  expectClose(await deltaOf([{ lora, weight: 1 }], w1), expected);
});

test("a full difference and its bias", async () => {
  const [diff, bias] = [randomTensor(random, 8, 6), randomTensor(random, 8)];
  const lora = await parse({ [`diffusion_model.${w1}.diff`]: diff, [`diffusion_model.${w1}.diff_b`]: bias });
  expect(lora.report).toMatchObject({ applied: 2, total: 2, fullRank: [w1] });
  expectClose(await deltaOf([{ lora, weight: 0.5 }], w1), times(0.5, [...diff.data]));
  expect((await combineLoras([{ lora, weight: 1 }], "omit")).size).toBe(0);
  expectClose([...(await differenceOf([{ lora, weight: -1 }], w1))!], times(-1, [...diff.data]));
  expectClose([...combineBiases([{ lora, weight: 2 }]).get(w1)!], times(2, [...bias.data]));
});

test.each([
  ["per row", "lora_magnitude_vector", [8]],
  ["per row", "dora_scale", [8, 1]],
  ["per column", "dora_scale", [1, 6]],
])("DoRA %s (%s %j): m (W + BA) / ||W + BA||", async (lanes, ending, shape) => {
  const base = randomTensor(random, 8, 6);
  const magnitude = randomTensor(random, ...shape);
  const tensors = {
    [`transformer.${w1}.lora_A.weight`]: down,
    [`transformer.${w1}.lora_B.weight`]: up,
    [`transformer.${w1}.${ending}`]: magnitude,
  };
  const lora = await parse(tensors, { readBaseWeight: async () => base.data });
  const sum = pair.map((value, i) => value + base.data[i]!);
  const lane = (at: number) => (lanes === "per row" ? Math.floor(at / 6) : at % 6);
  const norms = magnitude.data.map((_, i) => Math.hypot(...sum.filter((_, at) => lane(at) === i)));
  const expected = sum.map((value, at) => (magnitude.data[lane(at)]! * value) / norms[lane(at)]! - base.data[at]!);
  expectClose(await deltaOf([{ lora, weight: 1 }], w1), expected);
  expect(lora.report).toMatchObject({ applied: 3, total: 3, fullRank: [w1] });
  expect(lora.format).toBe("PEFT DoRA");

  await expect(parse(tensors)).rejects.toMatchObject({ code: "lora-no-match" });
});

test.each([
  "text_encoder.model.layers.3.self_attn.q_proj",
  "lora_te_layers_3_self_attn_q_proj",
  "text_encoders.qwen3_4b.transformer.model.layers.3.self_attn.q_proj",
  "lora_te1_model_layers_3_self_attn_q_proj",
])("%s belongs to the text encoder", async (name) => {
  const tensors = {
    [`${name}.lora_down.weight`]: randomTensor(random, 2, 7),
    [`${name}.lora_up.weight`]: randomTensor(random, 9, 2),
    [`${w1}.lora_A.weight`]: down,
    [`${w1}.lora_B.weight`]: up,
  };
  const lora = await parse(tensors, { textEncoderModules });
  expect([...lora.textEncoder.updates.keys()]).toEqual(["model.layers.3.self_attn.q_proj"]);
  expect(lora.report.applied).toBe(4);

  const without = await parse(tensors);
  expect(without.report).toMatchObject({ applied: 2, total: 4 });
  expect(without.report.notes).toEqual(["Left out because they are for a text encoder: 2 keys."]);
});

test("what cannot be applied is listed by name: strange names, shapes that do not fit, halves of pairs", async () => {
  const lora = await parse({
    [`${w1}.lora_A.weight`]: down,
    [`${w1}.lora_B.weight`]: up,
    "layers.7.feed_forward.w1.lora_A.weight": down,
    "layers.0.attention.to_q.lora_A.weight": randomTensor(random, 2, 9),
    "layers.0.attention.to_q.lora_B.weight": randomTensor(random, 6, 2),
    "layers.0.attention.to_k.lora_A.weight": down,
    "something.else": scalar(1),
  });
  expect(lora.report.applied).toBe(2);
  expect(lora.report.unapplied).toEqual([
    "layers.0.attention.to_k.lora_A.weight",
    "layers.0.attention.to_q.lora_A.weight",
    "layers.0.attention.to_q.lora_B.weight",
    "layers.7.feed_forward.w1.lora_A.weight",
    "something.else",
  ]);
});

test.each([
  ["lora_unet_double_blocks_0_img_attn_qkv", 2, 3072, "Flux"],
  ["transformer.single_transformer_blocks.3.attn.to_q", 2, 3072, "Flux"],
  ["transformer.transformer_blocks.3.img_mlp.net.2", 2, 3072, "Qwen-Image"],
  ["diffusion_model.blocks.0.cross_attn.k", 2, 5120, "Wan"],
  ["lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 2, 768, "Stable Diffusion 1.5"],
  ["lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k", 2, 2048, "Stable Diffusion XL"],
  [w1, 2, 30, "another size"],
])("a LoRA for another model is refused by name: %s", async (name, rank, inputs, family) => {
  const tensors = { [`${name}.lora_down.weight`]: randomTensor(random, rank, inputs), [`${name}.lora_up.weight`]: up };
  await expect(parse(tensors)).rejects.toMatchObject({
    code: "lora-no-match",
    message: expect.stringContaining(family),
  });
});

test("metadata: trigger words, tags, rank and alpha", async () => {
  const lora = await parse(
    { [`${w1}.lora_A.weight`]: down, [`${w1}.lora_B.weight`]: up, [`${w1}.alpha`]: scalar(1) },
    {},
    {
      "modelspec.title": "Neon",
      "modelspec.trigger_phrase": "neon style, glow",
      ss_tag_frequency: JSON.stringify({ "10_neon": { night: 3, street: 9 }, more: { night: 8 } }),
    },
  );
  expect(lora.metadata).toEqual({
    title: "Neon",
    triggerWords: ["neon style", "glow"],
    frequentTags: ["night", "street"],
    rank: 2,
    alpha: 1,
  });
});
