import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findDefinition } from "../../../nodes/definitions.ts";
import { lostInImport } from "../../../test/support/no-loss.ts";
import type { Subgraph, WorkflowDocument, WorkflowNode } from "../../document.ts";
import { parseWorkflowText } from "../../parse.ts";
import { planExecution } from "../../plan.ts";
import { serializeWorkflow } from "../../serialize.ts";
import { flattenWorkflow } from "../../subgraphs/flatten.ts";
import { errorsOf, validateWorkflow } from "../../validate.ts";
import type { Fields } from "../fields.ts";
import { openAnyWorkflow } from "../index.ts";
import { parseLenientJson } from "../lenient-json.ts";
import type { ImportReport } from "../report.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const fixtures = path.join(root, "test/fixtures/comfyui");
const shared = path.join(root, "../shared/comfyui");
const options = { definitions: findDefinition };

interface Imported {
  document: WorkflowDocument;
  report: ImportReport;
}

function imported(input: string | Fields): Imported {
  const text = typeof input === "string" ? readFileSync(path.join(fixtures, input), "utf8") : JSON.stringify(input);
  const { document, report } = openAnyWorkflow(text, options);
  if (!report) throw new Error("no report");
  return { document, report };
}

function nodeOf({ document }: Imported, id: string): WorkflowNode {
  const node = document.nodes.find((candidate) => candidate.id === id);
  if (!node) throw new Error(`no node ${id}`);
  return node;
}

/** "8.latent → 9.latent", sorted. */
function linksInto({ document }: Imported, id: string): string[] {
  return document.links
    .filter(({ to }) => to.node === id)
    .map(({ from, to }) => `${from.node}.${from.port} → ${to.port}`)
    .sort();
}

const node = (id: number, type: string, more: Fields = {}): Fields => ({ id, type, ...more });
const ui = (nodes: Fields[], links: Fields[string] = [], more: Fields = {}): Fields => ({
  nodes,
  links,
  version: 0.4,
  ...more,
});

describe("every file is imported without loss", () => {
  const files = [
    ...readdirSync(fixtures).map((name) => path.join(fixtures, name)),
    ...(existsSync(shared) ? readdirSync(shared).map((name) => path.join(shared, name)) : []),
  ].filter((file) => file.endsWith(".json"));

  test.each(files.map((file) => [path.basename(file), file]))("%s", async (name, file) => {
    const text = readFileSync(file, "utf8");
    const { document, report } = openAnyWorkflow(text, options);
    expect(lostInImport(parseLenientJson(text) as Fields, document)).toEqual([]);
    const { nodes, links, values } = report!;
    expect(nodes.mapped + nodes.kept + nodes.virtual).toBe(nodes.total);
    expect(links.mapped + links.kept + links.virtual).toBe(links.total);
    expect(values.mapped + values.kept).toBe(values.total);
    expect(report!.kept).toHaveLength(nodes.kept);
    for (const { message, help } of [...report!.kept, ...report!.notes]) {
      expect(message).toMatch(/^\S.*[.!]$/s);
      expect(help).toMatch(/^[A-Z].*\.$/s);
    }
    const saved = serializeWorkflow(document);
    expect(serializeWorkflow(parseWorkflowText(saved).document)).toBe(saved);
    const classes = [...new Set(report!.kept.map((kept) => kept.class))].sort();
    const expectation = { summary: report!.summary, nodes, links, values, keptClasses: classes };
    await expect(`${JSON.stringify(expectation, null, 2)}\n`).toMatchFileSnapshot(
      path.join(root, "test/fixtures/comfyui-reports", name),
    );
  });

  if (!existsSync(shared))
    test.skip("skipped: the folder ../shared/comfyui with other people's workflows is not here", () => {});
});

