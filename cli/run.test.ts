import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { Executor } from "../graph/execution/executor.ts";
import { serializeWorkflow } from "../graph/serialize.ts";
import { workflow } from "../graph/testing/workflows.ts";
import { findDefinition } from "../nodes/definitions.ts";
import { loadRunner } from "../nodes/runners.ts";
import type { NodeServices } from "../nodes/services.ts";
import { createTestServices } from "../nodes/testing/test-services.ts";
import { heddleFolders } from "../server/services/home.ts";
import { createImageStore } from "../server/services/image-store.ts";
import type { LocalServices, LocalServicesOptions } from "../server/services/local-services.ts";
import { createOutputFolder } from "../server/services/output-folder.ts";
import { ownEngine } from "./own-engine.ts";
import { runWorkflow } from "./run.ts";

const template = fileURLToPath(new URL("../resources/templates/text-to-image.json", import.meta.url));
let folder: string;
let stdout: string;
let stderr: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-run-"));
  stdout = "";
  stderr = "";
  vi.stubEnv("HEDDLE_HOME", folder);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

/** Real stores in a folder of the test, a fake engine. */
function setUp() {
  const { engine, services: fakes } = createTestServices();
  let disposed = false;
  const settings: LocalServicesOptions["engine"][] = [];
  const createServices = async (options: LocalServicesOptions): Promise<LocalServices> => {
    const { folders: overrides } = options;
    settings.push(options.engine);
    const folders = { ...heddleFolders({ HEDDLE_HOME: folder }), ...overrides };
    const images = createImageStore(folders.images);
    const services = { ...fakes, images, output: createOutputFolder(folders.output) };
    const parts = { definitions: findDefinition, loadRunner, services, cacheBudgetBytes: 1e6 };
    const dispose = async () => {
      disposed = true;
    };
    return { folders, services, executor: new Executor<NodeServices>(parts), dispose };
  };
  const run = async (
    file: string,
    set: string[] = [],
    more: Partial<Parameters<typeof runWorkflow>[1]> = { json: true },
  ) => {
    await runWorkflow(file, { set, out: path.join(folder, "out"), ...more }, createServices);
    return { code: process.exitCode ?? 0, disposed };
  };
  return { run, engine, settings };
}

async function redPhoto(): Promise<string> {
  const file = path.join(folder, "photo.png");
  await sharp({ create: { width: 24, height: 16, channels: 3, background: "red" } }).toFile(file);
  return file;
}

/** A workflow file that saves a picture as it was loaded. */
async function loadAndSave(image: string): Promise<string> {
  const document = workflow({ load: "load-image", save: "save-image" }, ["load.image > save.image"]);
  document.nodes[0]!.params.image = image;
  const file = path.join(folder, "load-and-save.json");
  await writeFile(file, serializeWorkflow(document));
  return file;
}

