import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeGguf } from "../../../test/support/encode-gguf.ts";
import { encodeSafetensors, type TestTensor } from "../../../test/support/encode-safetensors.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readFloats, readTensorBytes } from "../read-tensor.ts";
import type { WeightSet } from "../weight-set.ts";
import type { CheckpointFiles, ComponentFiles } from "./component-files.ts";
import {
  openCheckpointFiles,
  openControlNetFile,
  openTextEncoderFile,
  openTransformerFile,
  openVaeFile,
} from "./open-checkpoint.ts";
import { detectVariant } from "./variant.ts";

const golden = join(import.meta.dirname, "../../../test/golden");
const layouts = join(golden, "layouts");
const model = join(golden, "models/model_bf16");
let reference: CheckpointFiles;
beforeAll(async () => {
  reference = await openCheckpointFiles(model);
});

async function expectSameBytes(actual: ComponentFiles, expected: ComponentFiles): Promise<void> {
  for (const [name, tensor] of expected.weights.tensors) {
    const found = actual.weights.tensors.get(name);
    expect(found, name).toMatchObject({ name, shape: tensor.shape, dtype: tensor.dtype });
    expect(Buffer.compare(await readTensorBytes(found!), await readTensorBytes(tensor)), name).toBe(0);
  }
}

/** Every tensor as it lies in the file, under its own names, for building other files from it. */
async function contents(weights: WeightSet, rename = (name: string) => name): Promise<Record<string, TestTensor>> {
  const entries: [string, TestTensor][] = [];
  for (const [name, tensor] of weights.tensors) {
    entries.push([rename(name), { shape: tensor.shape, dtype: tensor.dtype, data: await readTensorBytes(tensor) }]);
  }
  return Object.fromEntries(entries);
}

describe("layouts", () => {
  test("a diffusers folder gives every part, its tokenizer and its scheduler", () => {
    expect(reference).toMatchObject({
      transformer: { layout: "diffusers", description: "Z-Image transformer, diffusers folder, BF16" },
      textEncoder: { config: { num_key_value_heads: 2 } },
      vae: { config: { norm_num_groups: 4 } },
      tokenizerPath: join(model, "tokenizer"),
      scheduler: { shift: 6 },
      variant: "base",
    });
  });

  test("the original naming holds the same weights: fused rows, renamed parts", async () => {
    const files = await openCheckpointFiles(join(layouts, "transformer_native.safetensors"));
    expect(files.transformer!.layout).toBe("single-file");
    await expectSameBytes(files.transformer!, reference.transformer!);
  });

  test("an all-in-one file holds the same three parts", async () => {
    const path = join(layouts, "checkpoint_all_in_one.safetensors");
    const [transformer, textEncoder, vae] = [
      await openTransformerFile(path),
      await openTextEncoderFile(path),
      await openVaeFile(path),
    ];
    expect(transformer.layout).toBe("all-in-one");
    await expectSameBytes(transformer, reference.transformer!);
    await expectSameBytes(textEncoder, reference.textEncoder!);
    await expectSameBytes(vae, reference.vae!);
  });

  test("ae.safetensors and a single-file text encoder", async () => {
    await expectSameBytes(await openVaeFile(join(layouts, "ae.safetensors")), reference.vae!);
    await expectSameBytes(await openTextEncoderFile(join(layouts, "qwen_3_tiny.safetensors")), reference.textEncoder!);
  });

  test.each(["", "model.diffusion_model.", "diffusion_model.", "transformer.", "some.other."])(
    'the prefix "%s" is found',
    async (prefix) => {
      const native = await openTransformerFile(join(layouts, "transformer_native.safetensors"));
      const folder = await temporaryFolder();
      const bytes = encodeSafetensors(await contents(native.weights, (name) => prefix + name));
      const opened = await openTransformerFile(await folder.write("z.safetensors", bytes));
      await expectSameBytes(opened, reference.transformer!);
    },
  );

  test("a ControlNet file opens with an inferred config", async () => {
    const path = join(golden, "models/controlnet_v2");
    const fromFolder = await openControlNetFile(path);
    const folder = await temporaryFolder();
    const copy = await folder.write("union.safetensors", encodeSafetensors(await contents(fromFolder.weights)));
    const fromFile = await openControlNetFile(copy);
    const { control_in_dim, control_refiner_layers_places, n_heads } = fromFolder.config;
    expect(fromFile.config).toMatchObject({ control_in_dim, control_refiner_layers_places, n_heads });
  });
});

