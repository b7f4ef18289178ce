import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { createEngine } from "./engine.ts";
import { readModelCard } from "./model-card.ts";
import { readSidecar } from "./vision/sidecar.ts";

const starter = join(import.meta.dirname, "../resources/starter-model/base");

it("a card that is not there is none; one that cannot be read or used is told", async () => {
  const folder = await temporaryFolder();
  expect(await readModelCard(folder.path)).toEqual({ card: {}, warnings: [] });
  expect(await readModelCard(await folder.write("model.safetensors", Buffer.from("weights")))).toMatchObject({
    warnings: [],
  });
  await folder.write("heddle.json", Buffer.from('{"title": 3}'));
  expect(await readModelCard(folder.path)).toMatchObject({
    card: {},
    warnings: [{ code: "model-card-unusable", message: expect.stringContaining("title") }],
  });
  const broken = join(folder.path, "broken");
  await mkdir(join(broken, "heddle.json"), { recursive: true });
  expect(await readModelCard(broken)).toMatchObject({
    card: {},
    warnings: [{ code: "model-card-unusable", details: { reason: expect.stringContaining("EISDIR") } }],
  });
});

it("the file beside an ONNX model has to be readable where there is one", async () => {
  const folder = await temporaryFolder();
  const model = join(folder.path, "detector.onnx");
  expect(await readSidecar(model, z.object({}))).toBeUndefined();
  await mkdir(join(folder.path, "detector.json"));
  await expect(readSidecar(model, z.object({}))).rejects.toMatchObject({
    code: "sidecar-invalid",
    message: expect.stringContaining("EISDIR"),
  });
});

it("a folder that is added while the engine runs is searched for tokenizers", async () => {
  const folder = await temporaryFolder();
  const [encoders, added] = [join(folder.path, "encoders", "a"), join(folder.path, "added", "qwen3-tokenizer")];
  await Promise.all([mkdir(encoders, { recursive: true }), mkdir(added, { recursive: true })]);
  const file = join(encoders, "encoder.safetensors");
  await cp(join(starter, "text_encoder/model.safetensors"), file);
  await cp(join(starter, "text_encoder/config.json"), join(encoders, "config.json"));
  await cp(join(starter, "tokenizer"), added, { recursive: true });

  const folders: string[] = [];
  const engine = createEngine({ modelsFolders: () => folders });
  await expect(engine.openTextEncoder(file)).rejects.toMatchObject({ code: "tokenizer-missing" });
  folders.push(join(folder.path, "added"));
  expect((await engine.openTextEncoder(file)).value.tokenizerPath).toBe(added);
  await engine.dispose();
});
