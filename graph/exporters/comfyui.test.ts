import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { HeddleError } from "../../common/errors.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import type { JsonValue, WorkflowDocument } from "../document.ts";
import type { Fields } from "../importers/fields.ts";
import { openAnyWorkflow } from "../importers/index.ts";
import { parseLenientJson } from "../importers/lenient-json.ts";
import { flattenWorkflow } from "../subgraphs/flatten.ts";
import { workflow } from "../testing/workflows.ts";
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
    const opened = openAnyWorkflow(fixture(name).replace("0.9", "1"), options).document;
    const first = flattenWorkflow(opened).document;
    const second = openAnyWorkflow(exportComfyUi(opened, findDefinition), options).document;
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

describe("what Heddle has and ComfyUI's API format has not", () => {
  const nodes: Parameters<typeof workflow>[0] = {
    model: ["load-diffusion-model", { params: { diffusionModel: "z.safetensors" } }],
    encoder: ["load-text-encoder", { params: { textEncoder: "q.safetensors" } }],
    vae: ["load-vae", { params: { vae: "ae.safetensors" } }],
    prompt: "prompt",
    size: ["image-size", { params: { preset: "custom", width: 512, height: 768 } }],
    sampler: ["sampler", { params: { seed: 1, solver: "euler", schedule: "simple" } }],
    decode: "vae-decode",
    save: "save-image",
  };
  const links = [
    "model.model > sampler.model",
    "encoder.textEncoder > prompt.textEncoder",
    "prompt.conditioning > sampler.positive",
    "size.latent > sampler.latent",
    "sampler.latent > decode.latent",
    "vae.vae > decode.vae",
    "decode.image > save.image",
  ];
  const exported = (more: typeof nodes, moreLinks: string[], without: string[] = []) =>
    essence(
      exportComfyUi(
        workflow({ ...nodes, ...more }, [...links.filter((link) => !without.includes(link)), ...moreLinks]),
        findDefinition,
      ),
    ) as Record<string, { class_type: string; inputs: Fields }>;
  const picture: (typeof nodes)[string] = ["load-image", { comfyui: { values: { image: "a.png" } } }];
  const problemsOf = (more: typeof nodes, moreLinks: string[]) => {
    try {
      exported(more, moreLinks);
      return [];
    } catch (error) {
      return (error as HeddleError).details?.nodes;
    }
  };

  test("values over links are written where they go, reroutes passed through", () => {
    const api = exported(
      {
        dice: ["seed", { params: { seed: "9223372036854775807" } }],
        words: ["text", { params: { text: "@seed:5" } }],
        bend: "reroute",
        wide: ["integer", { params: { value: 640 } }],
        size: "image-size",
      },
      ["dice.value > bend.value", "bend.value > sampler.seed", "words.value > prompt.text", "wide.value > size.width"],
    );
    expect(Object.keys(api).sort()).toEqual(Object.keys(nodes).sort());
    expect(api.sampler!.inputs.seed).toBe("9223372036854775807");
    expect(api.prompt!.inputs.text).toBe("@seed:5");
    // The other side is the node's own, and not that of its preset.
    expect(api.size!.inputs).toMatchObject({ width: 640, height: 1024 });
  });

  test("a stack of LoRAs is loaders in a row; what is switched off is passed through", () => {
    const loras = [
      { name: "a.safetensors", weight: 0.5, enabled: true },
      { name: "off.safetensors", weight: 1, enabled: false },
      { name: "b.safetensors", weight: -1, enabled: true },
    ];
    const between = ["model.model > stack.model", "stack.model > off.model", "off.model > sampler.model"];
    const off: (typeof nodes)[string] = ["load-lora", { params: { enabled: false } }];
    const api = exported({ stack: ["lora-stack", { params: { loras } }], off }, between, [
      "model.model > sampler.model",
    ]);
    expect(api.sampler!.inputs.model).toEqual(["stack", 0]);
    expect(api.stack).toEqual({
      class_type: "LoraLoaderModelOnly",
      inputs: { lora_name: "b.safetensors", strength_model: -1, model: ["stack-lora-1", 0] },
    });
    expect(api["stack-lora-1"]!.inputs).toEqual({
      lora_name: "a.safetensors",
      strength_model: 0.5,
      model: ["model", 0],
    });
    expect(api.off).toBeUndefined();
  });

  test("a setting that another node works out is no value to write", () => {
    expect(
      problemsOf({ picture, measure: "size-from-image" }, [
        "picture.image > measure.image",
        "measure.pictures > sampler.steps",
      ]),
    ).toMatchObject([{ nodeId: "sampler", message: expect.stringContaining('"Steps"') }]);
  });

  test("a batch of a seed each, and grey that means strength, are told", () => {
    expect(problemsOf({ size: ["image-size", { params: { batch: 2 } }] }, [])).toMatchObject([{ nodeId: "sampler" }]);
    expect(
      problemsOf(
        {
          picture,
          encode: ["vae-encode", { params: { maskRule: "differential" } }],
        },
        ["picture.image > encode.image", "picture.mask > encode.mask", "vae.vae > encode.vae"],
      ),
    ).toMatchObject([{ nodeId: "encode" }]);
  });
});
