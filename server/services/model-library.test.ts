import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createModelLibrary } from "./model-library.ts";

const rootsOf = (...folders: string[]) => folders.map((folder) => ({ path: folder, source: folder }));

let root: string;
let library: ReturnType<typeof createModelLibrary>;

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "heddle-models-")));
  for (const folder of ["models/mine/vae", "shared/loras", "resources/starter-model/turbo", "secret"]) {
    await mkdir(path.join(root, folder), { recursive: true });
  }
  await writeFile(path.join(root, "models/mine/vae/x.safetensors"), "1234");
  await writeFile(path.join(root, "shared/loras/style.safetensors"), "1");
  await writeFile(path.join(root, "resources/starter-model/turbo/model_index.json"), "{}");
  await writeFile(path.join(root, "secret/passwords.safetensors"), "1");
  library = createModelLibrary({
    roots: () => rootsOf(path.join(root, "models"), path.join(root, "shared")),
    resources: path.join(root, "resources"),
  });
});
afterEach(() => rm(root, { recursive: true }));

describe("names", () => {
  test.each([
    ["checkpoint", "mine", "models/mine"],
    ["checkpoint", "starter/turbo", "resources/starter-model/turbo"],
    ["lora", "loras/style.safetensors", "shared/loras/style.safetensors"],
    ["lora", "style.safetensors", "shared/loras/style.safetensors"],
  ] as const)("the %s %s is %s", async (kind, name, expected) => {
    expect((await library.resolve(kind, name)).path).toBe(path.join(root, expected));
  });

  test("ONNX models are found in folders of their kind only", async () => {
    for (const folder of ["models/detectors", "models/ultralytics/bbox", "models/mine"]) {
      await mkdir(path.join(root, folder), { recursive: true });
      await writeFile(path.join(root, folder, `${path.basename(folder)}.onnx`), "1");
    }
    const at = async (name: string) => path.relative(root, (await library.resolve("detector", name)).path);
    expect(await at("detectors/detectors.onnx")).toBe(path.join("models", "detectors", "detectors.onnx"));
    expect(await at("detectors.onnx")).toBe(path.join("models", "detectors", "detectors.onnx"));
    expect(await at("ultralytics/bbox/bbox.onnx")).toBe(path.join("models", "ultralytics", "bbox", "bbox.onnx"));
    await expect(library.resolve("detector", "mine/mine.onnx")).rejects.toMatchObject({
      code: "model-not-found",
      message: 'There is no object detector "mine/mine.onnx" on this machine.',
      help: expect.stringContaining(path.join(root, "models", "detectors")),
    });
    await expect(library.resolve("classifier", "detectors/detectors.onnx")).rejects.toMatchObject({
      code: "model-not-found",
    });
    await expect(library.resolve("detector", "detectors/../mine/mine.onnx")).rejects.toMatchObject({
      code: "model-outside-folders",
    });
  });

  test.each(["nothing", "starter/nothing", "mine/nothing", "style.safetensors"])(
    "the checkpoint %s is not there",
    async (name) => {
      await expect(library.resolve("checkpoint", name)).rejects.toMatchObject({ code: "model-not-found" });
    },
  );

  test.each([
    "../secret/passwords.safetensors",
    "mine/../../secret",
    "starter/../../../secret",
    "starter/..",
    "/etc/passwd",
    "C:/Windows",
    "..\\secret",
    "",
    ".",
    "mine//vae",
    "mine\0",
  ])("%j is refused", async (name) => {
    await expect(library.resolve("checkpoint", name)).rejects.toMatchObject({ code: "model-outside-folders" });
  });
});

describe("links", () => {
  test("one that the owner put there is followed, wherever it leads", async () => {
    await symlink(path.join(root, "secret"), path.join(root, "models/link"));
    const { path: found } = await library.resolve("checkpoint", "link/passwords.safetensors");
    expect(found).toBe(path.join(root, "secret/passwords.safetensors"));
  });

  test("one into another models folder is followed to the real place", async () => {
    await symlink(path.join(root, "shared/loras"), path.join(root, "models/loras"));
    const { path: found } = await library.resolve("lora", "loras/style.safetensors");
    expect(found).toBe(path.join(root, "shared/loras/style.safetensors"));
  });

  test("the models folder itself may be a link", async () => {
    await symlink(path.join(root, "models"), path.join(root, "linked"));
    const linked = createModelLibrary({ roots: () => rootsOf(path.join(root, "linked")), resources: root });
    expect((await linked.resolve("checkpoint", "mine")).path).toBe(path.join(root, "models/mine"));
  });
});

test("the identity changes with any file of the model, and only then", async () => {
  const identity = async () => (await library.resolve("checkpoint", "mine")).identity;
  const first = await identity();
  expect(await identity()).toBe(first);
  const file = path.join(root, "models/mine/vae/x.safetensors");
  await utimes(file, new Date(), new Date(2020, 0, 1));
  const touched = await identity();
  expect(touched).not.toBe(first);
  await writeFile(path.join(root, "models/mine/new.json"), "");
  expect(await identity()).not.toBe(touched);
});
