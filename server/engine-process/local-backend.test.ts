import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { RunEvent } from "../../graph/events.ts";
import { listTemplates } from "../library/templates.ts";
import { packageFacts } from "../package-facts.ts";
import { type EngineChild, forkEngine } from "./engine-child.ts";
import { engineEnvironment } from "./engine-settings.ts";
import { EngineSupervisor } from "./supervisor.ts";

const entry = fileURLToPath(new URL("./child.ts", import.meta.url));
const children: EngineChild[] = [];
let home: string;
let supervisor: EngineSupervisor;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "heddle-engine-"));
  vi.stubEnv("HEDDLE_HOME", home);
  vi.stubEnv("HEDDLE_OUTPUT", join(home, "output"));
  supervisor = new EngineSupervisor({
    spawn() {
      const child = forkEngine(entry);
      children.push(child);
      return child;
    },
  });
});

afterAll(async () => {
  await supervisor.close();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const template = async () => (await listTemplates(join(packageFacts().folder, "resources/templates")))[0]!.document;

test("the real engine, killed in the middle of sampling, fails that run; the next run draws the picture", async () => {
  const document = await template();
  const killed = supervisor.run({ runId: "first", document }, (event) => {
    if (event.type === "node-progress") children[0]!.kill();
  });
  await expect(killed).rejects.toMatchObject({ code: "engine-stopped", details: { cause: "out-of-memory" } });

  const events: RunEvent[] = [];
  await supervisor.run({ runId: "second", document }, (event) => events.push(event));
  expect(events.at(-1)).toMatchObject({ type: "run-finished", status: "done", images: [{ width: 128, height: 128 }] });
  expect(children).toHaveLength(2);
}, 60_000);

test("cancel ends a run within its steps", async () => {
  const controller = new AbortController();
  const document = structuredClone(await template());
  const sampler = document.nodes.find((node) => node.type === "sampler")!;
  sampler.params = { ...sampler.params, seed: 11, steps: 40 };
  let steps = 0;
  let end: RunEvent | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.type === "node-progress") steps = event.value;
    if (steps >= 2) controller.abort();
    end = event;
  };
  await supervisor.run({ runId: "third", document }, onEvent, controller.signal);
  expect(end).toMatchObject({ type: "run-finished", status: "cancelled" });
  expect(steps).toBeLessThan(10);
}, 60_000);

test("prompts are counted with the checkpoint's own tokenizer, past the limit too", async () => {
  const { tokens, limit } = await supervisor.countTokens("starter/turbo", "a red circle");
  expect(limit).toBe(512);
  expect(tokens).toBeGreaterThan(8);
  expect((await supervisor.countTokens("starter/turbo", "red ".repeat(1_000))).tokens).toBeGreaterThan(1_000);
  await expect(supervisor.countTokens("no/such-model", "a")).rejects.toMatchObject({ code: "model-not-found" });
}, 60_000);

test("an engine computes in the precision that it was started with", async () => {
  const exact = new EngineSupervisor({
    configure: async () => engineEnvironment({ device: "cpu", precision: "w16" }),
    spawn: (environment) => forkEngine(entry, [], environment),
  });
  const facts: unknown[] = [];
  try {
    await exact.run({ runId: "fourth", document: await template() }, (event) => {
      if (event.type === "node-finished" && event.info) facts.push(event.info);
    });
  } finally {
    await exact.close();
  }
  expect(JSON.stringify(facts)).toContain("w16. Chosen by you.");
}, 60_000);
