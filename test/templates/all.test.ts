import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseWorkflowText } from "../../graph/parse.ts";
import { validateWorkflow } from "../../graph/validate.ts";
import { parseImageValue } from "../../graph/values.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { templatesFolder } from "./template.ts";

const files = (await readdir(templatesFolder)).filter((file) => file.endsWith(".json"));
const pictures = await readdir(path.join(templatesFolder, "pictures"));
const drawingTests = ["test/templates", "cli"].map((folder) => path.join(import.meta.dirname, "../..", folder));
const testFiles = (
  await Promise.all(
    drawingTests.map(async (folder) =>
      (await readdir(folder)).filter((file) => file.endsWith(".test.ts")).map((file) => path.join(folder, file)),
    ),
  )
).flat();
const tests = (await Promise.all(testFiles.map((file) => readFile(file, "utf8")))).join("\n");

test("there is a template for each of the capabilities", () => {
  expect(files.length).toBeGreaterThanOrEqual(16);
});

describe.each(files)("%s", (file) => {
  test("is valid, tells what it shows, and brings its pictures", async () => {
    const { document } = parseWorkflowText(await readFile(path.join(templatesFolder, file), "utf8"));
    expect(validateWorkflow(document, findDefinition).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(document.title.length).toBeGreaterThan(3);
    expect(document.description!.length).toBeGreaterThan(60);
    for (const { params } of document.nodes) {
      for (const value of Object.values(params)) {
        const hash = parseImageValue(value);
        if (hash !== undefined) expect(pictures.map((name) => path.parse(name).name)).toContain(hash);
      }
    }
  });

  test("is drawn by a test", () => {
    expect(tests).toMatch(new RegExp(`\\w\\(\\s*"${path.parse(file).name}"`));
  });
});
