import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { nodeDefinitions } from "./definitions.ts";

/** What every node owes its users: one paragraph about it, an example, a test of what it computes, a folder of its own. */
const here = import.meta.dirname;
const templates = path.join(here, "../resources/templates");

const folders = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory());
const testFiles = (await readdir(here, { recursive: true })).filter(
  (file) => file.endsWith(".test.ts") && file !== path.basename(import.meta.filename),
);
const tests = await Promise.all(testFiles.map((file) => readFile(path.join(here, file), "utf8")));
const examples = await Promise.all(
  (await readdir(templates))
    .filter((file) => file.endsWith(".json"))
    .map((file) => readFile(path.join(templates, file), "utf8")),
);

describe.each(nodeDefinitions)("$type", ({ type, description, params, inputs, outputs, isAnnotation }) => {
  test("is described in one paragraph, and its parts have names", () => {
    expect(description).toMatch(/^[A-Z][^\n]{60,700}\.$/s);
    for (const { label } of [...params, ...inputs, ...outputs]) expect(label).toMatch(/^\S.*$/);
  });

  test("is shown in a template", () => {
    expect(examples.filter((text) => text.includes(`"type": "${type}"`)).length).toBeGreaterThan(0);
  });

  test.runIf(!isAnnotation)("is run by a test", () => {
    const runs = new RegExp(`(\\w\\(\\s*|\\[\\s*|, )"${type}"`);
    const templateRuns = type === "load-model" || type === "sampler" || type === "vae-decode" || type === "save-image";
    expect(tests.some((text) => runs.test(text)) || templateRuns, `runNode("${type}", …)`).toBe(true);
  });

  test("has a folder of its own, with what it is and what it does", async () => {
    const files = await readdir(path.join(here, type));
    expect(files).toContain("definition.ts");
    expect(files.includes("run.ts")).toBe(!isAnnotation);
  });
});

test("every folder is a node's", () => {
  const own = new Set([...nodeDefinitions.map(({ type }) => type), "testing"]);
  expect(folders.map(({ name }) => name).filter((name) => !own.has(name))).toEqual([]);
});
