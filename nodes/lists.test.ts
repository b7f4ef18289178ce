import { describe, expect, test } from "vitest";
import type { ImageBatch } from "../engine/types.ts";
import { readEmbedded } from "../graph/embedding/embedded.ts";
import { Executor } from "../graph/execution/executor.ts";
import { parseWorkflow } from "../graph/parse.ts";
import { findDefinition } from "./definitions.ts";
import { loadRunner } from "./runners.ts";
import type { NodeServices } from "./services.ts";
import { batchOf, evenPicture, picturesAt, pixelAt, runNode } from "./testing/run-node.ts";
import { createTestServices } from "./testing/test-services.ts";

type Nodes = Record<string, readonly [type: string, params?: Record<string, string | number | boolean>]>;

/** A workflow of `nodes` by id and links "from.port > to.port". */
function workflowOf(nodes: Nodes, links: readonly string[]) {
  return parseWorkflow({
    format: "heddle-workflow",
    version: 1,
    title: "",
    nodes: Object.entries(nodes).map(([id, [type, params = {}]]) => ({ id, type, params })),
    links: links.map((link, i) => {
      const [from, to] = link.split(" > ").map((end) => end.split("."));
      return { id: `l${i}`, from: { node: from![0], port: from![1] }, to: { node: to![0], port: to![1] } };
    }),
  }).document;
}

const drawing: Nodes = {
  model: ["load-model"],
  prompt: ["prompt", { text: "typed" }],
  size: ["image-size", { preset: "custom", width: 128, height: 128 }],
  sampler: ["sampler", { seed: 1 }],
  decode: ["vae-decode"],
};
const drawingLinks = [
  "model.textEncoder > prompt.textEncoder",
  "model.model > sampler.model",
  "prompt.conditioning > sampler.positive",
  "size.latent > sampler.latent",
  "sampler.latent > decode.latent",
  "model.vae > decode.vae",
];

function setUp() {
  const services = createTestServices();
  const executor = new Executor<NodeServices>({
    definitions: findDefinition,
    loadRunner,
    services: services.services,
    cacheBudgetBytes: 64 * 1024 * 1024,
  });
  const run = async (nodes: Nodes, links: readonly string[]) => {
    services.engine.calls.length = 0;
    services.engine.requests.length = 0;
    const { signal } = new AbortController();
    const errors: { message: string; nodeId?: string | undefined }[] = [];
    const progress: (string | undefined)[] = [];
    const result = await executor.run(workflowOf(nodes, links), {
      runId: "run",
      signal,
      onEvent: (event) => {
        if (event.type === "node-failed") errors.push(event.error);
        if (event.type === "node-progress") progress.push(event.label);
      },
    });
    return { result, errors, progress };
  };
  return { ...services, run };
}

describe("a list of numbers", () => {
  const nodes = (values: string): Nodes => ({
    ...drawing,
    steps: ["number-list", { values, title: "Steps" }],
    save: ["save-image"],
  });
  const links = [...drawingLinks, "steps.integer > sampler.steps", "decode.image > save.image"];

  test("runs what hangs on it once for each, and nothing else; each file tells its own settings", async () => {
    const { run, engine, files, result, progress } = await (async () => {
      const set = setUp();
      return { ...set, ...(await set.run(nodes("2, 3"), links)) };
    })();
    expect(result).toMatchObject({ status: "done" });
    expect(engine.requests.map(({ steps }) => steps)).toEqual([2, 3]);
    expect(engine.count("encodePrompt")).toBe(1);
    expect(progress).toContain("2 / 2");
    const told = [...files.values()].map((file) => /Steps: (\d+)/.exec(readEmbedded(file)!.parameters!)![1]);
    expect(told).toEqual(["2", "3"]);
    expect((await run(nodes("2, 3"), links)).result.cachedNodes).toContain("save");
  });

  test("a longer list draws only what is new", async () => {
    const { run, engine, files } = setUp();
    await run(nodes("2, 3"), links);
    await run(nodes("1, 2, 3"), links);
    expect(engine.requests.map(({ steps }) => steps)).toEqual([1]);
    expect(files.size).toBe(3);
  });

  test("an item that fails is told by its number", async () => {
    const { run } = setUp();
    const { errors, result } = await run(nodes("2, 99999"), links);
    expect(result.status).toBe("failed");
    expect(errors).toMatchObject([{ nodeId: "sampler", message: expect.stringMatching(/^Steps 99999: /) }]);
  });

  test("numbers that are not whole are not given where whole ones are needed", async () => {
    expect((await runNode("number-list", {}, { values: "1, 2.5" })).outputs).not.toHaveProperty("integer");
    const { errors } = await setUp().run(nodes("1, 2.5"), links);
    expect(errors).toMatchObject([{ code: "output-empty", nodeId: "sampler" }]);
  });
});

