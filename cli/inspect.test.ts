import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPngText } from "../graph/embedding/png-text.ts";
import { inspectFile } from "./inspect.ts";

const resource = (name: string) => fileURLToPath(new URL(`../resources/${name}`, import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-inspect-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: Uint8Array | string): Promise<string> {
  const full = path.join(folder, name);
  await writeFile(full, content);
  return full;
}

const png = () =>
  sharp({ create: { width: 8, height: 4, channels: 3, background: "red" } })
    .png()
    .toBuffer();

test("weights: types, sizes, metadata and every tensor", async () => {
  const { facts, lines } = await inspectFile(resource("starter-model/loras/neon-outline.safetensors"));
  expect(facts).toMatchObject({
    kind: "safetensors",
    parameters: 204_288,
    dtypes: { BF16: { tensors: 98 } },
    metadata: { rank: "8" },
  });
  expect(facts.tensors).toHaveLength(98);
  expect(lines.join("\n")).toContain("BF16: 98 tensors");
});

test("a LoRA: what it changes in the model, where, and how strongly", async () => {
  const { facts, lines } = await inspectFile(resource("starter-model/loras/neon-outline.safetensors"));
  expect(facts.lora).toMatchObject({ applied: 98, total: 98, unapplied: [], rank: 8 });
  const { blocks } = facts.lora as { blocks: { block: string; norm: number }[] };
  expect(blocks.map(({ block }) => block)).toEqual(expect.arrayContaining(["layers.0", "layers.6"]));
  for (const { norm } of blocks) expect(norm).toBeGreaterThan(0);
  expect(lines.join("\n")).toMatch(/98 of 98 applied[\s\S]*layers\.3 .*▇/);
});

test("a LoRA that was made for another model says so, and is still listed", async () => {
  const stranger = resource("../test/golden/loras/kohya_split.safetensors");
  const { facts, lines } = await inspectFile(stranger);
  expect(facts.lora).toMatchObject({ applied: 0 });
  expect(lines.at(-1)).toContain("--model");
});

test("a workflow: its nodes, and what is wrong with it", async () => {
  const { facts } = await inspectFile(resource("templates/text-to-image.json"));
  expect(facts).toMatchObject({ kind: "workflow", title: "Text to image", links: 9, problems: [] });
  const empty = await file("empty.json", '{"format":"heddle-workflow","version":1,"nodes":[]}');
  expect((await inspectFile(empty)).lines.join("\n")).toContain("error: This workflow has no output node");
});

test("a picture: its size, settings and workflow", async () => {
  const workflow = '{"format":"heddle-workflow","version":1,"title":"Inside","nodes":[]}';
  const withAll = await file("all.png", addPngText(await png(), { parameters: "a cat\nSteps: 8", workflow }));
  expect((await inspectFile(withAll)).facts).toMatchObject({
    kind: "picture",
    format: "png",
    width: 8,
    height: 4,
    parameters: "a cat\nSteps: 8",
    workflow: { title: "Inside" },
  });
  const plain = await inspectFile(await file("plain.png", await png()));
  expect(plain.lines.at(-1)).toBe("No workflow inside.");
  const foreign = await file("foreign.png", addPngText(await png(), { workflow: '{"last_node_id":1}' }));
  expect((await inspectFile(foreign)).lines.at(-1)).toContain("ComfyUI");
});

test.each([
  ["cut.safetensors", Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 0x7b]), "safetensors-invalid"],
  ["no-extension", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x5d]), "safetensors-invalid"],
  ["text.txt", Buffer.from("hello"), "workflow-not-json"],
  ["cut.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "picture-invalid"],
])("%s is refused as %s", async (name, content, code) => {
  await expect(inspectFile(await file(name, content))).rejects.toMatchObject({ code });
});

test("what is not there, and a folder", async () => {
  await expect(inspectFile(path.join(folder, "absent"))).rejects.toMatchObject({ code: "file-unreadable" });
  await expect(inspectFile(folder)).rejects.toMatchObject({
    code: "file-unreadable",
    message: expect.stringContaining("folder"),
  });
});
