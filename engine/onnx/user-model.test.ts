import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SessionPool } from "../runtime/session-pool.ts";
import { encodeModel, type NodeMessage, type TensorMessage } from "./proto.ts";
import { openUserModel } from "./user-model.ts";

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-onnx-"));
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

const one = (name: string) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 1 }] } } } });

interface Changes {
  opset?: number;
  node?: Partial<NodeMessage>;
  /** Where the file says that the weight lies. */
  location?: string;
}

/** y = x + w */
async function model(name: string, { opset = 17, node = {}, location }: Changes): Promise<string> {
  const weight: TensorMessage =
    location === undefined
      ? { name: "w", dims: [1], dataType: 1, rawData: new Uint8Array(Float32Array.of(5).buffer) }
      : {
          ...{ name: "w", dims: [1], dataType: 1, dataLocation: 1 },
          externalData: [
            { key: "location", value: location },
            { key: "length", value: "4" },
          ],
        };
  const bytes = encodeModel({
    irVersion: 8,
    producerName: "test",
    opsetImport: [
      { domain: "", version: opset },
      { domain: "somebody.else", version: 1 },
    ],
    graph: {
      name: "plus",
      node: [{ name: "plus", opType: "Add", domain: "", input: ["x", "w"], output: ["y"], attribute: [], ...node }],
      initializer: [weight],
      input: [one("x")],
      output: [one("y")],
    },
  });
  const path = join(folder, "models", `${name}.onnx`);
  await mkdir(join(folder, "models"), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

async function run(path: string): Promise<number> {
  const { use } = await openUserModel(path, pool);
  return use(async (session) => {
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(2), [1]) });
    return (y!.data as Float32Array)[0]!;
  });
}

test("runs with its weights inside, or beside it", async () => {
  expect(await run(await model("inside", {}))).toBe(7);
  await writeFile(join(folder, "models", "weights.bin"), Buffer.from(Float32Array.of(40).buffer));
  expect(await run(await model("beside", { location: "weights.bin" }))).toBe(42);
});

test("a changed file is another model", async () => {
  const path = await model("changing", {});
  const before = await openUserModel(path, pool);
  await model("changing", { opset: 18 });
  expect((await openUserModel(path, pool)).key).not.toBe(before.key);
});

describe("refuses", () => {
  test("weights that lie outside the model's folder, however the file says it", async () => {
    const secret = join(folder, "secret.bin");
    await writeFile(secret, Buffer.from(Float32Array.of(99).buffer));
    const refused = { code: "onnx-external-data", message: expect.stringContaining("outside its folder") };
    await expect(run(await model("up", { location: "../secret.bin" }))).rejects.toMatchObject(refused);
    await expect(run(await model("deep", { location: "a/../../secret.bin" }))).rejects.toMatchObject(refused);
    await expect(run(await model("absolute", { location: secret }))).rejects.toMatchObject(refused);
    await model("plain", {});
    await symlink(secret, join(folder, "models", "link.bin"));
    await expect(run(await model("linked", { location: "link.bin" }))).rejects.toMatchObject(refused);
    await expect(run(await model("missing", { location: "nothing.bin" }))).rejects.toMatchObject(refused);
  });

  test("an ONNX version, operators and files that the runtime cannot read, each by name", async () => {
    await expect(run(await model("new", { opset: 90 }))).rejects.toMatchObject({
      code: "onnx-opset",
      message: '"new.onnx" cannot be used: it is written in a version of ONNX that is too new.',
      help: expect.stringContaining("opset"),
    });
    await expect(run(await model("operator", { node: { opType: "Magic" } }))).rejects.toMatchObject({
      code: "onnx-operator",
    });
    await expect(run(await model("domain", { node: { domain: "somebody.else" } }))).rejects.toMatchObject({
      code: "onnx-operator",
    });
    const text = join(folder, "models", "text.onnx");
    await writeFile(text, "this is no model, whatever it is called");
    await expect(run(text)).rejects.toMatchObject({ code: "onnx-invalid" });
    await expect(run(join(folder, "models", "none.onnx"))).rejects.toMatchObject({ code: "file-unreadable" });
  });
});