describe("inferred configs", () => {
  test("what shapes tell equals config.json", async () => {
    const path = join(layouts, "checkpoint_all_in_one.safetensors");
    const expectSubset = (inferred: ComponentFiles, given: ComponentFiles, keys: string[]) => {
      for (const key of keys) expect(inferred.config[key], key).toEqual(given.config[key]);
    };
    expectSubset(await openTransformerFile(path), reference.transformer!, [
      "dim",
      "n_heads",
      "n_layers",
      "n_refiner_layers",
      "cap_feat_dim",
      "in_channels",
      "axes_dims",
      "rope_theta",
      "t_scale",
      "norm_eps",
      "all_patch_size",
      "all_f_patch_size",
      "axes_lens",
      "n_kv_heads",
      "qk_norm",
    ]);
    expectSubset(await openTextEncoderFile(path), reference.textEncoder!, [
      "hidden_size",
      "num_attention_heads",
      "num_key_value_heads",
      "head_dim",
      "num_hidden_layers",
      "intermediate_size",
      "vocab_size",
      "rope_theta",
      "rms_norm_eps",
    ]);
    expectSubset(await openVaeFile(path), reference.vae!, [
      "block_out_channels",
      "layers_per_block",
      "latent_channels",
      "scaling_factor",
      "shift_factor",
      "mid_block_add_attention",
      "use_quant_conv",
    ]);
  });

  test("a file inside a component folder keeps its config, also when it is a link to elsewhere", async () => {
    const folder = await temporaryFolder();
    const weights = join(model, "vae/diffusion_pytorch_model.safetensors");
    await symlink(weights, join(folder.path, "diffusion_pytorch_model.safetensors"));
    await cp(join(model, "vae/config.json"), join(folder.path, "config.json"));
    const opened = await openVaeFile(join(folder.path, "diffusion_pytorch_model.safetensors"));
    expect(opened.config.norm_num_groups).toBe(4);
  });

  test("one part of a pipeline's folder", async () => {
    expect((await openVaeFile(model)).weights.path).toBe(join(model, "vae"));
  });

  test("what the caller says wins", async () => {
    const opened = await openVaeFile(join(layouts, "ae.safetensors"), { configs: { vae: { norm_num_groups: 4 } } });
    expect(opened.config).toMatchObject({ norm_num_groups: 4, scaling_factor: 0.3611 });
  });
});

describe("folders that share parts", () => {
  async function shared(): Promise<TemporaryFolder> {
    const folder = await temporaryFolder();
    await cp(model, join(folder.path, "base"), { recursive: true });
    await mkdir(join(folder.path, "turbo"));
    for (const part of ["transformer", "scheduler", "model_index.json"]) {
      await cp(join(model, part), join(folder.path, "turbo", part), { recursive: true });
    }
    return folder;
  }

  test("text encoder, VAE and tokenizer come from the sibling, and the name tells the variant", async () => {
    const folder = await shared();
    const files = await openCheckpointFiles(join(folder.path, "turbo"));
    expect(files.tokenizerPath).toBe(join(folder.path, "base/tokenizer"));
    expect(files.vae!.weights.path).toBe(join(folder.path, "base/vae"));
    expect(files.variant).toBe("turbo");
  });

  test("a sibling whose parts do not fit is passed over", async () => {
    const folder = await shared();
    await rm(join(folder.path, "base"), { recursive: true });
    await cp(join(golden, "models/model_f32"), join(folder.path, "base"), { recursive: true });
    const files = await openCheckpointFiles(join(folder.path, "turbo"));
    expect(files.textEncoder).toBeUndefined();
  });
});

