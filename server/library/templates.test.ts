import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageFacts } from "../package-facts.ts";
import { listTemplates } from "./templates.ts";

test("the bundled templates are workflows, text to image first", async () => {
  const templates = await listTemplates(join(packageFacts().folder, "resources/templates"));
  expect(templates[0]).toMatchObject({ id: "text-to-image", title: expect.stringMatching(/\w/) });
  for (const { document, description } of templates) {
    expect(document.nodes.length).toBeGreaterThan(0);
    expect(description).not.toBe("");
  }
});

test("a broken template is an error with a code, an absent folder has none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heddle-templates-"));
  await writeFile(join(folder, "broken.json"), "{");
  await expect(listTemplates(folder)).rejects.toMatchObject({ code: "workflow-not-json" });
  await rm(folder, { recursive: true });
  expect(await listTemplates(folder)).toEqual([]);
});
