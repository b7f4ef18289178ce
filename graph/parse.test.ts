import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeddleError } from "../common/errors.ts";
import { WORKFLOW_SCHEMA_FILE } from "./document.ts";
import { workflowJsonSchemaText } from "./json-schema.ts";
import { parseWorkflow, parseWorkflowText } from "./parse.ts";
import { serializeWorkflow } from "./serialize.ts";
import { workflow } from "./testing/workflows.ts";

const head = { format: "heddle-workflow", version: 1 };

function errorOf(work: () => unknown): HeddleError {
  try {
    work();
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("what is no workflow", () => {
  test.each([
    ["", "workflow-not-json", "empty"],
    ["{", "workflow-not-json", "not JSON"],
    ["null", "workflow-invalid", "null"],
    ["[]", "workflow-invalid", "a list"],
    ["7", "workflow-invalid", "a number"],
    ["{}", "workflow-foreign", "not a Heddle workflow"],
    ['{"last_node_id":9,"nodes":[]}', "workflow-foreign", "ComfyUI"],
    ['{"3":{"class_type":"KSampler","inputs":{}}}', "workflow-foreign", "ComfyUI"],
    ['{"format":"heddle-workflow","version":2}', "workflow-newer", "version 2"],
    ['{"format":"heddle-workflow"}', "workflow-invalid", "version"],
    ['{"format":"heddle-workflow","version":1}', "workflow-invalid", "nodes"],
    ['{"format":"heddle-workflow","version":1,"nodes":[{"id":"a"}]}', "workflow-invalid", "nodes[0].type"],
    ['{"format":"heddle-workflow","version":1,"nodes":[],"x":{"__proto__":{}}}', "workflow-invalid", "__proto__"],
    [`${'{"a":'.repeat(100)}1${"}".repeat(100)}`, "workflow-too-deep", "levels"],
  ])("%s is refused as %s", (text, code, words) => {
    const error = errorOf(() => parseWorkflowText(text));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.help).toMatch(/\.$/);
  });

  test("nesting a million levels deep is refused, not a stack overflow", () => {
    const depth = 1_000_000;
    expect(errorOf(() => parseWorkflowText("[".repeat(depth) + "]".repeat(depth))).code).toBe("workflow-too-deep");
  });

  test("a file of too many values is refused", () => {
    const many = JSON.stringify({ ...head, nodes: [], links: [], extra: new Array(3_000_001).fill(0) });
    expect(errorOf(() => parseWorkflowText(many)).code).toBe("workflow-too-large");
  });

  test("objects that are no JSON at all are refused as well", () => {
    const circular: Record<string, unknown> = { ...head, nodes: [] };
    circular.self = circular;
    expect(errorOf(() => parseWorkflow(circular)).code).toBe("workflow-too-deep");
    const hostile = {
      get format() {
        throw new Error("boom");
      },
    };
    expect(errorOf(() => parseWorkflow(hostile)).code).toBe("workflow-invalid");
  });

  test("any JSON, and any damage to a workflow, gives a document or a HeddleError", () => {
    const damaged = fc.record(
      {
        format: fc.constant("heddle-workflow"),
        version: fc.constant(1),
        nodes: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.oneof(
              fc.jsonValue(),
              fc.record(
                { id: fc.jsonValue(), type: fc.jsonValue(), params: fc.jsonValue(), mode: fc.jsonValue() },
                { requiredKeys: [] },
              ),
            ),
          ),
        ),
        links: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ from: fc.jsonValue(), to: fc.jsonValue() }, { requiredKeys: [] })),
        ),
        view: fc.jsonValue(),
        frames: fc.jsonValue(),
      },
      { requiredKeys: ["format", "version"] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), damaged), (input) => {
        try {
          expect(parseWorkflow(input).document.format).toBe("heddle-workflow");
        } catch (error) {
          expect(error).toBeInstanceOf(HeddleError);
        }
      }),
    );
  });
});

