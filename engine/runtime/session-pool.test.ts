import * as ort from "onnxruntime-node";
import { afterEach, expect, it, vi } from "vitest";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { Session, SessionPool } from "./session-pool.ts";

const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
afterEach(() => pool.dispose());

function doubling() {
  const graph = new GraphBuilder("doubling");
  graph.output("y", graph.op("Mul", [graph.input("x", "float32", [1]), graph.scalar(2)]), "float32", [1]);
  return graph.build();
}

const run = async (session: Session) =>
  (await session.run({ x: new ort.Tensor("float32", Float32Array.of(3), [1]) })).y!.data[0];

it("releases idle sessions and tries again when memory does not suffice", async () => {
  await pool.use("idle", doubling, run);
  let tries = 0;
  const result = await pool.use("needed", doubling, async (session) => {
    if (++tries === 1) throw new Error("Failed to allocate memory for requested buffer of size 1000000");
    return run(session);
  });
  expect(result).toBe(6);
  expect(pool.has("idle")).toBe(false);
  expect(pool.has("needed")).toBe(true);
});

it("says that memory ran out when nothing is left to release, and goes on working", async () => {
  let tries = 0;
  const failing = pool.use("needed", doubling, async () => {
    tries++;
    throw new Error("std::bad_alloc");
  });
  await expect(failing).rejects.toMatchObject({
    code: "out-of-memory",
    help: expect.stringContaining("smaller precision plan"),
  });
  expect(tries).toBe(1);
  expect(await pool.use("needed", doubling, run)).toBe(6);
});

it("brings inputs to a device once for as long as they stay the same, and lets go of what it brought before", async () => {
  const release = vi.fn(async () => undefined);
  const runtime = { release } as unknown as ort.InferenceSession;
  const disposed: string[] = [];
  const upload = vi.fn(async (feeds: Record<string, ort.Tensor>) =>
    Object.fromEntries(
      Object.keys(feeds).map((name) => [name, { location: "gpu-buffer", dispose: () => disposed.push(name) }]),
    ),
  );
  const session = new Session(runtime, 0, { upload } as never);
  const [first, second] = [{}, {}];
  const feeds = (name: string) => () => ({ [name]: new ort.Tensor("float32", new Float32Array(1), [1, 1]) });
  const held = await session.hold(first, feeds("a"));
  expect(await session.hold(first, feeds("never"))).toBe(held);
  expect(upload).toHaveBeenCalledTimes(1);
  expect(disposed).toEqual([]);
  expect(Object.keys(await session.hold(second, feeds("b")))).toEqual(["b"]);
  expect(disposed).toEqual(["a"]);
  await session.release();
  expect(disposed).toEqual(["a", "b"]);
  expect(release).toHaveBeenCalledTimes(1);
  // The processor has them where they are.
  const make = vi.fn(feeds("c"));
  expect((await new Session(runtime, 0).hold(first, make)).c?.location).toBe("cpu");
});

it("does not try again what failed for another reason", async () => {
  await pool.use("idle", doubling, run);
  const failing = pool.use("needed", doubling, async () => {
    throw new Error("Invalid rank for input");
  });
  await expect(failing).rejects.toMatchObject({ code: "runtime-failed" });
  expect(pool.has("idle")).toBe(true);
});
