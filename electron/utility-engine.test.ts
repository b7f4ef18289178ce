import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineExit } from "../server/engine-process/engine-child.ts";
import { engineStoppedError } from "../server/engine-process/exit-error.ts";
import { createElectron } from "./testing.ts";

let electron: ReturnType<typeof createElectron>;
beforeEach(() => {
  vi.resetModules();
  electron = createElectron();
  vi.doMock("electron", () => electron);
});
afterEach(() => vi.doUnmock("electron"));

async function exitOf(code: number, fatal?: string): Promise<EngineExit> {
  const { forkUtilityEngine } = await import("./utility-engine.ts");
  const child = forkUtilityEngine("/engine.js");
  const exit = new Promise<EngineExit>((resolve) => child.onExit(resolve));
  if (fatal) electron.fake.utility.emit("error", "FatalError", fatal, "{}");
  electron.fake.utility.emit("exit", code);
  return exit;
}

test("a utility process tells its end by a code only; its causes are still told apart", async () => {
  const causeOf = async (code: number, fatal?: string) =>
    engineStoppedError(await exitOf(code, fatal), false).details?.cause;
  expect(await causeOf(9)).toBe("out-of-memory");
  expect(await causeOf(5, "Reached heap limit: JavaScript heap out of memory")).toBe("out-of-memory");
  expect(await causeOf(11)).toBe("crash");
  expect(await causeOf(-1073741819)).toBe("crash");
  expect(await causeOf(-1073741801)).toBe("out-of-memory");
  expect(await causeOf(1)).toBe("exit");
});

test("messages go both ways", async () => {
  const { forkUtilityEngine } = await import("./utility-engine.ts");
  const child = forkUtilityEngine("/engine.js");
  child.send({ type: "cancel", runId: "r" });
  expect(electron.fake.utility.postMessage).toHaveBeenCalledWith({ type: "cancel", runId: "r" });
  const heard: unknown[] = [];
  child.onMessage((message) => heard.push(message));
  electron.fake.utility.emit("message", { type: "ready" });
  expect(heard).toEqual([{ type: "ready" }]);
});