describe("repairs", () => {
  test("damage that has one remedy is put right and told", () => {
    const { document, repairs } = parseWorkflow({
      ...head,
      view: null,
      nodes: [
        { id: 1, type: "prompt", position: [0, 0], mode: "asleep", size: { width: null }, params: null },
        { id: "2", type: "show" },
      ],
      links: [{ from: { node: 1, port: "text" }, to: { node: "2", port: "text" } }, { from: null }],
    });
    expect(document.nodes[0]).toEqual({
      id: "1",
      type: "prompt",
      typeVersion: 1,
      position: { x: 0, y: 0 },
      params: {},
      mode: "active",
    });
    expect(document.links).toEqual([
      { id: "link-1", from: { node: "1", port: "text" }, to: { node: "2", port: "text" } },
    ]);
    expect(repairs.map(({ message }) => message)).toEqual([
      expect.stringContaining("position"),
      expect.stringContaining("size"),
      expect.stringContaining('mode "asleep"'),
      expect.stringContaining("Link 2"),
    ]);
  });

  test("the input itself stays as it was", () => {
    const input = { ...head, nodes: [{ id: 1, type: "x", mode: "odd" }], links: [] };
    const before = structuredClone(input);
    parseWorkflow(input);
    expect(input).toEqual(before);
  });

  test("a byte-order mark and missing links do no harm", () => {
    expect(parseWorkflowText(`\uFEFF${JSON.stringify({ ...head, nodes: [] })}`)).toMatchObject({
      repairs: [],
      document: { links: [] },
    });
  });
});

describe("serializing", () => {
  const document = workflow({ b: ["words", { params: { z: 1, a: [1, { x: 2 }] } }], a: "show" }, ["b.text > a.value"]);

  test("fields have a fixed order, params one line each, positions and link ends stay on one line", () => {
    expect(serializeWorkflow({ ...document, future: true, description: "D" })).toBe(`{
  "format": "heddle-workflow",
  "version": 1,
  "title": "Test",
  "description": "D",
  "nodes": [
    {
      "id": "b",
      "type": "words",
      "typeVersion": 1,
      "mode": "active",
      "position": { "x": 0, "y": 0 },
      "params": {
        "a": [
          1,
          { "x": 2 }
        ],
        "z": 1
      }
    },
    {
      "id": "a",
      "type": "show",
      "typeVersion": 1,
      "mode": "active",
      "position": { "x": 0, "y": 0 },
      "params": {}
    }
  ],
  "links": [
    {
      "id": "link-1",
      "from": { "node": "b", "port": "text" },
      "to": { "node": "a", "port": "value" }
    }
  ],
  "future": true
}
`);
  });

  test("nothing is lost on the way out and in, and the order in memory does not matter", () => {
    const odd = { ...document, extra: { deep: [null, "ü\u2028", -0.5, {}] }, frames: [] };
    const text = serializeWorkflow(odd);
    expect(parseWorkflowText(text).document).toEqual(odd);
    const shuffled = Object.fromEntries(Object.entries(odd).reverse()) as typeof odd;
    expect(serializeWorkflow(shuffled)).toBe(text);
  });

  test("any params survive", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          // A field of that name is refused, at any depth.
          fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes("__proto__")),
        ),
        (params) => {
          const plain = JSON.parse(JSON.stringify(params));
          const before = workflow({ a: ["words", { params: plain }] });
          expect(parseWorkflowText(serializeWorkflow(before)).document).toEqual(before);
        },
      ),
    );
  });

  test.each(["text-to-image", "text-to-image-base"])("the template %s is written in this form", async (name) => {
    const text = await readFile(new URL(`../resources/templates/${name}.json`, import.meta.url), "utf8");
    const { document, repairs } = parseWorkflowText(text);
    expect(repairs).toEqual([]);
    expect(serializeWorkflow(document)).toBe(text);
  });
});

test("the committed JSON Schema is current (node scripts/generate-schema.ts writes it)", async () => {
  const committed = await readFile(new URL(`../resources/${WORKFLOW_SCHEMA_FILE}`, import.meta.url), "utf8");
  expect(committed).toBe(workflowJsonSchemaText());
});