describe("heddle run", () => {
  test("prints one JSON object: pictures, timings, cached nodes", async () => {
    const { run } = setUp();
    const { code, disposed } = await run(template, ["sampler.seed=9223372036854775806", "size.batch=2"]);
    const result = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(disposed).toBe(true);
    expect(Object.keys(result)).toEqual(["images", "timings", "cachedNodes"]);
    expect(Object.keys(result.timings)).toEqual(["loadMs", "encodeMs", "sampleMs", "decodeMs", "saveMs", "totalMs"]);
    expect(result.images).toMatchObject([
      { width: 128, height: 128, seed: "9223372036854775806" },
      { seed: "9223372036854775807" },
    ]);
    expect(result.images[0].path.startsWith(path.join(folder, "out"))).toBe(true);
    expect((await readFile(result.images[0].path)).length).toBeGreaterThan(100);
  });

  test("a saved picture runs again as its workflow", async () => {
    const { run, engine } = setUp();
    await run(template, ["prompt.text=a cat", "sampler.seed=5"]);
    const { images } = JSON.parse(stdout);
    stdout = "";
    await run(images[0].path);
    expect(engine.requests[1]).toMatchObject({ seed: 5n, positive: { text: "a cat" } });
    expect(JSON.parse(stdout).images[0].path).not.toBe(images[0].path);
  });

  test("a picture that a setting names by its path is kept and drawn from", async () => {
    const photo = await redPhoto();
    const { run } = setUp();
    expect((await run(await loadAndSave(""), [`load.image=${photo}`])).code).toBe(0);
    const { images } = JSON.parse(stdout);
    expect(images).toMatchObject([{ width: 24, height: 16 }]);
    // Its hash is enough from now on, also without the file.
    await rm(photo);
    const embedded = readEmbedded(await readFile(images[0].path))!.workflow!;
    expect(embedded).toMatch(/"sha256:[0-9a-f]{64}"/);
    expect(embedded).not.toContain("photo.png");
    stdout = "";
    expect((await run(images[0].path)).code).toBe(0);
    expect(JSON.parse(stdout).images).toMatchObject([{ width: 24, height: 16 }]);
  });

  test("warnings go to the error output, the JSON stays clean", async () => {
    const { run } = setUp();
    await run(template, ["size.preset=square_hd"]);
    expect(JSON.parse(stdout).images[0]).toMatchObject({ width: 256, height: 256 });
    expect(stderr).toContain("warning: size.preset: This model draws 112 to 256 pixels a side");
  });

  test("what the process that watches this one has told of the file is not told again", async () => {
    const { run } = setUp();
    const file = path.join(folder, "mended.json");
    const known = JSON.parse(await readFile(template, "utf8"));
    await writeFile(file, JSON.stringify({ ...known, models: "none" }));
    await run(file);
    expect(stderr).toContain("warning: Some of what the workflow says about its models");
    stderr = "";
    vi.stubEnv("HEDDLE_RUN_APART", "1");
    expect((await run(file)).code).toBe(0);
    expect(stderr).toBe("");
  });
});

describe("how this process computes", () => {
  const kept = {
    device: "cpu",
    precision: { transformer: "h8", textEncoder: "int8", vae: "strips" },
    memoryBytes: 2e9,
  };

  test("as it is set in the studio", async () => {
    await writeFile(path.join(folder, "devices.json"), JSON.stringify(kept));
    const { run, settings } = setUp();
    await run(template);
    expect(settings).toMatchObject([{ device: "cpu", precision: kept.precision, memoryBudgetBytes: 2e9 }]);
  });

  test("options go before what is set", async () => {
    const models = { "/models/z": { transformer: "fp16" } };
    await writeFile(path.join(folder, "devices.json"), JSON.stringify({ ...kept, device: "webgpu", models }));
    const { run, settings } = setUp();
    await run(template, [], { device: "cpu", precision: "reference", memory: "1.5" });
    const precision = { transformer: "reference", textEncoder: "reference", vae: "strips" };
    expect(settings[0]).toEqual({ device: "cpu", halfPrecision: false, precision, memoryBudgetBytes: 1.5e9 });
  });

  test.each([
    [{ device: "abacus" }, "device"],
    [{ precision: "rough" }, "precision"],
    [{ memory: "0.5" }, "memory"],
    [{ memory: "1e9" }, "memory"],
    [{ memory: "much" }, "memory"],
  ])("%j cannot be", async (options, field) => {
    const { run, settings } = setUp();
    expect((await run(template, [], { json: true, ...options })).code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "bad-setting", field } });
    expect(settings).toEqual([]);
  });

  test("another machine is not told how to compute", async () => {
    const { run } = setUp();
    expect((await run(template, [], { json: true, server: "http://127.0.0.1:1", device: "cpu" })).code).toBe(2);
    expect(stderr).toContain("--device");
  });

  test("a device that does not work is told: as an error when it was asked for, as a note when it is set", async () => {
    await writeFile(path.join(folder, "devices.json"), JSON.stringify({ ...kept, device: "webgpu" }));
    const trials = {
      examine: () => Promise.reject(new Error("nobody asked")),
      integerProducts: () => Promise.reject(new Error("nobody asked")),
      tryDevice: async () => ({ works: false as const, reason: "no adapter" }),
    };
    expect((await ownEngine({}, { trials })).settings).toMatchObject({ device: "cpu" });
    expect(stderr).toContain("webgpu, which is set, cannot be used: no adapter");
    await expect(ownEngine({ device: "webgpu" }, { trials })).rejects.toMatchObject({ code: "device-unusable" });
  });
});

