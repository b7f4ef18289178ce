import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { scanModels } from "../library/model-list.ts";
import { createModelLibrary } from "../services/model-library.ts";
import { extraModelPaths } from "./extra-model-paths.ts";
import { ModelRoots } from "./model-roots.ts";

let home: string;
let roots: ModelRoots;

beforeEach(async () => {
  home = (await temporaryFolder()).path;
  roots = new ModelRoots({ home, models: [join(home, "models")] });
});

async function put(path: string, content = "x"): Promise<string> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

const names = async () =>
  (await scanModels({ roots: roots.roots(), starter: undefined })).map(({ kind, name }) => `${kind} ${name}`).sort();

test("a ComfyUI installation is read in place, with the folders that its extra_model_paths.yaml names", async () => {
  await put("ComfyUI/comfy/sd.py");
  await put("ComfyUI/models/diffusion_models/z.safetensors");
  await put("ComfyUI/models/loras/style.safetensors");
  await put("more/loras/other.safetensors");
  await put("more/loras/deep/er.safetensors");
  await put("more/encoders/a/qwen.gguf");
  await put("more/encoders/b/clip.safetensors");
  await put(
    "ComfyUI/extra_model_paths.yaml",
    `# comment
mine:
    base_path: ${join(home, "more")}
    is_default: true
    loras: loras/
    text_encoders: |
        encoders/a
        encoders/b/
    embeddings: embeddings
    custom_nodes: nodes
empty:
`,
  );
  expect(await roots.add(join(home, "ComfyUI"))).toMatchObject({ program: "comfyui", fixed: false });
  expect(await names()).toEqual([
    "diffusionModel diffusion_models/z.safetensors",
    "lora deep/er.safetensors",
    "lora loras/style.safetensors",
    "lora other.safetensors",
    "textEncoder clip.safetensors",
    "textEncoder qwen.gguf",
  ]);
  const library = createModelLibrary({ roots: () => roots.roots(), resources: home });
  for (const { kind, name, path } of await scanModels({ roots: roots.roots(), starter: undefined })) {
    expect((await library.resolve(kind, name)).path).toBe(path);
  }
  // As ComfyUI's own workflows name them, and with another folder before the name.
  expect((await library.resolve("lora", "style.safetensors")).path).toBe(
    join(home, "ComfyUI/models/loras/style.safetensors"),
  );
  expect((await library.resolve("lora", "somewhere/ER.safetensors")).path).toBe(
    join(home, "more/loras/deep/er.safetensors"),
  );
});

test("the portable package and Forge are recognised, any other folder is what it is", async () => {
  await put("portable/ComfyUI/comfy/sd.py");
  await put("portable/ComfyUI/models/vae/ae.safetensors");
  await put("forge/webui.py");
  await put("forge/models/Stable-diffusion/model.safetensors");
  await put("forge/models/Lora/x.safetensors");
  await put("plain/loras/y.safetensors");
  const programs = [];
  for (const name of ["portable", "forge", "plain"]) programs.push((await roots.add(join(home, name))).program);
  expect(programs).toEqual(["comfyui", "forge", "folder"]);
  expect(await names()).toEqual([
    "checkpoint Stable-diffusion/model.safetensors",
    "lora Lora/x.safetensors",
    "lora loras/y.safetensors",
    "vae vae/ae.safetensors",
  ]);
});

test("folders stay after a restart, are followed when they change, and are forgotten without being touched", async () => {
  const file = await put("plain/loras/y.safetensors");
  await roots.add(join(home, "plain"));
  const again = new ModelRoots({ home, models: [join(home, "models")] });
  expect(again.list().map(({ path, fixed }) => [path, fixed])).toEqual([
    [join(home, "models"), true],
    [join(home, "plain"), false],
  ]);
  expect(again.remove(join(home, "plain"))).toBe(true);
  expect(again.remove(join(home, "models"))).toBe(false);
  expect(await names()).toEqual([]);
  expect(await put("plain/loras/y.safetensors")).toBe(file);
});

test.each([
  ["relative/folder", "folder-not-absolute"],
  ["/nowhere/at/all", "folder-unreadable"],
])("%s cannot be added", async (path, code) => {
  await expect(roots.add(path)).rejects.toMatchObject({ code });
});

test("a folder is added once; a file that is no yaml is none; a folder that is gone says so", async () => {
  const file = await put("x.txt");
  await expect(roots.add(file)).rejects.toMatchObject({ code: "folder-unreadable" });
  await mkdir(join(home, "plain"));
  await roots.add(join(home, "plain"));
  await expect(roots.add(`${join(home, "plain")}/`)).rejects.toMatchObject({ code: "folder-known" });
  const gone = new ModelRoots({ home, models: [join(home, "models"), join(home, "absent")] });
  expect(gone.list()[1]?.problem).toMatchObject({
    code: "folder-gone",
    message: expect.stringContaining("is not there at present"),
  });
});

test.each([
  ["a list", "- a\n- b\n"],
  ["no yaml", "a: [1\n"],
  [
    "a bomb",
    `${Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} {${Array(9).fill(`x: ${i ? `*a${i - 1}` : 1}`)[0]}}`).join("\n")}\nb: [${"*a11,".repeat(30)}]`,
  ],
])("%s is no file of paths", async (_what, text) => {
  const file = await put("extra.yaml", text);
  expect(() => extraModelPaths(file)).toThrowError(/cannot be understood/);
  await expect(roots.add(file)).rejects.toMatchObject({ code: "extra-paths-unreadable" });
});

test("paths in the file may hold ~ and variables, and begin where the file lies", async () => {
  const file = await put("conf/extra.yaml", "a:\n  base_path: $DISK/ai\n  unet: models\nb:\n  clip: ../clips\n");
  expect(extraModelPaths(file, { DISK: "/mnt/disk" })).toEqual([
    { path: "/mnt/disk/ai/models", kind: "diffusionModel" },
    { path: join(home, "clips"), kind: "textEncoder" },
  ]);
});