test("two lists make a table of all combinations, with headings", async () => {
  const { run, engine, stored } = setUp();
  const { result } = await run(
    {
      ...drawing,
      guidance: ["number-list", { values: "1, 2, 3", title: "CFG" }],
      words: ["text-list", { text: "a cat\n\n a dog " }],
      grid: ["xy-grid", { gap: 4, fontSize: 10 }],
      show: ["preview-image"],
    },
    [
      ...drawingLinks,
      "guidance.number > sampler.guidance",
      "words.text > prompt.text",
      "decode.image > grid.image",
      "grid.image > show.image",
    ],
  );
  expect(result.status).toBe("done");
  expect(engine.count("encodePrompt")).toBe(2);
  expect(engine.requests.map(({ positive, guidanceScale }) => `${positive.text} ${guidanceScale}`)).toEqual(
    ["a cat", "a dog"].flatMap((text) => [1, 2, 3].map((guidance) => `${text} ${guidance}`)),
  );
  // The list that comes first among the Sampler's inputs runs across: texts. Headings: 5 letters of 6.2 pixels, a line of 16.
  expect(result.images).toMatchObject([{ width: 31 + 4 + 4 + 2 * 132, height: 16 + 4 + 3 * 132 }]);
  expect(stored.size).toBe(1);
});

test("a list of names opens each of the files, and nothing again as long as they stay", async () => {
  const { run, engine, changeModelFiles } = setUp();
  const nodes: Nodes = {
    ...drawing,
    names: ["text-list", { text: "a.safetensors\nb.safetensors" }],
    lora: ["load-lora"],
    show: ["preview-image"],
  };
  const links = [
    ...drawingLinks.filter((link) => link !== "model.model > sampler.model"),
    "model.model > lora.model",
    "names.text > lora.lora",
    "lora.model > sampler.model",
    "decode.image > show.image",
  ];
  expect((await run(nodes, links)).result.status).toBe("done");
  const opened = () => engine.requests.map(({ model }) => model.loras.map(({ path }) => path).join());
  expect(opened()).toEqual(["/models/a.safetensors", "/models/b.safetensors"]);
  expect((await run(nodes, links)).result.status).toBe("done");
  expect(opened()).toEqual([]);
  changeModelFiles();
  await run(nodes, links);
  expect(opened()).toHaveLength(2);
});

describe("pictures one by one", () => {
  test("pictures of different sizes go through one node and come together again", async () => {
    const list = await runNode("each-image", {
      image: batchOf(evenPicture(4, 2, [9, 9, 9], "5"), evenPicture(2, 2, [1, 1, 1])),
    });
    const { items } = list.outputs.image as { items: ImageBatch[] };
    expect(items.map((batch) => batch.items[0]!.width)).toEqual([4, 2]);
    const { outputs } = await runNode("collect-images", { image: list.outputs.image });
    expect(picturesAt(outputs).map(({ seed }) => seed)).toEqual(["5", undefined]);
  });

  test("batches that come from a list are taken apart along it: one list, of every picture", async () => {
    const { run, engine, files } = setUp();
    const nodes: Nodes = {
      ...drawing,
      size: ["image-size", { preset: "custom", width: 128, height: 128, batch: 3 }],
      steps: ["number-list", { values: "2, 3", title: "Steps" }],
      each: ["each-image"],
      turn: ["rotate-image"],
      save: ["save-image"],
    };
    const links = [
      ...drawingLinks,
      "steps.integer > sampler.steps",
      "decode.image > each.image",
      "each.image > turn.image",
      "turn.image > save.image",
    ];
    const { errors, result } = await run(nodes, links);
    expect(errors).toEqual([]);
    expect(result.status).toBe("done");
    expect(engine.requests).toHaveLength(2);
    expect(files.size).toBe(6);
  });

  test("Collect Images passes a plain batch on", async () => {
    const image = batchOf(evenPicture(2, 2, [1, 1, 1]));
    expect((await runNode("collect-images", { image })).outputs.image).toEqual(image);
  });
});