describe("bad input ends with 2, and nothing runs", () => {
  test("every problem is printed", async () => {
    const { run, engine } = setUp();
    const { code } = await run(template, ["sampler.steps=999", "size.width=100", "save.format=gif"]);
    expect(code).toBe(2);
    expect(engine.calls).toEqual([]);
    const codes = JSON.parse(stdout).problems.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(["value-out-of-range", "value-out-of-range", "value-not-an-option"]);
    expect(stderr).toContain("error: sampler.steps: ");
    expect(stderr).toContain("error: save.format: ");
  });

  test.each([
    ["absent.json", undefined, "file-unreadable"],
    ["broken.json", "{", "workflow-not-json"],
    ["foreign.json", "{}", "workflow-foreign"],
  ])("%s", async (name, content, code) => {
    if (content !== undefined) await writeFile(path.join(folder, name), content);
    const { run } = setUp();
    expect((await run(path.join(folder, name))).code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe(code);
  });

  test.each([
    ["a file that is no picture", "notes.txt", "picture-unreadable"],
    ["a file that is not there", "absent.png", "file-unreadable"],
  ])("%s for a picture", async (_name, file, code) => {
    await writeFile(path.join(folder, "notes.txt"), "no picture");
    const { run } = setUp();
    expect((await run(await loadAndSave(""), [`load.image=${path.join(folder, file)}`])).code).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code, message: expect.stringContaining(file) });
  });

  test("a workflow that names a picture by a path", async () => {
    const photo = await redPhoto();
    const { run } = setUp();
    expect((await run(await loadAndSave(photo))).code).toBe(2);
    expect(JSON.parse(stdout).problems).toMatchObject([{ code: "value-wrong-kind", nodeId: "load", field: "image" }]);
  });

  test("a setting for a node that is not there", async () => {
    const { run } = setUp();
    expect((await run(template, ["nobody.text=x"])).code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe("bad-setting");
  });
});

test("a run that fails ends with 1 and tells which node", async () => {
  const { run, engine } = setUp();
  engine.beforeStep = () => {
    throw new Error("boom");
  };
  expect((await run(template)).code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ status: "failed", images: [], error: { nodeId: "sampler" } });
  expect(stderr).toContain("error: sampler: ");
});

test("Ctrl+C ends the run cleanly with 130", async () => {
  const { run, engine } = setUp();
  engine.beforeStep = (step) => {
    if (step === 2) process.emit("SIGINT");
  };
  const { code, disposed } = await run(template);
  expect(code).toBe(130);
  expect(disposed).toBe(true);
  expect(JSON.parse(stdout)).toMatchObject({ status: "cancelled", images: [] });
  expect(process.listenerCount("SIGINT")).toBe(0);
});

test("one Ctrl+C that comes twice is one", async () => {
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const { run, engine } = setUp();
  engine.beforeStep = (step) => {
    if (step !== 2) return;
    process.emit("SIGINT");
    process.emit("SIGINT");
  };
  const { code, disposed } = await run(template);
  expect([code, disposed]).toEqual([130, true]);
  expect(exit).not.toHaveBeenCalled();
});

test("on a terminal: a progress bar, then the path of each picture", async () => {
  const { run } = setUp();
  const terminals = [process.stdout, process.stderr].map((stream) => [stream, stream.isTTY] as const);
  for (const [stream] of terminals) stream.isTTY = true;
  await run(template, [], {});
  for (const [stream, isTTY] of terminals) stream.isTTY = isTTY;
  expect(stderr).toContain("Sampler ███");
  expect(stderr).toContain("8/8");
  expect(stderr).toMatch(/Done in \d+\.\d s\.\n$/);
  expect(stdout).toMatch(/^\/.*\.png {2}128 × 128\n$/);
});
