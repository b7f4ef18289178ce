/** An engine process for tests: what a run does is the title of its document. */
import { HeddleError } from "../../common/errors.ts";
import type { RunEvent } from "../../graph/events.ts";
import { forkChannel } from "./fork-channel.ts";
import { type EngineBackend, serveEngine } from "./serve-engine.ts";

const timings = { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 0 };

const backend: EngineBackend = {
  async run(document, { runId, signal, onEvent }) {
    const finish = (status: "done" | "cancelled"): RunEvent => ({
      type: "run-finished",
      runId,
      status,
      images: [],
      timings,
      cachedNodes: [],
      sessionsCreated: 0,
    });
    onEvent({ type: "run-started", runId, nodeIds: ["sampler"] });
    onEvent({ type: "node-started", runId, nodeId: "sampler" });
    switch (document.title) {
      case "segfault":
        process.kill(process.pid, "SIGSEGV");
        break;
      case "throw":
        throw new HeddleError({ code: "unsupported-model", message: "No.", help: "Another." });
      case "block":
        for (;;) {}
      case "wait":
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return onEvent(finish("cancelled"));
    }
    const hashes = document.title === "pictures" ? ["a", "b", "c"].map((letter) => letter.repeat(64)) : [];
    onEvent({
      ...{ type: "node-finished", runId, nodeId: "sampler", cached: false, durationMs: 1 },
      ...(hashes.length > 0
        ? { images: hashes.map((hash) => ({ hash, width: 8, height: 8, mimeType: "image/png" })) }
        : {}),
    });
    onEvent(finish("done"));
  },
  async countTokens(checkpoint, text) {
    if (checkpoint === "missing") throw new HeddleError({ code: "model-not-found", message: "No.", help: "Look." });
    return { tokens: text.split(" ").length, limit: 512 };
  },
  dispose: async () => {},
};

async function load(): Promise<EngineBackend> {
  if (process.argv.includes("--broken")) throw new Error("cannot load the runtime");
  return backend;
}

await serveEngine(forkChannel(), load);
process.exit(0);
