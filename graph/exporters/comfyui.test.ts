import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findDefinition } from "../../nodes/definitions.ts";
import type { JsonValue, WorkflowDocument } from "../document.ts";
import type { Fields } from "../importers/fields.ts";
import { openAnyWorkflow } from "../importers/index.ts";
import { parseLenientJson } from "../importers/lenient-json.ts";
import { exportComfyUi } from "./comfyui.ts";

const options = { definitions: findDefinition };
const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/comfyui/${name}`, import.meta.url), "utf8");

/** Class and inputs of every node: titles are free. */
function essence(text: string): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(parseLenientJson(text) as Record<string, Fields>).map(([id, node]) => [
      id,
      { class_type: node.class_type!, inputs: node.inputs! },
    ]),
  );
}

test("a workflow in the API format comes back as it was", () => {
  const text = fixture("turbo.api.json");
  expect(essence(exportComfyUi(openAnyWorkflow(text, options).document, findDefinition))).toEqual(essence(text));
});

test.each(["turbo.ui-0.4.json", "subgraphs.ui-0.4.json", "turbo.ui-1.0.json", "custom-sampling.ui-0.4.json"])(
  "%s, exported and imported again, is the same workflow",
  (name) => {
    // ComfyUI's KSamplerAdvanced, which runs parts of a schedule, knows no denoise.
    const first = openAnyWorkflow(fixture(name).replace("0.9", "1"), options).document;
    const second = openAnyWorkflow(exportComfyUi(first, findDefinition), options).document;
    const again = openAnyWorkflow(exportComfyUi(second, findDefinition), options).document;
    const types = (document: WorkflowDocument) =>
      new Map(
        document.nodes
          .filter(({ mode, type }) => mode === "active" && type !== "note")
          .map(({ id, type }) => [id, type]),
      );
    expect(types(second)).toEqual(types(first));
    expect(again.nodes.map(({ id, params }) => [id, params])).toEqual(
      second.nodes.map(({ id, params }) => [id, params]),
    );
    for (const { id, params } of second.nodes) {
      const before = first.nodes.find((node) => node.id === id)!.params;
      // What ComfyUI has no place for is at its default then.
      const { name: _name, ...same } = before;
      expect(params).toMatchObject(same);
    }
  },
);

test("a seed keeps all of its digits", () => {
  const text = fixture("turbo.api.json").replace("47447417949230", "9223372036854775807");
  const exported = exportComfyUi(openAnyWorkflow(text, options).document, findDefinition);
  expect(exported).toContain('"seed": 9223372036854775807');
});

test("bypassed nodes are passed through, muted ones and notes left out", () => {
  const api = essence(exportComfyUi(openAnyWorkflow(fixture("turbo.ui-0.4.json"), options).document, findDefinition));
  expect(Object.keys(api).sort()).toEqual(["1", "10", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(api["6"]).toMatchObject({ class_type: "ModelSamplingAuraFlow", inputs: { model: ["1", 0], shift: 3 } });
});

test("an encode with a mask is two nodes in ComfyUI", () => {
  const document = openAnyWorkflow(fixture("inpaint-control.api.json"), options).document;
  const nodes = document.nodes.filter(({ id }) => ["3", "4", "17", "18"].includes(id));
  const links = [
    { id: "a", from: { node: "4", port: "image" }, to: { node: "17", port: "image" } },
    { id: "b", from: { node: "4", port: "mask" }, to: { node: "17", port: "mask" } },
    { id: "c", from: { node: "3", port: "vae" }, to: { node: "17", port: "vae" } },
  ];
  expect(essence(exportComfyUi({ ...document, nodes, links }, findDefinition))).toMatchObject({
    "17-encode": { class_type: "VAEEncode", inputs: { pixels: ["4", 0], vae: ["3", 0] } },
    "17": { class_type: "SetLatentNoiseMask", inputs: { samples: ["17-encode", 0], mask: ["4", 1] } },
  });
});

test("enlarging, with a model and without, comes back as it was", () => {
  const text = JSON.stringify({
    1: { class_type: "LoadImage", inputs: { image: "room.png" } },
    "2-upscaler": { class_type: "UpscaleModelLoader", inputs: { model_name: "4x.safetensors" } },
    2: { class_type: "ImageUpscaleWithModel", inputs: { upscale_model: ["2-upscaler", 0], image: ["1", 0] } },
    3: { class_type: "ImageScaleBy", inputs: { upscale_method: "bicubic", scale_by: 0.5, image: ["2", 0] } },
    4: {
      class_type: "ImageScale",
      inputs: { upscale_method: "nearest-exact", width: 640, height: 480, crop: "disabled", image: ["3", 0] },
    },
    5: { class_type: "PreviewImage", inputs: { images: ["4", 0] } },
  });
  const { document, report } = openAnyWorkflow(text, options);
  expect(report?.nodes).toEqual({ total: 6, mapped: 5, kept: 0, virtual: 1 });
  expect(essence(exportComfyUi(document, findDefinition))).toEqual(essence(text));
});

test("a placeholder with named settings is written as it was", () => {
  const api = JSON.parse(fixture("turbo.api.json")) as Record<string, Fields>;
  api["57:3"] = {
    class_type: "Mystery Sampler",
    inputs: { power: 9, model: ["57:11", 0], positive: ["57:27", 0], latent_image: ["57:13", 0] },
  };
  delete api["57:33"];
  const text = JSON.stringify(api);
  expect(essence(exportComfyUi(openAnyWorkflow(text, options).document, findDefinition))).toEqual(essence(text));
});

test("what ComfyUI has no equal for is listed, all of it", () => {
  const template = readFileSync(new URL("../../resources/templates/text-to-image.json", import.meta.url), "utf8");
  const { document } = openAnyWorkflow(template, options);
  expect(() => exportComfyUi(document, findDefinition)).toThrow(
    expect.objectContaining({
      code: "not-exportable",
      details: {
        nodes: [
          { nodeId: "model", message: expect.stringContaining("a folder") },
          { nodeId: "sampler", message: expect.stringContaining("flow_match") },
        ],
      },
    }),
  );
});
