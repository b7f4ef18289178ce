import type { EngineChannel } from "./serve-engine.ts";

/** The engine's end of the line when it is a forked Node process. */
export function forkChannel(): EngineChannel {
  return {
    send: (message) => void (process.connected && process.send?.(message)),
    onMessage: (listener) => void process.on("message", listener),
    onClose: (listener) => void process.on("disconnect", listener),
  };
}
