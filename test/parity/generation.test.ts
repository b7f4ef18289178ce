import { describe, expect, test } from "vitest";
import { readEmbedded } from "../../graph/embedding/embedded.ts";
import { type RunEvent, runEventSchema } from "../../graph/events.ts";
import { Executor } from "../../graph/execution/executor.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { sizePresets } from "../../nodes/image-size/sizes.ts";
import { loadRunner } from "../../nodes/runners.ts";
import type { NodeServices } from "../../nodes/services.ts";
import { batchOf, evenPicture, runNode } from "../../nodes/testing/run-node.ts";
import { createTestServices } from "../../nodes/testing/test-services.ts";

const LARGEST_SEED = "9223372036854775807";

type Node = readonly [id: string, type: string, params: object];

/** The text of a workflow file that draws, with other params, further nodes and further links. */
function fileOf(params: Record<string, object> = {}, nodes: readonly Node[] = [], links: Record<string, string> = {}) {
  const own: Node[] = [
    ["model", "load-model", {}],
    ["prompt", "prompt", { text: "a fox" }],
    ["size", "image-size", { preset: "custom", width: 128, height: 128 }],
    ["sampler", "sampler", {}],
    ["decode", "vae-decode", {}],
    ["save", "save-image", {}],
    ...nodes,
  ];
  const wires: Record<string, string> = {
    "prompt.textEncoder": "model.textEncoder",
    "sampler.model": "model.model",
    "sampler.positive": "prompt.conditioning",
    "sampler.latent": "size.latent",
    "decode.latent": "sampler.latent",
    "decode.vae": "model.vae",
    "save.image": "decode.image",
    ...links,
  };
  const end = (place: string) => ({ node: place.split(".")[0], port: place.split(".")[1] });
  return JSON.stringify({
    format: "heddle-workflow",
    version: 1,
    title: "Parity",
    nodes: own.map(([id, type, values]) => ({ id, type, params: { ...values, ...params[id] } })),
    links: Object.entries(wires).map(([to, from]) => ({ id: to, from: end(from), to: end(to) })),
  });
}

/** Runs a workflow file as a host does: its text is read, its events go over a wire as JSON. */
async function draw(text: string) {
  const { document } = parseWorkflowText(text);
  expect(validateWorkflow(document, findDefinition)).toEqual([]);
  const { services, engine, files } = createTestServices();
  const executor = new Executor<NodeServices>({
    definitions: findDefinition,
    loadRunner,
    services,
    cacheBudgetBytes: 2 ** 26,
  });
  const events: RunEvent[] = [];
  const { signal } = new AbortController();
  const onEvent = (event: RunEvent) => events.push(runEventSchema.parse(JSON.parse(JSON.stringify(event))));
  const result = await executor.run(document, { runId: "run", signal, onEvent });
  expect(result.error).toBeUndefined();
  return { engine, events, images: result.images, files: [...files.values()] };
}

const problemsOf = (text: string) => validateWorkflow(parseWorkflowText(text).document, findDefinition);