test.each([
  ["z_image_turbo_bf16.safetensors", {}, undefined, "turbo"],
  ["z_image_bf16.safetensors", {}, undefined, "base"],
  ["zImageBase_v1.safetensors", {}, undefined, "base"],
  ["beautiful-mix.safetensors", {}, undefined, "turbo"],
  ["beautiful-mix.safetensors", { "modelspec.title": "Z-Image Base mix" }, undefined, "base"],
  ["my-model", {}, { shift: 6 }, "base"],
  ["my-model", {}, { shift: 3 }, "turbo"],
  ["models--Tongyi-MAI--Z-Image-Turbo/snapshots/abc", {}, { shift: 3 }, "turbo"],
  ["models--Tongyi-MAI--Z-Image/snapshots/abc", {}, { shift: 6 }, "base"],
] as const)("%s, %j, %j is %s", (path, metadata, scheduler, variant) => {
  expect(detectVariant({ path: join("/models", path), metadata, scheduler })).toBe(variant);
});

describe("tokenizers of single-file text encoders", () => {
  test("beside the file, then in the models folders, else an error that says what to fetch and where to put it", async () => {
    const folder = await temporaryFolder();
    const models = join(folder.path, "models");
    const encoders = join(models, "text_encoders");
    await mkdir(encoders, { recursive: true });
    const path = join(encoders, "qwen_3_4b.safetensors");
    await cp(join(layouts, "qwen_3_tiny.safetensors"), path);
    await expect(openCheckpointFiles(path, { modelsFolders: [models] })).rejects.toMatchObject({
      code: "tokenizer-missing",
      help: expect.stringContaining(join(encoders, "qwen_3_4b", "tokenizer.json")),
    });
    await mkdir(join(models, "configs", "Qwen3-4B"), { recursive: true });
    await writeFile(join(models, "configs", "Qwen3-4B", "tokenizer.json"), "{}");
    const opened = await openCheckpointFiles(path, { modelsFolders: [models] });
    expect(opened.tokenizerPath).toBe(join(models, "configs", "Qwen3-4B"));
    await mkdir(join(encoders, "qwen_3_4b"));
    await writeFile(join(encoders, "qwen_3_4b", "tokenizer.json"), "{}");
    const beside = await openCheckpointFiles(path, { modelsFolders: [models] });
    expect(beside.tokenizerPath).toBe(join(encoders, "qwen_3_4b"));
  });
});

