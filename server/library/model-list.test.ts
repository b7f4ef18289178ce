import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageFacts } from "../package-facts.ts";
import { createModelLibrary } from "../services/model-library.ts";
import { listModels } from "./model-list.ts";

const resources = join(packageFacts().folder, "resources");
const starter = join(resources, "starter-model");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-models-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, content = "x"): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const rootsOf = (...folders: string[]) => folders.map((path) => ({ path, source: path }));

const summary = async (...folders: string[]) =>
  (await listModels({ roots: rootsOf(...folders), starter: "/nowhere" })).map(({ name, kind, label }) => [
    name,
    kind,
    label,
  ]);

test("the starter model is listed under its own title, and every listed name can be resolved", async () => {
  const models = await listModels({ roots: [], starter });
  expect(models).toContainEqual({
    name: "starter/turbo",
    shortName: "starter/turbo",
    label: "Heddle Starter (turbo)",
    kind: "checkpoint",
    description: "Z-Image, diffusers folder",
    builtIn: true,
    sizeBytes: expect.any(Number),
  });
  expect(models.filter(({ sizeBytes }) => sizeBytes < 100_000)).toEqual([]);
  const parts = [
    "starter/base/text_encoder",
    "starter/base/transformer",
    "starter/base/vae",
    "starter/turbo/transformer",
  ];
  expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining(parts));
  const library = createModelLibrary({ roots: () => [], resources });
  for (const { kind, name } of models) expect((await library.resolve(kind, name)).path).toBeTruthy();
});

test("only one kind, when asked", async () => {
  const loras = await listModels({ roots: [], starter }, "lora");
  expect(loras.length).toBeGreaterThan(0);
  expect(new Set(loras.map(({ kind }) => kind))).toEqual(new Set(["lora"]));
});

test("in a ComfyUI folder the folder tells what a file is", async () => {
  await put("diffusion_models/z_image_turbo.safetensors");
  await put("diffusion_models/z_image-Q4.gguf");
  await put("text_encoders/qwen_3_4b.safetensors");
  await put("vae/ae.safetensors");
  await put("loras/styles/ink.safetensors");
  await put("loras/readme.txt");
  expect(await summary(folder)).toEqual([
    ["diffusion_models/z_image_turbo.safetensors", "diffusionModel", "z_image_turbo"],
    ["diffusion_models/z_image-Q4.gguf", "diffusionModel", "z_image-Q4"],
    ["loras/styles/ink.safetensors", "lora", "ink"],
    ["text_encoders/qwen_3_4b.safetensors", "textEncoder", "qwen_3_4b"],
    ["vae/ae.safetensors", "vae", "ae"],
  ]);
});

test("a diffusers folder is a checkpoint and its parts, also behind a link and with an unreadable index beside it", async () => {
  await put("hub/snapshot/model_index.json", JSON.stringify({ _class_name: "ZImagePipeline" }));
  await put("hub/snapshot/transformer/model.safetensors", "12345");
  await put("models/broken/model_index.json", "{");
  await symlink(join(folder, "hub/snapshot"), join(folder, "models/Z-Image-Turbo"));
  expect(await summary(join(folder, "models"))).toEqual([
    ["Z-Image-Turbo", "checkpoint", "Z-Image-Turbo"],
    ["Z-Image-Turbo/transformer", "diffusionModel", "Z-Image-Turbo, diffusion model"],
  ]);
  expect((await listModels({ roots: rootsOf(join(folder, "models")), starter: "/nowhere" }))[0]?.sizeBytes).toBe(5);
});

test("of two models of one name the first folder's is listed; dangling links and cycles do no harm", async () => {
  await put("a/same.safetensors", "1");
  await put("b/same.safetensors", "22");
  await symlink("/nowhere/at-all", join(folder, "a/dangling.safetensors"));
  await symlink(join(folder, "a"), join(folder, "a/cycle"));
  const models = await listModels({
    roots: rootsOf(join(folder, "a"), join(folder, "b"), join(folder, "absent")),
    starter: "/nowhere",
  });
  expect(models.filter(({ name }) => name === "same.safetensors")).toMatchObject([{ sizeBytes: 1 }]);
});
