import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../../test/support/encode-safetensors.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { packageFacts } from "../package-facts.ts";
import { heddleFolders } from "../services/home.ts";
import { readCatalogue } from "./catalogue.ts";
import { ModelDatabase } from "./model-database.ts";
import type { ModelManager } from "./model-manager.ts";
import { openModelManager } from "./open-model-manager.ts";
import { type LoopbackHub, REPOSITORY, REVISION, startLoopbackHub } from "./testing/loopback-hub.ts";

const starter = join(packageFacts().folder, "resources/starter-model");
const lora = encodeSafetensors(
  { "diffusion_model.layers.0.attention.to_q.lora_A.weight": randomTensor(pseudoRandom(3), 4, 64) },
  { "modelspec.title": "Ink", "modelspec.trigger_phrase": "ink drawing, black" },
);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let home: string;
let hub: LoopbackHub;
let manager: ModelManager;
let changed: ReturnType<typeof vi.fn<() => void>>;

beforeEach(async () => {
  home = (await temporaryFolder()).path;
  hub = await startLoopbackHub({ "loras/ink.safetensors": { bytes: lora } });
  changed = vi.fn<() => void>();
  const folders = heddleFolders({ HEDDLE_HOME: home, HEDDLE_OUTPUT: home });
  manager = openModelManager({
    folders,
    environment: { HF_ENDPOINT: hub.url },
    places: [join(home, "ComfyUI"), join(home, "absent")],
    retries: { attempts: 2, baseDelayMs: 1, maxDelayMs: 2, idleTimeoutMs: 500 },
    keepPreview: async (file) => sha256(await readFile(file)),
    onChange: () => changed(),
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await manager.close();
  await hub.close();
});

async function put(name: string, content: Uint8Array | string): Promise<string> {
  const file = join(home, "models", name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** The library once all headers have been read. */
async function settled() {
  await manager.library();
  await vi.waitFor(async () => expect((await manager.library()).some(({ pending }) => pending)).toBe(false), 5_000);
  return manager.library();
}

test("each header is read once, by however many readers", async () => {
  for (const name of ["a", "b", "c", "d"]) await put(`loras/${name}.safetensors`, lora);
  const remember = vi.spyOn(ModelDatabase.prototype, "rememberFacts");
  await settled();
  const read = remember.mock.calls.map(([{ path }]) => path);
  expect(read.filter((path) => path.startsWith(home)).toSorted()).toEqual(
    ["a", "b", "c", "d"].map((name) => join(home, "models", "loras", `${name}.safetensors`)),
  );
});

test("facts that cannot be kept are not read again and again", async () => {
  await put("loras/ink.safetensors", lora);
  const remember = vi.spyOn(ModelDatabase.prototype, "rememberFacts").mockImplementation(() => {
    throw new Error("database or disk is full");
  });
  const models = await manager.library();
  await vi.waitFor(() => expect(remember).toHaveBeenCalledTimes(models.length), 5_000);
  changed.mockClear();
  expect((await manager.library()).every(({ pending }) => pending)).toBe(true);
  // A second reading would have begun by the time that a third look at the folder is done.
  await manager.library();
  expect(remember).toHaveBeenCalledTimes(models.length);
  expect(changed).not.toHaveBeenCalled();
});

test("the library tells what headers say, and what lies beside the files", async () => {
  await put("loras/ink.safetensors", lora);
  await put("loras/ink.preview.png", "picture");
  await put("loras/broken.safetensors", "no weights");
  await mkdir(join(home, "models/vae"), { recursive: true });
  await copyFile(
    join(starter, "base/vae/diffusion_pytorch_model.safetensors"),
    join(home, "models/vae/ae.safetensors"),
  );
  const all = await settled();
  const find = (name: string) => all.find((model) => model.name === name);
  expect(find("loras/ink.safetensors")).toMatchObject({
    family: "Z-Image",
    precision: "F32",
    parameters: 256,
    title: "Ink",
    triggerWords: ["ink drawing", "black"],
    preview: sha256(Buffer.from("picture")),
    sha256: null,
    lastUsed: null,
    problem: null,
  });
  expect(find("loras/broken.safetensors")?.problem).toMatchObject({
    code: "safetensors-invalid",
    message: expect.stringContaining("not a usable safetensors file"),
  });
  expect(find("vae/ae.safetensors")).toMatchObject({ family: "Flux autoencoder", problem: null });
  expect(find("starter/turbo")).toMatchObject({ family: "Z-Image", variant: "turbo", builtIn: true });
  expect(changed).toHaveBeenCalled();
});

test("a file in a folder of two kinds is read as each of them", async () => {
  const vae = join(home, "models/vae");
  await mkdir(vae, { recursive: true });
  await copyFile(join(starter, "base/vae/diffusion_pytorch_model.safetensors"), join(vae, "ae.safetensors"));
  await symlink(vae, join(home, "models/text_encoders"));
  const all = await settled();
  const find = (kind: string) => all.find((model) => model.kind === kind && model.name.endsWith("/ae.safetensors"));
  expect(find("vae")).toMatchObject({ family: "Flux autoencoder", problem: null });
  expect(find("textEncoder")?.problem).toMatchObject({ message: expect.any(String) });
});

test("a hash is computed once, and anew when the file changes", async () => {
  const file = await put("loras/ink.safetensors", lora);
  expect(await manager.hash("lora", "loras/ink.safetensors")).toBe(sha256(lora));
  expect((await settled()).find(({ name }) => name === "loras/ink.safetensors")?.sha256).toBe(sha256(lora));
  const other = Buffer.from(lora);
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  await writeFile(file, other);
  await utimes(file, 1e9, 1e9);
  expect((await manager.library()).find(({ name }) => name === "loras/ink.safetensors")?.sha256).toBeNull();
  expect(await manager.hash("lora", "loras/ink.safetensors")).toBe(sha256(other));
  await expect(manager.hash("lora", "gone.safetensors")).rejects.toMatchObject({ code: "model-not-found" });
});

test("a download is known with its origin, and verification sees damage", async () => {
  await manager.downloads.add("lora", { repository: REPOSITORY, file: "loras/ink.safetensors" });
  await manager.downloads.idle();
  await vi.waitFor(async () =>
    expect((await manager.library()).find(({ name }) => name === "loras/ink.safetensors")).toMatchObject({
      sha256: sha256(lora),
      origin: { repository: REPOSITORY, revision: REVISION, file: "loras/ink.safetensors" },
    }),
  );
  expect(await manager.verify("lora", "loras/ink.safetensors")).toEqual({ result: "matches", sha256: sha256(lora) });
  const [reference] = await manager.references([{ kind: "lora", name: "ink.safetensors" }]);
  expect(reference).toEqual({
    kind: "lora",
    name: "ink.safetensors",
    sizeBytes: lora.length,
    sha256: sha256(lora),
    repository: REPOSITORY,
    file: "loras/ink.safetensors",
    revision: REVISION,
  });
});

test("what a repository offers: weight files with kind, size, licence", async () => {
  hub.files["README.md"] = { bytes: Buffer.from("#"), lfs: false };
  const { repository, offers } = await manager.browse(`${hub.url}/${REPOSITORY}`);
  expect(repository).toBe(REPOSITORY);
  expect(offers).toEqual([
    {
      source: {
        repository: REPOSITORY,
        file: "loras/ink.safetensors",
        revision: REVISION,
        sizeBytes: lora.length,
        sha256: sha256(lora),
        licence: "apache-2.0",
      },
      fileName: "ink.safetensors",
      kind: "lora",
      sizeBytes: lora.length,
      licence: "apache-2.0",
      gated: false,
    },
  ]);
  await expect(manager.browse("owner/nothing")).rejects.toMatchObject({ code: "download-not-found" });
  await expect(manager.browse("not an address")).rejects.toMatchObject({ code: "bad-address" });
});

test("a missing model is found under another name by its content, by its file name, or offered", async () => {
  await put("loras/renamed.safetensors", lora);
  await put("loras/a/twin.safetensors", "1");
  await put("loras/b/twin.safetensors", "2");
  await put("loras/deep/er/there.safetensors", "3");
  const wanted = [
    { kind: "lora" as const, name: "old\\ink.safetensors", sha256: sha256(lora), sizeBytes: lora.length },
    { kind: "lora" as const, name: "twin.safetensors" },
    { kind: "lora" as const, name: "there.safetensors" },
    { kind: "vae" as const, name: "ae.safetensors" },
    { kind: "lora" as const, name: "x.safetensors", url: "https://example.org/x.safetensors" },
    { kind: "lora" as const, name: "y.safetensors", url: "http://example.org/y.safetensors" },
  ];
  const [ink, twin, there, vae, x, y] = await manager.find(wanted, false);
  expect(ink).toMatchObject({
    present: false,
    matches: [{ name: "loras/renamed.safetensors", by: "content" }],
    offer: null,
  });
  expect(twin?.matches.map(({ name, by }) => [name, by])).toEqual([
    ["loras/a/twin.safetensors", "file-name"],
    ["loras/b/twin.safetensors", "file-name"],
  ]);
  expect(there?.present).toBe(true);
  expect(vae?.offer).toMatchObject({ fileName: "ae.safetensors", sizeBytes: 335304388, licence: "Apache-2.0" });
  expect(x?.offer?.source.url).toBe("https://example.org/x.safetensors");
  expect(y?.offer).toBeNull();
  expect(hub.requests).toEqual([]);
});

test("what another program has is told, and is there once its folder is added", async () => {
  await mkdir(join(home, "ComfyUI/comfy"), { recursive: true });
  await mkdir(join(home, "ComfyUI/models/vae"), { recursive: true });
  await writeFile(join(home, "ComfyUI/models/vae/ae.safetensors"), "x");
  const wanted = [{ kind: "vae" as const, name: "flux/AE.safetensors" }];
  const [before] = await manager.find(wanted, false);
  expect(before).toMatchObject({
    present: false,
    elsewhere: [{ folder: join(home, "ComfyUI"), program: "comfyui" }],
  });
  await manager.addFolder(join(home, "ComfyUI"));
  expect(await manager.find(wanted, false)).toMatchObject([{ present: true, elsewhere: [] }]);
});

test("a text encoder in one file also misses its tokenizer", async () => {
  const wanted = [{ kind: "textEncoder" as const, name: "qwen_3_4b.safetensors" }];
  const names = async () =>
    (await manager.find(wanted, false)).filter(({ present }) => !present).map(({ name }) => name);
  expect(await names()).toEqual(["qwen_3_4b.safetensors", "tokenizer.json"]);
  await put("text_encoders/qwen_3_4b.safetensors", "x");
  expect(await names()).toEqual(["tokenizer.json"]);
  await put("tokenizer/tokenizer.json", "{}");
  expect(await names()).toEqual([]);
});

test("the catalogue is whole: what is needed is in it, what is published has a hash", async () => {
  const entries = readCatalogue(join(packageFacts().folder, "resources"));
  const ids = new Set(entries.map(({ id }) => id));
  for (const { needs, source, sizeBytes } of entries) {
    expect(needs.filter((id) => !ids.has(id))).toEqual([]);
    if (source.sizeBytes !== undefined) expect(source.sizeBytes).toBe(sizeBytes);
  }
  await put("tokenizer/tokenizer.json", "{}");
  const listed = await manager.catalogue();
  expect(listed.every(({ installed }) => !installed)).toBe(true);
  expect(listed.find(({ id }) => id === "z-image-turbo-bf16")?.fit?.plan).toMatch(/^int[48]$/);
});

test("derived weights are listed and removed by their names alone", async () => {
  const folder = join(home, "cache", "derived");
  await mkdir(folder, { recursive: true });
  const bytes = encodeSafetensors(
    { x: randomTensor(pseudoRandom(1), 4) },
    { key: "k", plan: "int8", source: "/m/z.safetensors" },
  );
  const id = "a".repeat(32);
  await writeFile(join(folder, `${id}.safetensors`), bytes);
  expect(await manager.derived.list()).toMatchObject([
    { id, model: "z.safetensors", plan: "int8", sizeBytes: bytes.length, isStale: true },
  ]);
  expect(await manager.derived.remove(["../../models.db", id])).toBe(bytes.length);
  expect(await manager.derived.list()).toEqual([]);
});
