import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findDefinition } from "../../nodes/definitions.ts";
import { WORKFLOW_VERSION } from "../document.ts";
import { parseWorkflowText } from "../parse.ts";
import { serializeWorkflow } from "../serialize.ts";
import { testDefinitions, workflow } from "../testing/workflows.ts";
import { validateWorkflow } from "../validate.ts";
import { documentMigrations, migrateDocument } from "./documents.ts";
import type { Migration } from "./migration.ts";
import { nodeMigrations, upgradeNodes } from "./nodes.ts";

const samples = new URL("../../test/fixtures/documents/", import.meta.url);

describe("kept samples", () => {
  const names = readdirSync(samples);

  test("there is one of every version that was ever written", () => {
    const versions = new Set(names.map((name) => JSON.parse(readFileSync(new URL(name, samples), "utf8")).version));
    expect([...versions].sort()).toEqual(Array.from({ length: WORKFLOW_VERSION }, (_, index) => index + 1));
    expect(documentMigrations.map(({ from }) => from)).toEqual(
      Array.from({ length: WORKFLOW_VERSION - 1 }, (_, index) => index + 1),
    );
  });

  test.each(names)("%s opens, loses nothing, and is written back byte for byte", (name) => {
    const text = readFileSync(new URL(name, samples), "utf8");
    const { document, repairs } = parseWorkflowText(text);
    expect(repairs).toEqual([]);
    const written = serializeWorkflow(document);
    expect(JSON.parse(written)).toEqual(JSON.parse(text));
    expect(written).toBe(text);
    expect(serializeWorkflow(parseWorkflowText(written).document)).toBe(written);
    validateWorkflow(document, findDefinition);
  });
});

const steps: Migration[] = [
  { from: 2, migrate: ({ b, ...rest }) => ({ ...rest, c: b }) },
  { from: 1, migrate: ({ a, ...rest }) => ({ ...rest, b: a }) },
];

describe("migrations of documents", () => {
  test("go from version to version, whatever the order of the list, and keep unknown fields", () => {
    const old = { version: 1, a: 7, "from elsewhere": true };
    expect(migrateDocument(old, 3, steps)).toEqual({ version: 3, c: 7, "from elsewhere": true });
    expect(old).toEqual({ version: 1, a: 7, "from elsewhere": true });
    expect(migrateDocument({ version: 2, b: 7 }, 3, steps)).toEqual({ version: 3, c: 7 });
  });

  test("a document of the present version stays as it is", () => {
    const present = { version: 3, c: 1 };
    expect(migrateDocument(present, 3, steps)).toBe(present);
  });

  test.each([0, 4, 1.5, "1", undefined, null])("version %s is none", (version) => {
    expect(migrateDocument({ version }, 3, steps)).toBeUndefined();
  });

  test("a missing step is no way", () => {
    expect(migrateDocument({ version: 1 }, 3, steps.slice(0, 1))).toBeUndefined();
  });
});

describe("upgrades of nodes", () => {
  const renamed: Migration = {
    from: 1,
    migrate: (node) => ({ ...node, params: { value: (node.params as { old: number }).old } }),
  };
  const definitions = (type: string) => {
    const definition = testDefinitions(type);
    return definition && type === "constant" ? { ...definition, version: 2 } : definition;
  };
  const document = workflow({ three: ["constant", { params: { old: 3 } }], words: "words" });

  test("happen when asked for, and tell which nodes they changed", () => {
    const result = upgradeNodes(document, definitions, { constant: [renamed] });
    expect(result.upgraded).toEqual(["three"]);
    expect(result.document.nodes[0]).toMatchObject({ typeVersion: 2, params: { value: 3 } });
    expect(document.nodes[0]).toMatchObject({ typeVersion: 1, params: { old: 3 } });
  });

  test("a node without a way stays, and validation says that it is old", () => {
    expect(upgradeNodes(document, definitions, {})).toEqual({ document, upgraded: [] });
    const old = validateWorkflow(document, definitions).filter(({ code }) => code === "older-node");
    expect(old).toMatchObject([{ severity: "warning", nodeId: "three" }]);
  });

  test("every raise of a node's version has its steps", () => {
    for (const [type, migrations] of Object.entries(nodeMigrations)) {
      const version = findDefinition(type)?.version ?? 1;
      expect(migrations.map(({ from }) => from).sort()).toEqual(
        Array.from({ length: version - 1 }, (_, index) => index + 1),
      );
    }
  });
});