describe("the editor's format 0.4", () => {
  const workflow = imported("turbo.ui-0.4.json");

  test("runs as it is: nothing is missing", () => {
    expect(workflow.report.nodes).toEqual({ total: 16, mapped: 14, kept: 0, virtual: 2 });
    expect(errorsOf(validateWorkflow(workflow.document, findDefinition))).toEqual([]);
    expect(planExecution(workflow.document, findDefinition).targets).toEqual(["10"]);
  });

  test("KSampler becomes a Sampler that draws the same: ComfyUI's noise of a batch, schedule and denoise", () => {
    expect(nodeOf(workflow, "8")).toMatchObject({
      type: "sampler",
      params: {
        steps: 9,
        guidance: 1.5,
        solver: "res_multistep",
        schedule: "simple",
        denoise: 1,
        batchNoise: "tensor",
        strengthRule: "rescale",
      },
    });
    expect(linksInto(workflow, "8")).toEqual([
      "4.conditioning → positive",
      "5.conditioning → negative",
      "6.model → model",
      "7.latent → latent",
    ]);
  });

  test("a seed of 64 bits from a primitive is inlined; 2^64 - 1 and 2^63 - 1 start torch's generator alike", () => {
    expect(nodeOf(workflow, "8").params.seed).toBe((2n ** 63n - 1n).toString());
    expect(nodeOf(workflow, "8").comfyui).toMatchObject({
      values: { seed: "18446744073709551615", control_after_generate: "randomize" },
    });
  });

  test("reroutes end as links", () => {
    expect(linksInto(workflow, "9")).toEqual(["3.vae → vae", "8.latent → latent"]);
  });

  test("mute and bypass stay; a bypassed LoRA passes its model on", () => {
    expect(nodeOf(workflow, "11").mode).toBe("muted");
    expect(nodeOf(workflow, "12")).toMatchObject({ mode: "bypassed", type: "load-lora", params: { weight: 0.8 } });
    const shift = planExecution(workflow.document, findDefinition).nodes.find(({ id }) => id === "6");
    expect(shift?.inputs.model).toEqual({ node: "1", port: "model" });
  });

  test("file names have / for folders; where a file comes from is told and kept", () => {
    expect(nodeOf(workflow, "1").params.diffusionModel).toBe("ZImage/z_image_turbo_bf16.safetensors");
    expect(nodeOf(workflow, "12").params.lora).toBe("styles/ink.safetensors");
    expect(nodeOf(workflow, "10").params.name).toBe("shared/z-%date%-%counter%");
    expect(workflow.document.models?.[0]).toMatchObject({
      kind: "diffusionModel",
      url: "https://example.org/diffusion_models/z_image_turbo_bf16.safetensors",
    });
    expect(workflow.report.models[0]).toEqual({
      kind: "diffusionModel",
      name: "ZImage/z_image_turbo_bf16.safetensors",
      nodeId: "1",
      param: "diffusionModel",
      url: "https://example.org/diffusion_models/z_image_turbo_bf16.safetensors",
      hash: "00aa11bb",
      hashType: "SHA256",
      directory: "diffusion_models",
    });
  });

  test("places, titles, colours, notes and groups come along; the rest of the file is kept", () => {
    expect(nodeOf(workflow, "7").position).toEqual({ x: 300, y: 400 });
    expect(nodeOf(workflow, "4").title).toBe("What to draw");
    expect(nodeOf(workflow, "10")).toMatchObject({ collapsed: true, color: "#353" });
    expect(nodeOf(workflow, "14")).toMatchObject({
      type: "note",
      params: { text: "## Models\nPut them into `models/`." },
    });
    expect(workflow.document.frames).toMatchObject([{ title: "Models", size: { width: 420, height: 300 } }]);
    expect(workflow.document.comfyui).toMatchObject({
      file: { "unknown future field": { kept: true }, extra: { reroutes: [{ id: 1 }] } },
    });
  });

  test("the list of links counts where an input says otherwise", () => {
    expect(workflow.report.notes.map(({ message }) => message)).toContain(
      "1 input says another link than the list of links, which counts.",
    );
  });
});