describe("stored forms", () => {
  const name = "layers.0.attention.qkv";
  async function openWith(extra: Record<string, TestTensor>, drop: string[] = []) {
    const native = await openTransformerFile(join(layouts, "transformer_native.safetensors"));
    const folder = await temporaryFolder();
    const tensors = await contents(native.weights);
    for (const dropped of ["to_q", "to_k", "to_v"]) delete tensors[`layers.0.attention.${dropped}.weight`];
    for (const key of drop) delete tensors[key];
    const path = await folder.write("z.safetensors", encodeSafetensors({ ...tensors, ...extra }));
    const opened = await openTransformerFile(path);
    const floats = (part: string) => readFloats(opened.weights.tensors.get(`layers.0.attention.${part}.weight`)!);
    return { opened, q: await floats("to_q"), v: await floats("to_v") };
  }
  /** 0x38 is 1 in E4M3, 0x40 is 2. */
  const fp8 = (): TestTensor => ({
    shape: [144, 48],
    dtype: "F8_E4M3",
    data: new Uint8Array(144 * 48).fill(0x38).fill(0x40, 96 * 48),
  });
  const one = (value: number): TestTensor => ({ shape: [], data: Float32Array.of(value) });

  test.each(["scale_weight", "weight_scale"])("scaled FP8 with %s: values times the scale", async (suffix) => {
    const { q, v, opened } = await openWith({
      [`${name}.weight`]: fp8(),
      [`${name}.${suffix}`]: one(0.5),
      [`${name}.input_scale`]: one(3),
      scaled_fp8: { shape: [2], dtype: "F8_E4M3", data: new Uint8Array(2) },
    });
    expect([q[0], v[0]]).toEqual([0.5, 1]);
    expect([...opened.weights.tensors.keys()].filter((key) => /scale/.test(key))).toEqual([]);
  });

  test("a scale for every row is sliced with its rows", async () => {
    const rows = Float32Array.from({ length: 144 }, (_, i) => i + 1);
    const { q, v } = await openWith({
      [`${name}.weight`]: fp8(),
      [`${name}.weight_scale`]: { shape: [144, 1], data: rows },
    });
    expect([q[0], q[48], v[0], v[47 * 48]]).toEqual([1, 2, 2 * 97, 2 * 144]);
  });

  test.each([
    ["NVFP4", { [`${name}.weight_scale_2`]: one(1) }],
    ["INT8", { [`${name}.weight`]: { shape: [144, 48], dtype: "I8", data: new Int8Array(144 * 48) } }],
    ["4-bit", { [`${name}.weight`]: { shape: [144, 24], dtype: "U8", data: new Uint8Array(144 * 24) } }],
    [
      "block-scaled",
      { [`${name}.weight`]: fp8(), [`${name}.weight_scale`]: { shape: [2, 1], data: new Float32Array(2) } },
    ],
  ])("%s is refused by name", async (packing, extra) => {
    await expect(openWith({ [`${name}.weight`]: fp8(), ...extra })).rejects.toMatchObject({
      code: "packing-unsupported",
      message: expect.stringContaining(packing),
    });
  });

  test("missing tensors are listed", async () => {
    const drop = ["layers.1.ffn_norm2.weight", "t_embedder.mlp.0.bias"];
    await expect(openWith({ [`${name}.weight`]: fp8() }, drop)).rejects.toMatchObject({
      code: "tensors-missing",
      details: { missing: expect.arrayContaining(drop) },
    });
  });

  test("a tensor of a wrong shape is named with both shapes", async () => {
    const wrong = { "cap_embedder.1.bias": { shape: [47], data: new Float32Array(47) } };
    await expect(openWith({ [`${name}.weight`]: fp8(), ...wrong })).rejects.toMatchObject({
      code: "tensor-shape-unexpected",
      message: expect.stringMatching(/cap_embedder\.1\.bias is \[47\] where \[48\]/),
      details: { found: [47], expected: [48] },
    });
  });
});

describe("GGUF", () => {
  const types: Record<string, number> = { F32: 0, F16: 1, BF16: 30 };
  async function asGguf(weights: WeightSet, rename: (name: string) => string): Promise<Buffer> {
    const tensors = Object.entries(await contents(weights, rename)).map(([name, { shape, dtype, data }]) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, { shape, type: types[dtype!]!, bytes }] as const;
    });
    return encodeGguf(Object.fromEntries(tensors), { "general.architecture": "lumina2" });
  }

  test("a transformer in the original naming", async () => {
    const native = await openTransformerFile(join(layouts, "transformer_native.safetensors"));
    const folder = await temporaryFolder();
    const path = await folder.write("z_image_turbo-BF16.gguf", await asGguf(native.weights, (name) => name));
    const files = await openCheckpointFiles(path);
    expect(files).toMatchObject({ variant: "turbo", transformer: { layout: "gguf" } });
    await expectSameBytes(files.transformer!, reference.transformer!);
  });

  test("a text encoder in llama.cpp's naming", async () => {
    const llama = (name: string) =>
      name
        .replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm")
        .replace("model.layers.", "blk.")
        .replace("input_layernorm", "attn_norm")
        .replace("post_attention_layernorm", "ffn_norm")
        .replace(/self_attn\.o_proj/, "attn_output")
        .replace(/self_attn\.([qkv])_proj/, "attn_$1")
        .replace(/self_attn\.([qk])_norm/, "attn_$1_norm")
        .replace(/mlp\.(\w+)_proj/, "ffn_$1");
    const folder = await temporaryFolder();
    const path = await folder.write("qwen.gguf", await asGguf(reference.textEncoder!.weights, llama));
    await expectSameBytes(await openTextEncoderFile(path), reference.textEncoder!);
  });
});

