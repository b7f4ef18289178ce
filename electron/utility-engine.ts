import type { Readable } from "node:stream";
import { utilityProcess } from "electron";
import { withAllocatorSettings } from "../engine/runtime/allocator-environment.ts";
import { type EngineChild, tailOf } from "../server/engine-process/engine-child.ts";

/** Starts the engine's bundle as a utility process, with `environment` added to this process's own. */
export function forkUtilityEngine(entry: string, environment: Readonly<Record<string, string>> = {}): EngineChild {
  const child = utilityProcess.fork(entry, [], {
    serviceName: "Heddle Engine",
    stdio: ["ignore", "pipe", "pipe"],
    env: withAllocatorSettings({ ...process.env, ...environment }),
  });
  // Electron types the streams as what they implement only.
  (child.stdout as Readable | null)?.resume();
  const errorOutput = tailOf(child.stderr as Readable | null);
  let fatal = "";
  child.on("error", (type, location) => {
    fatal = `${type}: ${location}`;
  });
  return {
    send: (message) => child.postMessage(message),
    kill() {
      // `child.kill()` asks politely; an engine that hangs does not listen.
      if (child.pid !== undefined) process.kill(child.pid, "SIGKILL");
    },
    onMessage: (listener) => void child.on("message", listener),
    onExit: (listener) =>
      void child.on("exit", (code) => listener({ code, signal: null, errorOutput: [errorOutput(), fatal].join("\n") })),
  };
}