describe("subgraphs", () => {
  const workflow = imported("subgraphs.ui-0.4.json");
  const flat = { ...workflow, document: flattenWorkflow(workflow.document).document };
  const subgraphOf = ({ document }: Imported, title: string): Subgraph =>
    document.subgraphs!.find((subgraph) => subgraph.title === title)!;

  test("stay subgraphs, also within each other", () => {
    expect(errorsOf(validateWorkflow(workflow.document, findDefinition))).toEqual([]);
    expect(workflow.document.nodes.map(({ id }) => id)).toEqual(["9", "35", "57"]);
    const outer = subgraphOf(workflow, "Text to picture");
    const inner = subgraphOf(workflow, "Draw");
    expect(nodeOf(workflow, "57").type).toBe(`subgraph/${outer.id}`);
    expect(outer.nodes.find(({ id }) => id === "60")?.type).toBe(`subgraph/${inner.id}`);
    expect(flat.document.nodes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["57/28", "57/27", "57/60/3", "57/60/33", "57/8"]),
    );
    expect(workflow.report.nodes).toEqual({ total: 13, mapped: 10, kept: 0, virtual: 3 });
  });

  test("links go through their sockets, which have the file's names", () => {
    expect(linksInto(flat, "9")).toEqual(["57/8.image → image"]);
    expect(linksInto(flat, "57/60/3")).toEqual([
      "57/13.latent → latent",
      "57/27.conditioning → positive",
      "57/28.model → model",
      "57/60/33.conditioning → negative",
    ]);
    expect(linksInto(flat, "57/60/33")).toEqual(["57/27.conditioning → conditioning"]);
    const { inputs, outputs } = subgraphOf(workflow, "Draw");
    expect(inputs).toEqual([
      { name: "model", type: "model" },
      { name: "positive", type: "conditioning" },
      { name: "latent", type: "latent" },
    ]);
    expect(outputs).toEqual([{ name: "LATENT", type: "latent" }]);
  });

  test("settings outside are params, in the order of the file, through nested ones too", () => {
    expect(subgraphOf(workflow, "Text to picture").params).toEqual([
      { name: "text", node: "27", param: "text" },
      { name: "width", node: "13", param: "width" },
      { name: "height", node: "13", param: "height" },
      { name: "seed", node: "60", param: "seed" },
    ]);
    expect(nodeOf(workflow, "57").params).toEqual({ text: "a fox in the snow", width: 640, height: 512, seed: 77 });
  });

  test("a value outside takes the place of the one inside; null does not; a link outside takes the place of both", () => {
    expect(nodeOf(flat, "57/27").params.text).toBe("a fox in the snow");
    expect(nodeOf(flat, "57/13").params).toMatchObject({ width: 640, height: 512 });
    expect(nodeOf(flat, "57/60/3").params).toMatchObject({ steps: 8, seed: 77 });
  });

  describe("used several times", () => {
    const id = "66666666-6666-4666-8666-666666666666";
    const definition: Fields = {
      id,
      name: "Words",
      inputs: [
        { name: "clip", type: "CLIP" },
        { name: "text", label: "What to draw", type: "STRING" },
      ],
      outputs: [{ name: "CONDITIONING", type: "CONDITIONING" }],
      nodes: [
        node(5, "CLIPTextEncode", {
          inputs: [
            { name: "clip", type: "CLIP" },
            { name: "text", type: "STRING", widget: { name: "text" } },
          ],
          outputs: [{ name: "CONDITIONING", type: "CONDITIONING" }],
          widgets_values: ["inside"],
        }),
      ],
      links: [
        { id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: "CLIP" },
        { id: 2, origin_id: -10, origin_slot: 1, target_id: 5, target_slot: 1, type: "STRING" },
        { id: 3, origin_id: 5, origin_slot: 0, target_id: -20, target_slot: 0, type: "CONDITIONING" },
      ],
    };
    const use = (nodeId: number, text: string, more: Fields = {}) =>
      node(nodeId, id, {
        inputs: [
          { name: "clip", type: "CLIP" },
          { name: "text", type: "STRING", widget: { name: "text" } },
        ],
        outputs: [{ name: "CONDITIONING", type: "CONDITIONING" }],
        properties: { proxyWidgets: [["-1", "text"]] },
        widgets_values: [text],
        ...more,
      });
    const file = (second: Fields) =>
      ui(
        [
          node(1, "CLIPLoader", { outputs: [{ name: "CLIP", type: "CLIP" }], widgets_values: ["q.safetensors"] }),
          use(2, "a cat"),
          second,
          node(4, "Mystery Words", { outputs: [{ name: "STRING", type: "STRING" }] }),
        ],
        [
          [1, 1, 0, 2, 0, "CLIP"],
          [2, 1, 0, 3, 0, "CLIP"],
        ],
        { definitions: { subgraphs: [definition] } },
      );

    test("is one subgraph, each use with values of its own", () => {
      const input = file(use(3, "a dog"));
      const both = imported(input);
      expect(both.document.subgraphs).toHaveLength(1);
      expect(subgraphOf(both, "Words").params).toEqual([
        { name: "text", label: "What to draw", node: "5", param: "text" },
      ]);
      expect([nodeOf(both, "2").params, nodeOf(both, "3").params]).toEqual([{ text: "a cat" }, { text: "a dog" }]);
      expect(nodeOf(both, "3").type).toBe(nodeOf(both, "2").type);
      expect(linksInto(both, "3")).toEqual(["1.textEncoder → clip"]);
      expect(lostInImport(input, both.document)).toEqual([]);
      const texts = flattenWorkflow(both.document).document.nodes.flatMap(({ params }) => params.text ?? []);
      expect(texts).toEqual(["a cat", "a dog"]);
    });

    test("sockets without a link are there to be linked; muted ones stay muted, and what is in them is ready", () => {
      const both = imported(file(use(3, "a dog", { mode: 2 })));
      expect(both.document.subgraphs).toHaveLength(1);
      expect(subgraphOf(both, "Words").outputs).toEqual([{ name: "CONDITIONING", type: "conditioning" }]);
      expect(nodeOf(both, "3").mode).toBe("muted");
      expect(subgraphOf(both, "Words").nodes.find((inner) => inner.id === "5")?.mode).toBe("active");
    });

    test("has the file's id, by which libraries know it; what differs inside has another", () => {
      const input = file(use(3, "a dog"));
      const other = {
        ...definition,
        id: `${id}-other`,
        nodes: [node(5, "Note", { widgets_values: ["x"] })],
        links: [],
      };
      const both = imported({
        ...input,
        nodes: [...(input.nodes as Fields[]), node(6, other.id)],
        definitions: { subgraphs: [definition, other] },
      });
      expect(both.document.subgraphs?.map((subgraph) => subgraph.id)).toEqual([id, other.id]);
    });

    test("a link into a setting goes to the param", () => {
      const input = file(use(3, "a dog"));
      const linked = imported({ ...input, links: [...(input.links as Fields[]), [3, 4, 0, 3, 1, "STRING"] as never] });
      expect(linked.document.subgraphs).toHaveLength(1);
      expect(linksInto(linked, "3")).toEqual(["1.textEncoder → clip", "4.STRING → text"]);
    });
  });

  test("what the report says of a node inside is on the path to it", () => {
    const file = JSON.parse(
      readFileSync(path.join(fixtures, "subgraphs.ui-0.4.json"), "utf8").replace('"KSampler"', '"Mystery"'),
    ) as Fields;
    expect(imported(file).report.kept).toMatchObject([{ nodeId: "57/60/3", class: "Mystery" }]);
  });

  test("more subgraphs than a document takes are opened out, which gives the same nodes and links", () => {
    const many = Array.from({ length: 1_001 }, (_, index) => ({
      ...{ id: `many${index}`, name: `${index}`, links: [] },
      nodes: [node(1, "Note", { widgets_values: [`${index}`] })],
    }));
    const file = JSON.parse(readFileSync(path.join(fixtures, "subgraphs.ui-0.4.json"), "utf8"));
    file.definitions.subgraphs.push(...many);
    file.nodes.push(...many.map(({ id }) => node(0, id, { id })));
    const { document } = imported(file as Fields);
    expect(document.subgraphs).toBeUndefined();
    const own = document.nodes.filter(({ id }) => !id.startsWith("many"));
    expect(document.nodes.length - own.length).toBe(1_001);
    const essence = (nodes: readonly WorkflowNode[]) =>
      new Map(nodes.map(({ id, type, mode, params }) => [id.replaceAll("/", ":"), { type, mode, params }]));
    expect(essence(own)).toEqual(essence(flat.document.nodes));
    const ends = ({ links }: WorkflowDocument) =>
      links.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`.replaceAll("/", ":")).sort();
    expect(ends(document)).toEqual(ends(flat.document));
  });

  test("a definition that nothing uses is kept", () => {
    expect(workflow.document.comfyui).toMatchObject({ file: { unusedSubgraphs: [{ name: "Never used" }] } });
  });

  test("a subgraph within itself is opened once", () => {
    const id = "44444444-4444-4444-8444-444444444444";
    const { document, report } = imported(
      ui([node(1, id)], [], {
        definitions: { subgraphs: [{ id, name: "Loop", nodes: [node(2, id), node(3, "Note")], links: [] }] },
      }),
    );
    expect(document.subgraphs?.map(({ title, nodes }) => [title, nodes.map((inner) => inner.id)])).toEqual([
      ["Loop", ["inputs", "2", "3", "outputs"]],
    ]);
    expect(report.notes[0]?.message).toContain("contains itself");
  });

  test("subgraphs that double at every level are refused, at once", () => {
    const subgraphs = Array.from({ length: 30 }, (_, level) => ({
      id: `s${level}`,
      nodes: [node(1, `s${level + 1}`), node(2, `s${level + 1}`)],
      links: [],
    }));
    expect(() => imported(ui([node(1, "s0")], [], { definitions: { subgraphs } }))).toThrow(
      expect.objectContaining({ code: "workflow-too-large" }),
    );
  });

  test("a muted one keeps what is inside from running; a bypassed one passes on what comes in", () => {
    const id = "55555555-5555-4555-8555-555555555555";
    const definition = {
      id,
      name: "Twice",
      inputs: [{ name: "image", type: "IMAGE" }],
      outputs: [{ name: "IMAGE", type: "IMAGE" }],
      nodes: [
        node(5, "ImageInvert", {
          inputs: [{ name: "image", type: "IMAGE" }],
          outputs: [{ name: "IMAGE", type: "IMAGE" }],
        }),
      ],
      links: [
        { id: 1, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 0, type: "IMAGE" },
        { id: 2, origin_id: 5, origin_slot: 0, target_id: -20, target_slot: 0, type: "IMAGE" },
      ],
    };
    const file = (mode: number) =>
      ui(
        [
          node(1, "LoadImage", { outputs: [{ name: "IMAGE", type: "IMAGE" }], widgets_values: ["a.png", "image"] }),
          node(2, id, {
            mode,
            inputs: [{ name: "image", type: "IMAGE" }],
            outputs: [{ name: "IMAGE", type: "IMAGE" }],
          }),
          node(3, "PreviewImage", { inputs: [{ name: "images", type: "IMAGE" }] }),
        ],
        [
          [1, 1, 0, 2, 0, "IMAGE"],
          [2, 2, 0, 3, 0, "IMAGE"],
        ],
        { definitions: { subgraphs: [definition] } },
      );
    expect(linksInto(imported(file(0)), "3")).toEqual(["2.IMAGE → image"]);
    expect(linksInto(imported(file(4)), "3")).toEqual(["1.image → image"]);
    expect(linksInto(imported(file(2)), "3")).toEqual([]);
    expect(nodeOf(imported(file(4)), "2").mode).toBe("bypassed");
    expect(planExecution(imported(file(4)).document, findDefinition).nodes.map(({ id }) => id)).toEqual(["1", "3"]);
  });
});

describe("the editor's format 1.0", () => {
  const workflow = imported("turbo.ui-1.0.json");

  test("links as objects, values by name, ids as text", () => {
    expect(nodeOf(workflow, "2").params.text).toBe("a lamp on a desk");
    expect(linksInto(workflow, "6")).toEqual(["1.vae → vae", "5.latent → latent"]);
    expect(errorsOf(validateWorkflow(workflow.document, findDefinition))).toEqual([]);
    expect(workflow.document.comfyui).toMatchObject({ file: { reroutes: [{ id: 1 }, { id: 2 }], version: 1 } });
  });

  test("KSamplerAdvanced becomes a part of a schedule", () => {
    expect(nodeOf(workflow, "5").params).toMatchObject({
      seed: 7,
      startStep: 2,
      endStep: 1000,
      addNoise: true,
      finish: true,
      solver: "dpmpp_2m_sde",
    });
  });

  test("a size that Heddle cannot draw is rounded, said so, and kept", () => {
    expect(nodeOf(workflow, "4")).toMatchObject({ params: { height: 1088 }, comfyui: { values: { height: 1080 } } });
    expect(workflow.report.notes).toMatchObject([{ nodeId: "4", field: "height" }]);
  });
});

describe("the API format", () => {
  test("maps alike, keeps ids of subgraphs, and is laid out in columns", () => {
    const workflow = imported("turbo.api.json");
    expect(workflow.report).toMatchObject({
      format: "comfyui-api",
      nodes: { total: 10, mapped: 10, kept: 0, virtual: 0 },
    });
    expect(errorsOf(validateWorkflow(workflow.document, findDefinition))).toEqual([]);
    expect(nodeOf(workflow, "9").position.x).toBeGreaterThan(nodeOf(workflow, "57:3").position.x);
    const places = workflow.document.nodes.map(({ position }) => `${position.x} ${position.y}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test.each(["prompt", "workflow"])("is found inside an object that names it %s", (key) => {
    const api = JSON.parse(readFileSync(path.join(fixtures, "turbo.api.json"), "utf8")) as Fields;
    const { document, report } = openAnyWorkflow(JSON.stringify({ [key]: api, client_id: "x" }), options);
    expect(report?.nodes.mapped).toBe(10);
    expect(document.comfyui).toMatchObject({ wrapper: { client_id: "x" } });
  });

  test("of a request with both, the editor's format is taken", () => {
    const read = (name: string) => JSON.parse(readFileSync(path.join(fixtures, name), "utf8")) as Fields;
    const request = {
      prompt: read("turbo.api.json"),
      extra_data: { extra_pnginfo: { workflow: read("turbo.ui-0.4.json") } },
    };
    expect(openAnyWorkflow(JSON.stringify(request), options).report?.nodes.total).toBe(16);
  });

  test("image to image with a mask and a ControlNet", () => {
    const workflow = imported("inpaint-control.api.json");
    expect(nodeOf(workflow, "5").params).toMatchObject({ width: 1024, height: 8192, mode: "inside" });
    expect(linksInto(workflow, "8")).toEqual(["6.mask → mask", "7.latent → latent"]);
    expect(linksInto(workflow, "11")).toEqual([
      "1.model → model",
      "10.image → image",
      "3.vae → vae",
      "9.controlNet → controlNet",
    ]);
    expect(nodeOf(workflow, "13").params).toMatchObject({ seed: 0, denoise: 0.6 });
    expect(linksInto(workflow, "17")).toEqual(["15.image → image", "17-2.mask → mask", "3.vae → vae"]);
    const missing = errorsOf(validateWorkflow(workflow.document, findDefinition));
    expect(missing.map(({ nodeId, field }) => `${nodeId}.${field}`)).toEqual(["4.image"]);
  });
});

describe("nodes of packs", () => {
  const workflow = imported("packs.ui-0.4.json");

  test("GGUF loaders, and rgthree's LoRA loader, seed, reroute and switch are mapped", () => {
    expect(nodeOf(workflow, "1")).toMatchObject({
      type: "load-diffusion-model",
      params: { diffusionModel: "z_image_turbo-Q5_K_S.gguf" },
    });
    expect(nodeOf(workflow, "6")).toMatchObject({
      type: "lora-stack",
      params: {
        loras: [
          { name: "styles/ink.safetensors", weight: 0.75, enabled: true },
          { name: "people/face.safetensors", weight: -1, enabled: false },
        ],
      },
    });
    expect(nodeOf(workflow, "14").params.seed).toBe(1234567890123);
    // The switch passes over its first input, whose node is muted.
    expect(nodeOf(workflow, "8").params.text).toBe("a cat asleep on a chair");
    expect(linksInto(workflow, "14")).toContain("6.model → model");
  });

  test("Set and Get nodes end as a link", () => {
    expect(linksInto(workflow, "15")).toContain("3.vae → vae");
  });

  test("what Heddle has no equal for is a placeholder with its values, ports and links, and says what it needs", () => {
    expect(nodeOf(workflow, "17")).toMatchObject({
      type: "comfyui/FaceDetailer",
      title: "Better faces",
      mode: "bypassed",
      params: { widgets_values: [512, true, "x"] },
      ports: {
        inputs: [
          { name: "image", type: "IMAGE" },
          { name: "model", type: "MODEL" },
        ],
      },
      comfyui: { node: { properties: { cnr_id: "comfyui-impact-pack" } } },
    });
    // The node between, which only freed memory, is passed through.
    expect(linksInto(workflow, "17")).toEqual(["15.image → image", "6.model → model"]);
    expect(workflow.report.kept).toMatchObject([
      { nodeId: "17", class: "FaceDetailer", pack: "comfyui-impact-pack" },
      { nodeId: "19", class: "ShowText|pysssss", pack: "pythongosssss/ComfyUI-Custom-Scripts" },
    ]);
  });

  test("the rest runs: a bypassed placeholder passes its picture on, and one that nothing needs is no obstacle", () => {
    const problems = validateWorkflow(workflow.document, findDefinition);
    expect(errorsOf(problems)).toEqual([]);
    const plan = planExecution(workflow.document, findDefinition);
    expect(plan.targets).toEqual(["18"]);
    expect(plan.nodes.find(({ id }) => id === "18")?.inputs.image).toEqual({ node: "15", port: "image" });
  });

  test("a link that an output needs and only a placeholder gives keeps it from running, and says why", () => {
    const { document } = imported(
      ui(
        [
          node(1, "Mystery", { outputs: [{ name: "IMAGE", type: "IMAGE" }] }),
          node(2, "PreviewImage", { inputs: [{ name: "images", type: "IMAGE" }] }),
        ],
        [[1, 1, 0, 2, 0, "IMAGE"]],
      ),
    );
    expect(errorsOf(validateWorkflow(document, findDefinition))).toMatchObject([{ code: "unknown-node", nodeId: "1" }]);
  });
});

test("rgthree's stack of four LoRAs; a mask from a picture's transparency", () => {
  const stack = ["ink.safetensors", 0.5, "None", 1, "a\\b.safetensors", -1, "None", 1];
  const workflow = imported(
    ui([
      node(1, "Lora Loader Stack (rgthree)", { widgets_values: stack }),
      node(2, "LoadImageMask", { widgets_values: ["a.png", "alpha", "image"] }),
      node(3, "LoadImageMask", { widgets_values: ["a.png", "red", "image"] }),
    ]),
  );
  expect(nodeOf(workflow, "1").params.loras).toEqual([
    { name: "ink.safetensors", weight: 0.5, enabled: true },
    { name: "a/b.safetensors", weight: -1, enabled: true },
  ]);
  expect(nodeOf(workflow, "2").type).toBe("load-image");
  expect(nodeOf(workflow, "3").type).toBe("comfyui/LoadImageMask");
});

test("constants of several outputs, and a comparer, of rgthree", () => {
  const text = JSON.stringify({
    1: {
      class_type: "KSampler Config (rgthree)",
      inputs: { steps_total: 10, refiner_step: 8, cfg: 1.5, sampler_name: "heun", scheduler: "beta" },
    },
    2: {
      class_type: "KSampler",
      inputs: { seed: 1, denoise: 1, steps: ["1", 0], cfg: ["1", 2], sampler_name: ["1", 3], scheduler: ["1", 4] },
    },
    3: { class_type: "LoadImage", inputs: { image: "a.png" } },
    4: { class_type: "Image Comparer (rgthree)", inputs: { image_a: ["3", 0], image_b: ["3", 0] } },
  });
  const { document, report } = openAnyWorkflow(text, options);
  const workflow = { document, report: report! };
  expect(report?.nodes).toEqual({ total: 4, mapped: 3, kept: 0, virtual: 1 });
  expect(nodeOf(workflow, "2").params).toMatchObject({ steps: 10, guidance: 1.5, solver: "heun", schedule: "beta" });
  expect(nodeOf(workflow, "4").type).toBe("preview-image");
  expect(linksInto(workflow, "4-2")).toEqual(["3.image → first", "3.image → second"]);
});

describe("custom sampling", () => {
  const workflow = imported("custom-sampling.ui-0.4.json");

  test("noise, guider, sampler and sigmas end as settings of the Sampler; split sigmas as two of them", () => {
    expect(workflow.report.nodes).toEqual({ total: 13, mapped: 7, kept: 0, virtual: 6 });
    const same = { solver: "heun", schedule: "sgm_uniform", steps: 12, denoise: 0.9, guidance: 2.5 };
    expect(nodeOf(workflow, "9").params).toMatchObject({
      ...same,
      seed: 99,
      endStep: 5,
      finish: false,
      addNoise: true,
    });
    expect(nodeOf(workflow, "11").params).toMatchObject({ ...same, startStep: 5, addNoise: false });
    expect(linksInto(workflow, "11")).toEqual([
      "1.model → model",
      "2.conditioning → negative",
      "2.conditioning → positive",
      "9.latent → latent",
    ]);
  });

  test("with a part that Heddle does not have, all of them stay", () => {
    const file = JSON.parse(readFileSync(path.join(fixtures, "custom-sampling.ui-0.4.json"), "utf8")) as {
      nodes: Fields[];
    };
    const nodes = file.nodes.map((raw) => (raw.type === "BasicScheduler" ? { ...raw, type: "KarrasScheduler" } : raw));
    const { report } = imported({ ...(file as unknown as Fields), nodes });
    expect(report.kept.map((kept) => kept.class).sort()).toEqual([
      "CFGGuider",
      "DisableNoise",
      "KSamplerSelect",
      "KarrasScheduler",
      "RandomNoise",
      "SamplerCustomAdvanced",
      "SamplerCustomAdvanced",
      "SplitSigmas",
    ]);
  });
});

describe("custom sampling, by its parts", () => {
  const nodes = (more: Record<string, Fields> = {}): Record<string, Fields> => ({
    model: { class_type: "UNETLoader", inputs: { unet_name: "z.safetensors" } },
    shift: { class_type: "ModelSamplingAuraFlow", inputs: { model: ["model", 0], shift: 5 } },
    noise: { class_type: "RandomNoise", inputs: { noise_seed: 7 } },
    guider: { class_type: "BasicGuider", inputs: { model: ["shift", 0], conditioning: ["text", 0] } },
    select: { class_type: "KSamplerSelect", inputs: { sampler_name: "euler" } },
    sigmas: { class_type: "BasicScheduler", inputs: { model: ["shift", 0], scheduler: "beta", steps: 12, denoise: 1 } },
    text: { class_type: "CLIPTextEncode", inputs: { text: "x" } },
    size: { class_type: "EmptySD3LatentImage", inputs: { width: 512, height: 512, batch_size: 1 } },
    sampler: {
      class_type: "SamplerCustomAdvanced",
      inputs: {
        ...{ noise: ["noise", 0], guider: ["guider", 0], sampler: ["select", 0] },
        ...{ sigmas: ["sigmas", 0], latent_image: ["size", 0] },
      },
    },
    ...more,
  });
  const open = (more?: Record<string, Fields>) => {
    const text = JSON.stringify(nodes(more));
    const { document, report } = openAnyWorkflow(text, options);
    return { document, report: report! };
  };

  test("a setting that another node works out keeps its link", () => {
    const workflow = open({
      noise: { class_type: "RandomNoise", inputs: { noise_seed: ["dice", 0] } },
      dice: { class_type: "Mystery Dice", inputs: {} },
      sigmas: {
        class_type: "BasicScheduler",
        inputs: { model: ["shift", 0], scheduler: "beta", steps: ["dice", 1], denoise: 1 },
      },
    });
    expect(linksInto(workflow, "sampler")).toEqual([
      "dice.output-0 → seed",
      "dice.output-1 → steps",
      "shift.model → model",
      "size.latent → latent",
      "text.conditioning → positive",
    ]);
  });

  test("schedules of a model with another shift than the one that is sampled are not the Sampler's", () => {
    const other = {
      sigmas: {
        class_type: "BasicScheduler",
        inputs: { model: ["model", 0], scheduler: "beta", steps: 12, denoise: 1 },
      },
    };
    expect(open().report.nodes).toMatchObject({ kept: 0 });
    expect(open(other).report.kept.map((kept) => kept.class)).toContain("SamplerCustomAdvanced");
    const alike = {
      ...other,
      shift: { class_type: "LoraLoaderModelOnly", inputs: { model: ["model", 0], lora_name: "a", strength_model: 1 } },
    };
    expect(open(alike).report.nodes).toMatchObject({ kept: 0 });
  });

  test("splits of splits are counted through", () => {
    const split = (sigmas: [string, number], step: number) => ({
      class_type: "SplitSigmas",
      inputs: { sigmas, step },
    });
    const workflow = open({
      first: split(["sigmas", 0], 3),
      second: split(["first", 1], 4),
      sampler: {
        class_type: "SamplerCustomAdvanced",
        inputs: {
          ...{ noise: ["noise", 0], guider: ["guider", 0], sampler: ["select", 0] },
          ...{ sigmas: ["second", 0], latent_image: ["size", 0] },
        },
      },
    });
    expect(nodeOf(workflow, "sampler").params).toMatchObject({ startStep: 3, endStep: 7, finish: false, steps: 12 });
  });

  test("nodes for one solver are its name while they are set as usual; solvers with a table of their own are told", () => {
    const ancestral = (eta: number) => ({
      select: { class_type: "SamplerEulerAncestral", inputs: { eta, s_noise: 1 } },
    });
    expect(nodeOf(open(ancestral(1)), "sampler").params.solver).toBe("euler_ancestral");
    expect(open(ancestral(0.5)).report.kept.map((kept) => kept.class)).toContain("SamplerEulerAncestral");
    const { report } = open({ select: { class_type: "KSamplerSelect", inputs: { sampler_name: "dpm_2" } } });
    expect(report.notes).toMatchObject([{ nodeId: "sampler", field: "solver" }]);
  });

  test("a muted part leaves all of them as they are", () => {
    const file = JSON.parse(readFileSync(path.join(fixtures, "custom-sampling.ui-0.4.json"), "utf8")) as Fields;
    const muted = (file.nodes as Fields[]).map((raw) => (raw.type === "CFGGuider" ? { ...raw, mode: 2 } : raw));
    expect(imported({ ...file, nodes: muted }).report.kept.map((kept) => kept.class)).toContain("CFGGuider");
  });
});

describe("settings that other nodes work out", () => {
  const picture = { class_type: "LoadImage", inputs: { image: "a.png" } };
  const measure = { class_type: "GetImageSize", inputs: { image: ["picture", 0] } };

  test("are links to the params, without a word", () => {
    const text = JSON.stringify({
      picture,
      measure,
      scale: {
        class_type: "ImageScale",
        inputs: {
          ...{ image: ["picture", 0], upscale_method: "lanczos", crop: "disabled" },
          ...{ width: ["measure", 0], height: ["measure", 1] },
        },
      },
    });
    const { document, report } = openAnyWorkflow(text, options);
    expect(linksInto({ document, report: report! }, "scale")).toEqual([
      "measure.height → height",
      "measure.width → width",
      "picture.image → image",
    ]);
    expect(report!.notes.map(({ nodeId }) => nodeId)).toEqual(["picture"]);
  });

  test("what Heddle counts in another unit gets no link, and that is said", () => {
    const text = JSON.stringify({
      picture,
      measure,
      edges: {
        class_type: "Canny",
        inputs: { image: ["picture", 0], low_threshold: ["measure", 0], high_threshold: 0.8 },
      },
    });
    const { document, report } = openAnyWorkflow(text, options);
    expect(linksInto({ document, report: report! }, "edges")).toEqual(["picture.image → image"]);
    expect(report!.notes.map(({ field }) => field)).toContain("low");
  });

  test("an empty latent as large as a picture takes its size from it, whatever that is", () => {
    const text = JSON.stringify({
      picture,
      measure,
      size: {
        class_type: "EmptySD3LatentImage",
        inputs: { width: ["measure", 0], height: ["measure", 1], batch_size: 2 },
      },
    });
    const { document, report } = openAnyWorkflow(text, options);
    const workflow = { document, report: report! };
    expect(nodeOf(workflow, "size")).toMatchObject({ type: "size-from-image", params: { batch: 2 } });
    expect(linksInto(workflow, "size")).toEqual(["picture.image → image"]);
    expect(report!.nodes).toMatchObject({ mapped: 2, virtual: 1 });
  });
});

describe("odd files", () => {
  test("a loop of reroutes or switches brings nothing", () => {
    const reroute = (id: number, type: string) =>
      node(id, type, { inputs: [{ name: "", type: "*" }], outputs: [{ name: "", type: "*" }] });
    for (const type of ["Reroute", "Any Switch (rgthree)"]) {
      const preview = node(3, "PreviewImage", { inputs: [{ name: "images", type: "IMAGE" }] });
      const workflow = imported(
        ui(
          [reroute(1, type), reroute(2, type), preview],
          [
            [1, 1, 0, 2, 0, "*"],
            [2, 2, 0, 1, 0, "*"],
            [3, 2, 0, 3, 0, "*"],
          ],
        ),
      );
      expect(workflow.document.links).toEqual([]);
    }
  });

  test("20,000 reroutes in a row, and 200 switches behind each other, take no time and no stack", () => {
    const chain = (count: number, type: string) => {
      const nodes = Array.from({ length: count }, (_, index) =>
        node(index + 1, type, { inputs: [{ name: "any_01", type: "*" }], outputs: [{ name: "*", type: "*" }] }),
      );
      const links = nodes.slice(1).map((_, index) => [index, index + 1, 0, index + 2, 0, "*"]);
      const preview = node(0, "PreviewImage", { inputs: [{ name: "images", type: "IMAGE" }] });
      const image = node(count + 1, "LoadImage", { outputs: [{ name: "IMAGE", type: "IMAGE" }] });
      return ui([preview, image, ...nodes], [
        [-1, count + 1, 0, 1, 0, "*"],
        ...links,
        [-2, count, 0, 0, 0, "*"],
      ] as never);
    };
    for (const file of [chain(19_000, "Reroute"), chain(150, "Any Switch (rgthree)")]) {
      expect(linksInto(imported(file), "0")).toHaveLength(1);
    }
  });

  test("a long way that many nodes share, and thousands of nodes without ids of their own, take no time", () => {
    const count = 2_000;
    const range = Array.from({ length: count }, (_, index) => index);
    const reroutes = range.map((id) => node(id, "Reroute", { inputs: [{ name: "" }], outputs: [{ name: "" }] }));
    const users = range.map((id) => node(count + id, "PreviewImage", { inputs: [{ name: "images" }] }));
    const setters = range.map((id) => node(2 * count + id, "SetNode", { widgets_values: ["x"] }));
    const getters = range.map((id) => node(3 * count + id, "GetNode", { widgets_values: ["x"] }));
    const shown = range.map((id) => node(4 * count + id, "PreviewImage", { inputs: [{ name: "images" }] }));
    const nameless = range.map(() => ({ type: "Note" }));
    const alike = range.map((id) => node(0, "Note", { id: `${"x".repeat(190)}${id}` }));
    const startedAt = performance.now();
    const { report } = imported(
      ui(
        [...reroutes, ...users, ...setters, ...getters, ...shown, ...nameless, ...alike],
        [
          ...range.slice(1).map((id) => [`a${id}`, id - 1, 0, id, 0, "*"]),
          ...range.map((id) => [`b${id}`, count - 1, 0, count + id, 0, "*"]),
          ...range.map((id) => [`c${id}`, 3 * count + id, 0, 4 * count + id, 0, "*"]),
        ],
        { last_node_id: 1 },
      ),
    );
    expect(report.nodes).toMatchObject({ total: 7 * count, kept: 0 });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test("nodes without ids or with one id twice, links to nowhere, types that are no text", () => {
    const { document, report } = imported(
      ui(
        [
          node(1, "Note", { widgets_values: ["a"] }),
          node(1, "Note", { widgets_values: ["b"] }),
          { type: "Note" } as Fields,
          { id: 4, type: 7 } as Fields,
        ],
        [[1, 1, 0, 99, 0, "*"], [2, null, 0, 1, 0, "*"], "x", null] as never,
        { last_node_id: 4 },
      ),
    );
    expect(new Set(document.nodes.map(({ id }) => id)).size).toBe(4);
    expect(report.nodes.total).toBe(4);
    expect(report.notes.map(({ message }) => message)).toEqual([
      "Two nodes had the id 1; the second one got another.",
      "A node without an id got one of its own.",
    ]);
  });

  test("a node whose widgets name themselves is read without a table, with the hidden control behind its seed", () => {
    const widget = (name: string) => ({ name, type: "INT", widget: { name }, link: null });
    const workflow = imported(
      ui([node(1, "Some Sampler", { inputs: [widget("seed"), widget("steps")], widgets_values: [5, "randomize", 8] })]),
    );
    expect(nodeOf(workflow, "1").params).toEqual({ seed: 5, control_after_generate: "randomize", steps: 8 });
  });

  test("a KSampler that a program wrote without the hidden control is read right", () => {
    const workflow = imported(ui([node(1, "KSampler", { widgets_values: [5, 20, 3.5, "euler", "simple", 0.5] })]));
    expect(nodeOf(workflow, "1").params).toMatchObject({ seed: 5, steps: 20, guidance: 3.5, denoise: 0.5 });
  });

  test("links that the pack Use Everywhere has worked out are used", () => {
    const workflow = imported(
      ui(
        [
          node(1, "VAELoader", { outputs: [{ name: "VAE", type: "VAE" }], widgets_values: ["ae.safetensors"] }),
          node(2, "VAEDecode", {
            inputs: [
              { name: "samples", type: "LATENT" },
              { name: "vae", type: "VAE" },
            ],
          }),
        ],
        [],
        { extra: { ue_links: [{ upstream: 1, upstream_slot: 0, downstream: 2, downstream_slot: 1, type: "VAE" }] } },
      ),
    );
    expect(linksInto(workflow, "2")).toEqual(["1.vae → vae"]);
  });

  test("Python's NaN in a file is no obstacle", () => {
    const text = JSON.stringify(ui([node(1, "Note", { widgets_values: ["a"], is_changed: "@" })])).replace(
      '"@"',
      "[NaN]",
    );
    expect(openAnyWorkflow(text, options).report?.nodes.mapped).toBe(1);
  });
});