describe("files that are something else", () => {
  const tensor = (...shape: number[]): TestTensor => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  test.each([
    ["Flux", { "double_blocks.0.img_attn.qkv.weight": tensor(2, 2) }],
    ["Flux", { "single_transformer_blocks.0.attn.to_q.weight": tensor(2, 2) }],
    ["Qwen-Image", { "transformer_blocks.0.img_mod.1.weight": tensor(2, 2) }],
    ["Stable Diffusion XL", { "conditioner.embedders.1.model.x": tensor(2), "first_stage_model.x": tensor(1) }],
    ["Stable Diffusion 1.5", { "cond_stage_model.transformer.text_model.x": tensor(2) }],
    ["Stable Diffusion 3", { "model.diffusion_model.joint_blocks.0.x.weight": tensor(2) }],
    ["Wan", { "blocks.0.self_attn.q.weight": tensor(2, 2) }],
    [
      "Lumina-Image 2.0",
      { "cap_embedder.0.weight": tensor(4), "context_refiner.0.attention.qkv.weight": tensor(3, 1) },
    ],
    ["LoRA", { "layers.0.attention.to_q.lora_A.weight": tensor(1, 2) }],
    ["CLIP", { "text_model.encoder.layers.0.mlp.fc1.weight": tensor(1, 2) }],
    ["Stable Diffusion 1.5, 2 or XL (4 latent channels)", { "decoder.conv_in.weight": tensor(8, 4, 3, 3) }],
    ["none of the names", { hello: tensor(1) }],
  ])("%s is said", async (family, tensors) => {
    const folder = await temporaryFolder();
    const path = await folder.write("x.safetensors", encodeSafetensors(tensors));
    await expect(openCheckpointFiles(path)).rejects.toMatchObject({
      code: "not-z-image",
      message: expect.stringContaining(family),
    });
  });

  test("a folder of another pipeline is named", async () => {
    const folder = await temporaryFolder();
    await folder.write("model_index.json", Buffer.from('{"_class_name":"StableDiffusionXLPipeline"}'));
    await expect(openCheckpointFiles(folder.path)).rejects.toMatchObject({
      code: "not-z-image",
      message: expect.stringContaining("Stable Diffusion XL"),
    });
  });

  test.each([
    ["model.ckpt", Buffer.from("anything"), "pickle-refused"],
    ["model.safetensors", Buffer.from("PK\u0003\u0004 a zip"), "pickle-refused"],
    ["empty.safetensors", Buffer.alloc(0), "safetensors-invalid"],
  ])("%s: %s", async (name, bytes, code) => {
    const folder = await temporaryFolder();
    await expect(openCheckpointFiles(await folder.write(name, bytes))).rejects.toMatchObject({ code });
  });

  test("an empty folder, a missing path, and a part where another is asked for", async () => {
    const folder = await temporaryFolder();
    await expect(openCheckpointFiles(folder.path)).rejects.toMatchObject({ code: "not-a-checkpoint" });
    await expect(openCheckpointFiles(join(folder.path, "no"))).rejects.toMatchObject({ code: "file-unreadable" });
    const vae = join(layouts, "ae.safetensors");
    await expect(openTransformerFile(vae)).rejects.toMatchObject({
      code: "component-missing",
      details: { found: ["vae"], part: { words: "Z-Image transformer" }, otherPart: { words: "autoencoder (VAE)" } },
    });
  });
});
