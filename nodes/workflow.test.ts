import { readdir, readFile } from "node:fs/promises";
import sharp from "sharp";
import { describe, expect, test, vi } from "vitest";
import { HeddleError } from "../common/errors.ts";
import type { WarningOptions } from "../engine/types.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { type RunEvent, runEventSchema } from "../graph/events.ts";
import { Executor } from "../graph/execution/executor.ts";
import { parseWorkflow, parseWorkflowText } from "../graph/parse.ts";
import { validateWorkflow } from "../graph/validate.ts";
import { findDefinition, nodeDefinitions } from "./definitions.ts";
import { loadRunner } from "./runners.ts";
import type { NodeServices } from "./services.ts";
import { createTestServices } from "./testing/test-services.ts";

async function template(name = "text-to-image"): Promise<WorkflowDocument> {
  const text = await readFile(new URL(`../resources/templates/${name}.json`, import.meta.url), "utf8");
  const { document } = parseWorkflowText(text);
  return change(document, { "prompt.text": "a red circle on a blue background", "sampler.seed": 7 });
}

/** The document with params changed, as `"node.param": value`. */
function change(document: WorkflowDocument, params: Record<string, string | number | boolean>): WorkflowDocument {
  const changed = structuredClone(document);
  for (const [key, value] of Object.entries(params)) {
    const [id, name = ""] = key.split(".");
    changed.nodes.find((node) => node.id === id)!.params[name] = value;
  }
  return changed;
}

function setUp() {
  const test = createTestServices();
  const executor = new Executor<NodeServices>({
    definitions: findDefinition,
    loadRunner,
    services: test.services,
    cacheBudgetBytes: 64 * 1024 * 1024,
    sessionsCreated: () => test.engine.sessionsCreated,
  });
  const run = async (document: WorkflowDocument, signal = new AbortController().signal) => {
    test.engine.calls.length = 0;
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent) => events.push(runEventSchema.parse(event));
    const result = await executor.run(document, { runId: "run", signal, onEvent });
    const computed = events.flatMap((event) => (event.type === "node-started" ? event.nodeId : []));
    return { result, events, computed };
  };
  return { ...test, run };
}

test.each(["text-to-image", "text-to-image-base"])("the template %s is valid and makes a picture", async (name) => {
  const document = await template(name);
  expect(validateWorkflow(document, findDefinition)).toEqual([]);
  const { run, files, engine } = setUp();
  const { result } = await run(document);
  expect(result).toMatchObject({ status: "done", sessionsCreated: 3, cachedNodes: [] });
  expect(result.images).toMatchObject([{ width: 128, height: 128, seed: "7", mimeType: "image/png" }]);
  expect([...files.keys()]).toEqual([result.images[0]!.path]);
  expect(engine.requests[0]).toMatchObject(
    name === "text-to-image"
      ? { steps: 8, guidanceScale: 1, seed: 7n, positive: { text: "a red circle on a blue background" } }
      : { steps: 20, guidanceScale: 2, negative: { kind: "conditioning" } },
  );
});

describe("what runs again after a change", () => {
  test("nothing after none", async () => {
    const { run, engine } = setUp();
    await run(await template());
    const { computed, result } = await run(await template());
    expect(computed).toEqual([]);
    expect(engine.calls).toEqual([]);
    expect(result).toMatchObject({ status: "done", sessionsCreated: 0, images: [{ seed: "7" }] });
    expect(result.cachedNodes.toSorted()).toEqual(["decode", "model", "prompt", "sampler", "save", "size"]);
  });

  test("only saving after another format", async () => {
    const { run, engine } = setUp();
    await run(await template());
    const { computed } = await run(change(await template(), { "save.format": "webp" }));
    expect(computed).toEqual(["save"]);
    expect(engine.calls).toEqual([]);
  });

  test("nothing after another quality of a format without one", async () => {
    const { run } = setUp();
    await run(await template());
    expect((await run(change(await template(), { "save.quality": 50 }))).computed).toEqual([]);
  });

  test("sampling but no prompt after another seed", async () => {
    const { run, engine } = setUp();
    await run(await template());
    const { computed } = await run(change(await template(), { "sampler.seed": 8 }));
    expect(computed).toEqual(["sampler", "decode", "save"]);
    expect(engine.count("encodePrompt")).toBe(0);
    expect(engine.count("sample")).toBe(1);
  });

  test("the prompt and all behind it after other words, without opening the checkpoint again", async () => {
    const { run, engine } = setUp();
    await run(await template());
    const { computed } = await run(change(await template(), { "prompt.text": "a cat" }));
    expect(computed).toEqual(["prompt", "sampler", "decode", "save"]);
    expect(engine.count("openCheckpoint")).toBe(0);
  });

  test("everything after the model's files changed", async () => {
    const { run, changeModelFiles } = setUp();
    await run(await template());
    changeModelFiles();
    expect((await run(await template())).computed).toHaveLength(6);
  });

  test("only saving after the saved file was deleted", async () => {
    const { run, files } = setUp();
    await run(await template());
    files.clear();
    expect((await run(await template())).computed).toEqual(["save"]);
    expect(files.size).toBe(1);
  });
});