describe("text to image", () => {
  test.each([2, 10_000])("a prompt of %d characters reaches the text encoder whole", async (length) => {
    const text = "fox, ".repeat(2_000).slice(0, length);
    const { engine, files } = await draw(fileOf({ prompt: { text } }));
    expect(engine.requests[0]!.positive.text).toBe(text);
    expect(readEmbedded(files[0]!)!.parameters!.startsWith(`${text}\n`)).toBe(true);
  });

  test("a longer prompt than that is told, and not cut in silence", () => {
    expect(problemsOf(fileOf({ prompt: { text: "x".repeat(10_001) } }))).toMatchObject([
      { code: "value-too-long", nodeId: "prompt", field: "text" },
    ]);
  });

  test("a negative prompt of 3,000 characters reaches the text encoder whole", async () => {
    const text = "rain ".repeat(600);
    const negative: Node = ["negative", "prompt", { text }];
    const links = { "negative.textEncoder": "model.textEncoder", "sampler.negative": "negative.conditioning" };
    const { engine } = await draw(fileOf({ sampler: { guidance: 4 } }, [negative], links));
    expect(engine.requests[0]!.negative!.text).toBe(text);
  });

  test("every side from 128 to 2048 in steps of 16 is drawn as asked", async () => {
    for (let side = 128; side <= 2048; side += 16) {
      expect(problemsOf(fileOf({ size: { width: side, height: 2048 + 128 - side } }))).toEqual([]);
    }
    const { images } = await draw(fileOf({ size: { width: 2048, height: 128 } }));
    expect(images).toMatchObject([{ width: 2048, height: 128 }]);
    expect(problemsOf(fileOf({ size: { width: 2064 } }))).toMatchObject([{ code: "value-out-of-range" }]);
    expect(problemsOf(fileOf({ size: { width: 120 } }))).toMatchObject([{ code: "value-out-of-range" }]);
    expect(problemsOf(fileOf({ size: { width: 136 } }))).toMatchObject([{ code: "value-not-a-multiple" }]);
  });

  test.each([
    ["square_hd", 1024, 1024],
    ["square", 512, 512],
    ["portrait_4_3", 768, 1024],
    ["portrait_16_9", 576, 1024],
    ["landscape_4_3", 1024, 768],
    ["landscape_16_9", 1024, 576],
  ])("the preset %s is %d x %d", async (preset, width, height) => {
    expect((await draw(fileOf({ size: { preset } }))).images).toMatchObject([{ width, height }]);
    expect(sizePresets).toHaveLength(6);
  });

  test.each([1, 50])("%d steps are drawn as asked", async (steps) => {
    expect((await draw(fileOf({ sampler: { steps } }))).engine.requests[0]!.steps).toBe(steps);
  });

  test.each([0, 1, 7.53, 20])("a guidance of %d reaches the engine as it is", async (guidance) => {
    expect((await draw(fileOf({ sampler: { guidance } }))).engine.requests[0]!.guidanceScale).toBe(guidance);
  });

  test("solver and schedule reach the engine by name", async () => {
    const { engine } = await draw(fileOf({ sampler: { solver: "dpmpp_2m", schedule: "karras" } }));
    expect(engine.requests[0]).toMatchObject({ solver: "dpmpp_2m", schedule: "karras" });
  });
});

describe("seeds", () => {
  /** Where a seed can come from: the field, a linked node, a list. */
  const sources: [string, ...Parameters<typeof fileOf>][] = [
    ["the field", { sampler: { seed: LARGEST_SEED } }],
    ["a Seed node", {}, [["seed", "seed", { seed: LARGEST_SEED }]], { "sampler.seed": "seed.value" }],
    ["a list", {}, [["seeds", "number-list", { values: LARGEST_SEED }]], { "sampler.seed": "seeds.integer" }],
  ];

  test.each(sources)("9223372036854775807 from %s stays exact to the picture and its file", async (_from, ...file) => {
    const text = fileOf(...file);
    const { engine, images, events, files } = await draw(text);
    expect(engine.requests[0]!.seed).toBe(2n ** 63n - 1n);
    expect(images[0]!.seed).toBe(LARGEST_SEED);
    const told = events.find((event) => event.type === "node-finished" && event.nodeId === "sampler");
    expect(told).toMatchObject({ info: { seed: LARGEST_SEED } });
    const { parameters, workflow } = readEmbedded(files[0]!)!;
    expect(parameters).toContain(`Seed: ${LARGEST_SEED}`);
    // The file opens as what was run, with the seed written as it was.
    const again = parseWorkflowText(workflow!).document;
    expect(serializeWorkflow(again)).toContain(`"${LARGEST_SEED}"`);
  });

  test("a seed that a JSON number cannot hold is refused as a number, and 2^63 altogether", () => {
    expect(problemsOf(fileOf({ sampler: { seed: 2 ** 60 } }))).toMatchObject([{ code: "seed-not-exact" }]);
    expect(problemsOf(fileOf({ sampler: { seed: "9223372036854775808" } }))).toMatchObject([
      { code: "value-out-of-range" },
    ]);
  });

  test("20 pictures of a run have seeds that follow each other, each as it is drawn alone", async () => {
    const { images } = await draw(fileOf({ size: { batch: 20 }, sampler: { seed: "9007199254740990" } }));
    expect(images.map(({ seed }) => seed)).toEqual(
      Array.from({ length: 20 }, (_, i) => String(9007199254740990n + BigInt(i))),
    );
  });
});

describe("pictures to start from", () => {
  test("a size of auto is that of the picture, to the nearest that can be drawn", async () => {
    const image = batchOf(evenPicture(1000, 700, [0, 0, 0]));
    const { outputs, warnings } = await runNode("size-from-image", { image }, { batch: 4 });
    expect(outputs).toMatchObject({ latent: { width: 1008, height: 704, batch: 4 } });
    expect(warnings).toMatchObject([{ code: "size-replaced" }]);
  });
});
