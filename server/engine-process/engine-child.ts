import { fork } from "node:child_process";
import type { Readable } from "node:stream";
import { withAllocatorSettings } from "../../engine/runtime/allocator-environment.ts";
import type { HostMessage } from "./messages.ts";

export interface EngineExit {
  code: number | null;
  signal: string | null;
  /** The end of what the process wrote to its error output. */
  errorOutput: string;
}

/** A running engine process as its supervisor sees it: a forked Node here, a utility process in the desktop host. */
export interface EngineChild {
  send(message: HostMessage): void;
  kill(): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called exactly once, also when the process could not be started. */
  onExit(listener: (exit: EngineExit) => void): void;
}

const ERROR_OUTPUT_KEPT = 8_192;

/** Keeps the last 8 KB of a stream, for reports about a process that died. */
export function tailOf(stream: Readable | null | undefined): () => string {
  let tail = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    tail = (tail + chunk).slice(-ERROR_OUTPUT_KEPT);
  });
  return () => tail;
}

/** Starts `entry` as a Node process with a structured-clone channel. Its standard output never reaches the host's. `environment` is added to this process's own. */
export function forkEngine(
  entry: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): EngineChild {
  const child = fork(entry, args, {
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
    env: withAllocatorSettings({ ...process.env, ...environment }),
  });
  child.stdout?.resume();
  const errorOutput = tailOf(child.stderr);
  return {
    // A message to a process that is dying is lost; its exit tells the rest.
    send: (message) => void (child.connected && child.send(message, () => {})),
    kill: () => void child.kill("SIGKILL"),
    onMessage: (listener) => void child.on("message", listener),
    onExit(listener) {
      let told = false;
      const tell = (code: number | null, signal: string | null, text: string) => {
        if (!told) listener({ code, signal, errorOutput: text });
        told = true;
      };
      child.on("close", (code, signal) => tell(code, signal, errorOutput()));
      child.on("error", (error) => {
        if (child.pid === undefined) tell(null, null, error.message);
      });
    },
  };
}