test("a cancelled run stops at the step it is in", async () => {
  const { run, engine } = setUp();
  const controller = new AbortController();
  engine.beforeStep = (step) => {
    if (step === 3) controller.abort();
  };
  const { result, events } = await run(await template(), controller.signal);
  expect(result.status).toBe("cancelled");
  expect(events.filter((event) => event.type === "node-progress" && !event.preview)).toHaveLength(2);
  expect(engine.count("decode")).toBe(0);
});

test("steps are told one by one, pictures beside them", async () => {
  const { run, engine } = setUp();
  engine.beforeStep = () => new Promise((resolve) => setTimeout(resolve, 30));
  const { events } = await run(await template());
  const progress = events.filter((event) => event.type === "node-progress");
  expect(progress.filter(({ preview }) => !preview).map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const previews = progress.filter(({ preview }) => preview);
  expect(previews.length).toBeGreaterThanOrEqual(2);
  expect(previews.length).toBeLessThan(8);
  expect(progress.every(({ value }, index) => index === 0 || value >= progress[index - 1]!.value)).toBe(true);
});

test("nobody watching, no previews computed", async () => {
  const { run, services, engine } = setUp();
  delete services.previews;
  await run(await template());
  expect(engine.requests[0]!.vae).toBeUndefined();
});

test("a prompt that is cut says how many tokens were lost, also when it comes from the cache", async () => {
  const { run } = setUp();
  const document = change(await template(), { "prompt.text": "word ".repeat(600) });
  for (const times of [1, 2]) {
    const { events } = await run(document);
    const warnings = events.filter((event) => event.type === "node-warning");
    expect(warnings, `run ${times}`).toMatchObject([
      { nodeId: "prompt", warning: { code: "prompt-cut", field: "text" } },
    ]);
    expect(warnings[0]!.warning.message).toContain("88");
  }
});

test("a size beyond the model's limits is replaced by the nearest of the same shape, with a warning", async () => {
  const { run } = setUp();
  const { result, events } = await run(change(await template(), { "size.preset": "landscape_16_9" }));
  expect(result.images).toMatchObject([{ width: 256, height: 144 }]);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "node-warning",
      nodeId: "size",
      warning: expect.objectContaining({ code: "size-replaced" }),
    }),
  );
});

test("every picture of a batch is saved, with its own seed", async () => {
  const { run, files } = setUp();
  const { result } = await run(change(await template(), { "size.batch": 3 }));
  expect(result.images.map(({ seed }) => seed)).toEqual(["7", "8", "9"]);
  expect(files.size).toBe(3);
});

test("Preview Image keeps the picture in the store, and again when the store was emptied", async () => {
  const document = await template();
  document.nodes.push({
    id: "preview",
    type: "preview-image",
    typeVersion: 1,
    position: { x: 0, y: 0 },
    params: {},
    mode: "active",
  });
  document.links.push({ id: "p", from: { node: "decode", port: "image" }, to: { node: "preview", port: "image" } });
  document.nodes.find(({ id }) => id === "save")!.mode = "muted";
  const { run, stored, files } = setUp();
  const { result } = await run(document);
  expect(files.size).toBe(0);
  const bytes = stored.get(result.images[0]!.hash)!;
  expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 128, height: 128 });
  stored.clear();
  expect((await run(document)).computed).toEqual(["preview"]);
});

describe("Save Image", () => {
  test.each([
    ["png", "png"],
    ["jpeg", "jpg"],
    ["webp", "webp"],
  ])("a %s carries the workflow and the settings", async (format, extension) => {
    const { run, files } = setUp();
    const document = change(await template(), { "save.format": format, "prompt.text": "ein rotes Haus, 漢字 & <b>" });
    const { result } = await run(document);
    const { path } = result.images[0]!;
    expect(path).toBe(`/output/2026-11-21/ein-rotes-haus-漢字-b-7-1.${extension}`);
    const bytes = files.get(path!)!;
    expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 128, height: 128 });
    const embedded = readEmbedded(bytes);
    expect(parseWorkflow(JSON.parse(embedded!.workflow!)).document).toEqual(document);
    expect(embedded!.parameters).toBe(
      "ein rotes Haus, 漢字 & <b>\nSteps: 8, Sampler: euler, Schedule type: flow_match, CFG scale: 1, Seed: 7, Size: 128x128, Model: starter/turbo, Version: Heddle",
    );
  });

  test("the PNG holds exactly the pixels", async () => {
    const { run, files } = setUp();
    const { result } = await run(await template());
    const { data, info } = await sharp(files.get(result.images[0]!.path!)!).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 128, height: 128, channels: 3 });
    expect(new Set(data).size).toBe(1);
  });

  test("the negative prompt is told where there is one", async () => {
    const { run, files } = setUp();
    const { result } = await run(change(await template("text-to-image-base"), { "negative.text": "rain" }));
    expect(readEmbedded(files.get(result.images[0]!.path!)!)!.parameters).toContain(
      "\nNegative prompt: rain\nSteps: 20",
    );
  });

  test.each(["png", "jpeg", "webp"])("without metadata a %s says nothing", async (format) => {
    const { run, files } = setUp();
    const { result } = await run(change(await template(), { "save.format": format, "save.metadata": false }));
    const bytes = files.get(result.images[0]!.path!)!;
    expect(readEmbedded(bytes)).toEqual({});
    expect(Buffer.from(bytes).includes("red circle")).toBe(false);
  });

  test("a workflow too large for JPEG is left out with a warning", async () => {
    const document = change(await template(), { "save.format": "jpeg" });
    for (let index = 0; index < 10; index++) {
      const text = "n".repeat(9_000);
      document.nodes.push({
        id: `n${index}`,
        type: "note",
        typeVersion: 1,
        position: { x: 0, y: 0 },
        params: { text },
        mode: "active",
      });
    }
    const { run } = setUp();
    const { events, result } = await run(document);
    expect(result.status).toBe("done");
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "node-warning",
        warning: expect.objectContaining({ code: "workflow-not-embedded" }),
      }),
    );
  });
});

