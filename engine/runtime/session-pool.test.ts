import * as ort from "onnxruntime-node";
import { afterEach, expect, it } from "vitest";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { type Session, SessionPool } from "./session-pool.ts";

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

it("does not try again what failed for another reason", async () => {
  await pool.use("idle", doubling, run);
  const failing = pool.use("needed", doubling, async () => {
    throw new Error("Invalid rank for input");
  });
  await expect(failing).rejects.toMatchObject({ code: "runtime-failed" });
  expect(pool.has("idle")).toBe(true);
});