describe("XY Grid", () => {
  const cell = (grey: number) => batchOf(evenPicture(10, 10, [grey, grey, grey]));
  const axis = (id: string, ...labels: string[]) => ({ id, title: "", labels });
  const list = (axes: object[], cells: ImageBatch[]) => ({ kind: "list", axes, items: cells, keys: [] });
  const look = { gap: 2, fontSize: 10, background: "#000000" };

  test("the first list runs across, the second down; swapped, the other way round", async () => {
    const image = list([axis("x", "", ""), axis("y", "", "")], [10, 20, 30, 40].map(cell));
    const at = async (transpose: boolean) => {
      const [sheet] = picturesAt((await runNode("xy-grid", { image }, { ...look, transpose })).outputs);
      return [2, 14].flatMap((y) => [2, 14].map((x) => pixelAt(sheet!, x, y)[0]));
    };
    expect(await at(false)).toEqual([10, 30, 20, 40]);
    expect(await at(true)).toEqual([10, 20, 30, 40]);
  });

  test("a third list makes a sheet for each of its items", async () => {
    const axes = [axis("x", "", ""), axis("y", ""), axis("z", "one", "two", "three")];
    const image = list(axes, [1, 2, 3, 4, 5, 6].map(cell));
    const sheets = picturesAt((await runNode("xy-grid", { image }, look)).outputs);
    expect(sheets).toHaveLength(3);
    expect(sheets.map((sheet) => [2, 14].map((x) => pixelAt(sheet, x, 18)[0]))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  test("headings take room and are written", async () => {
    const image = list([axis("x", "1", "2")], [0, 0].map(cell));
    const [sheet] = picturesAt((await runNode("xy-grid", { image }, look)).outputs);
    expect(sheet).toMatchObject({ width: 2 + 2 * 12, height: 16 + 2 + 12 });
    expect(Math.max(...sheet!.data.subarray(0, 16 * sheet!.width * 3))).toBeGreaterThan(100);
  });

  test("several pictures of one item share its cell; a plain batch is a table of one", async () => {
    const image = batchOf(...[1, 2, 3].map((grey) => evenPicture(10, 10, [grey, grey, grey])));
    const [sheet] = picturesAt((await runNode("xy-grid", { image }, look)).outputs);
    expect(sheet).toMatchObject({ width: 24, height: 24 });
    expect(pixelAt(sheet!, 13, 3)[0]).toBe(2);
  });

  test("a colour that is none is told", async () => {
    await expect(runNode("xy-grid", { image: cell(0) }, { background: "#20202g" })).rejects.toMatchObject({
      code: "colour-invalid",
      field: "background",
    });
  });
});

test("a file tells the prompt that came over the link, not the one in the field", async () => {
  const { run, files } = setUp();
  await run(
    {
      ...drawing,
      animal: ["text", { text: "a fox" }],
      sentence: ["text-template", { template: "{{a}} in the snow" }],
      save: ["save-image"],
    },
    [...drawingLinks, "animal.value > sentence.a", "sentence.text > prompt.text", "decode.image > save.image"],
  );
  expect(readEmbedded([...files.values()][0]!)!.parameters).toMatch(/^a fox in the snow\nSteps: 8/);
  expect([...files.keys()][0]).toContain("a-fox-in-the-snow-1-");
});