describe("a picture that cannot be saved", () => {
  const full = new HeddleError({ code: "output-not-writable", message: "The disk is full.", help: "Make room." });

  test("is kept until it can: the same workflow again saves it, and nothing is drawn anew", async () => {
    const { run, files, services, engine } = setUp();
    const document = await template();
    const write = vi.spyOn(services.output, "write").mockRejectedValueOnce(full);
    const { result } = await run(document);
    expect(result).toMatchObject({ status: "failed", error: { code: "output-not-writable" }, images: [] });
    const { result: again, computed } = await run(document);
    expect(again).toMatchObject({ status: "done", images: [{ seed: "7" }] });
    expect(computed).toEqual([document.nodes.find(({ type }) => type === "save-image")?.id]);
    expect(engine.calls).toEqual([]);
    expect(files.size).toBe(1);
    expect(write).toHaveBeenCalledTimes(2);
  });

  test("and one that only cannot be shown is saved once", async () => {
    const { run, files, services } = setUp();
    vi.spyOn(services.images, "register").mockRejectedValueOnce(new Error("ENOSPC: no space left on device"));
    const { result, events } = await run(await template());
    expect(result.status).toBe("done");
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "node-warning",
        warning: expect.objectContaining({ code: "picture-not-shown", message: expect.stringContaining("no space") }),
      }),
    );
    await run(await template());
    expect(files.size).toBe(1);
  });
});

test.each(["decode", "encode"] as const)("what %s tells besides its result stands on its node", async (what) => {
  const { run, engine, services } = setUp();
  const pictures = new URL("../resources/templates/pictures/", import.meta.url);
  for (const name of await readdir(pictures)) {
    const bytes = await readFile(new URL(name, pictures));
    await services.images.put(bytes, { width: 1, height: 1, mimeType: "image/png" });
  }
  const warning = { code: `${what}d-in-strips`, message: "In strips.", help: "It takes longer." };
  const works = engine[what].bind(engine) as (...args: unknown[]) => Promise<never>;
  vi.spyOn(engine, what).mockImplementation((...args: unknown[]) => {
    (args[3] as WarningOptions).onWarning?.(warning);
    return works(...args);
  });
  const { events } = await run(await template(what === "decode" ? "text-to-image" : "image-to-image"));
  expect(events).toContainEqual(
    expect.objectContaining({ type: "node-warning", warning: expect.objectContaining(warning) }),
  );
});

describe("the registry", () => {
  test("types are unique, kebab-case, and described well", () => {
    expect(new Set(nodeDefinitions.map(({ type }) => type)).size).toBe(nodeDefinitions.length);
    for (const { type, description, aliases, params, title } of nodeDefinitions) {
      expect(type).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(title).not.toBe("");
      expect(description.length, type).toBeGreaterThan(60);
      expect(description.endsWith(".")).toBe(true);
      expect(aliases.length, type).toBeGreaterThan(0);
      expect(new Set(params.map(({ name }) => name)).size).toBe(params.length);
    }
  });

  test("every node's defaults are valid", () => {
    // Heddle comes with no ControlNet and no upscaler.
    const without = new Set(["upscale-with-model", "load-controlnet"]);
    for (const { type } of nodeDefinitions.filter((definition) => !without.has(definition.type))) {
      const document = { format: "heddle-workflow" as const, version: 1 as const, title: "", links: [] };
      const node = { id: "it", type, typeVersion: 1, position: { x: 0, y: 0 }, params: {}, mode: "active" as const };
      const problems = validateWorkflow({ ...document, nodes: [node] }, findDefinition);
      expect(problems.filter(({ code }) => code.startsWith("value-"))).toEqual([]);
    }
  });

  test("every node that runs has a runner, and nothing else has", async () => {
    for (const { type, isAnnotation } of nodeDefinitions) {
      if (isAnnotation) await expect(loadRunner(type)).rejects.toMatchObject({ code: "unknown-node" });
      else expect((await loadRunner(type)).run).toBeInstanceOf(Function);
    }
    await expect(loadRunner("../testing")).rejects.toMatchObject({ code: "unknown-node" });
  });
});
