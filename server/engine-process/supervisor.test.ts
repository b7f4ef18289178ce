import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { RunEvent } from "../../graph/events.ts";
import { type EngineChild, forkEngine } from "./engine-child.ts";
import { EngineSupervisor, type SupervisorOptions } from "./supervisor.ts";

const entry = fileURLToPath(new URL("./fake-engine.fixture.ts", import.meta.url));
const document = (title: string) => ({
  format: "heddle-workflow" as const,
  version: 1 as const,
  title,
  nodes: [],
  links: [],
});

const open: EngineSupervisor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((supervisor) => supervisor.close()));
});

function supervise(options: Partial<SupervisorOptions> = {}) {
  const children: EngineChild[] = [];
  const states: string[] = [];
  const supervisor = new EngineSupervisor({
    spawn() {
      const child = forkEngine(entry);
      children.push(child);
      return child;
    },
    onState: (state) => states.push(state),
    restartDelayMs: 10,
    ...options,
  });
  open.push(supervisor);
  return { supervisor, children, states };
}

async function run(
  supervisor: EngineSupervisor,
  title: string,
  onEvent?: (event: RunEvent) => void,
  signal?: AbortSignal,
) {
  const events: RunEvent[] = [];
  await supervisor.run(
    { runId: "r", document: document(title) },
    (event) => {
      events.push(event);
      onEvent?.(event);
    },
    signal,
  );
  return events.map((event) => (event.type === "run-finished" ? event.status : event.type));
}

test("a run's events pass through, the process is started once and kept", async () => {
  const { supervisor, children, states } = supervise();
  expect(await run(supervisor, "ok")).toEqual(["run-started", "node-started", "node-finished", "done"]);
  expect(await run(supervisor, "ok")).toContain("done");
  expect(children).toHaveLength(1);
  expect(states).toEqual(["ready", "busy", "ready", "busy", "ready"]);
});

test("an engine killed in the middle of a run fails that run as out of memory, and the next run works", async () => {
  const { supervisor, children, states } = supervise();
  const killed = run(supervisor, "wait", (event) => event.type === "node-started" && children[0]!.kill());
  await expect(killed).rejects.toMatchObject({
    code: "engine-stopped",
    details: { cause: "out-of-memory", signal: "SIGKILL" },
  });
  expect(states).toContain("restarting");
  expect(await run(supervisor, "ok")).toContain("done");
  expect(children).toHaveLength(2);
});

test("a native crash is told apart", async () => {
  const { supervisor } = supervise();
  await expect(run(supervisor, "segfault")).rejects.toMatchObject({
    code: "engine-stopped",
    details: { cause: "crash" },
  });
});

test("an engine that falls silent during a run is stopped", async () => {
  const { supervisor } = supervise({ silenceCheckMs: 300, silencesAllowed: 12 });
  supervisor.warmUp();
  await expect(run(supervisor, "block")).rejects.toMatchObject({
    code: "engine-stopped",
    details: { cause: "unresponsive" },
  });
});

test("an engine that cannot start says why, and is tried again with the next run", async () => {
  let broken = true;
  const { supervisor } = supervise({ spawn: () => forkEngine(entry, broken ? ["--broken"] : []) });
  await expect(run(supervisor, "ok")).rejects.toMatchObject({
    code: "engine-start-failed",
    message: expect.stringContaining("cannot load the runtime"),
  });
  broken = false;
  expect(await run(supervisor, "ok")).toContain("done");
});

test("a missing entry file is a failed start too", async () => {
  const { supervisor } = supervise({ spawn: () => forkEngine("/nowhere/engine.ts") });
  await expect(run(supervisor, "ok")).rejects.toMatchObject({ code: "engine-start-failed" });
});

test("cancel reaches the engine; an error that it throws keeps its code", async () => {
  const { supervisor } = supervise();
  const controller = new AbortController();
  const events = run(
    supervisor,
    "wait",
    (event) => event.type === "node-started" && controller.abort(),
    controller.signal,
  );
  expect((await events).at(-1)).toBe("cancelled");
  await expect(run(supervisor, "throw")).rejects.toMatchObject({ code: "unsupported-model" });
});

test("a run cancelled while the engine starts does not wait for it", async () => {
  const { supervisor } = supervise({
    spawn: () => ({
      send() {},
      kill() {},
      onMessage() {},
      onExit: (tell) => setTimeout(tell, 50, { code: 0, signal: null, errorOutput: "" }),
    }),
  });
  await expect(run(supervisor, "ok", undefined, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
});

test("tokens are counted in the engine", async () => {
  const { supervisor } = supervise();
  expect(await supervisor.countTokens("starter/turbo", "a red circle")).toEqual({ tokens: 3, limit: 512 });
  await expect(supervisor.countTokens("missing", "a")).rejects.toMatchObject({ code: "model-not-found" });
});

test("a restart lets the run that is in the engine end first; the next one gets an engine started anew", async () => {
  const environments: Readonly<Record<string, string>>[] = [];
  let version = 1;
  const { supervisor, states } = supervise({
    configure: async () => ({ VERSION: String(version) }),
    spawn(environment) {
      environments.push(environment);
      return forkEngine(entry, [], environment);
    },
  });
  const controller = new AbortController();
  const first = run(
    supervisor,
    "wait",
    (event) => {
      if (event.type !== "node-started") return;
      version = 2;
      supervisor.restart();
      controller.abort();
    },
    controller.signal,
  );
  expect((await first).at(-1)).toBe("cancelled");
  expect(await run(supervisor, "ok")).toContain("done");
  expect(environments).toEqual([{ VERSION: "1" }, { VERSION: "2" }]);
  expect(states).not.toContain("restarting");
});

test("an idle engine is replaced at once; one that is starting, before its first run", async () => {
  const { supervisor, children } = supervise();
  supervisor.warmUp();
  supervisor.restart();
  expect(await run(supervisor, "ok")).toContain("done");
  const before = children.length;
  supervisor.restart();
  expect(await supervisor.countTokens("here", "two words")).toEqual({ tokens: 2, limit: 512 });
  expect(children).toHaveLength(before + 1);
});
