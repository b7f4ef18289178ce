import { toHeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { RunEvent } from "../../graph/events.ts";
import { watchMemory } from "./memory-watch.ts";
import { type EngineMessage, type HostMessage, hostMessageSchema } from "./messages.ts";

/** The engine process's end of the line to its host, over whatever the platform gives. */
export interface EngineChannel {
  send(message: EngineMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The host is gone. */
  onClose(listener: () => void): void;
}

/** What runs in the engine process. */
export interface EngineBackend {
  /** Reports everything through `onEvent`, a `run-finished` last. */
  run(
    document: WorkflowDocument,
    options: { runId: string; targets?: string[] | undefined; signal: AbortSignal; onEvent(event: RunEvent): void },
  ): Promise<void>;
  countTokens(checkpoint: string, text: string): Promise<{ tokens: number; limit: number }>;
  /** Releases the sessions: WebGPU ones must be gone before the process exits. */
  dispose(): Promise<void>;
}

const HEARTBEAT_MS = 1_000;

/** Serves an engine over `channel` until the host asks it to stop or goes away; the promise then resolves. */
export async function serveEngine(channel: EngineChannel, load: () => Promise<EngineBackend>): Promise<void> {
  const running = new Map<string, AbortController>();
  const heartbeat = setInterval(() => channel.send({ type: "heartbeat" }), HEARTBEAT_MS);
  const stopped = Promise.withResolvers<void>();
  channel.onClose(stopped.resolve);
  // Messages that arrive while the runtime loads wait here for it.
  const backend = load();
  backend.catch(stopped.reject);
  channel.onMessage((raw) => {
    const message = hostMessageSchema.parse(raw);
    if (message.type === "shutdown") stopped.resolve();
    else void backend.then((engine) => handle(engine, message), stopped.reject);
  });

  async function handle(engine: EngineBackend, message: Exclude<HostMessage, { type: "shutdown" }>): Promise<void> {
    switch (message.type) {
      case "run":
        return run(engine, message);
      case "cancel":
        running.get(message.runId)?.abort();
        return;
      case "count-tokens": {
        const { requestId } = message;
        try {
          channel.send({ type: "tokens", requestId, ...(await engine.countTokens(message.checkpoint, message.text)) });
        } catch (error) {
          channel.send({ type: "request-failed", requestId, error: toHeddleError(error).toPayload() });
        }
      }
    }
  }

  async function run(
    engine: EngineBackend,
    { runId, document, targets }: Extract<HostMessage, { type: "run" }>,
  ): Promise<void> {
    const controller = new AbortController();
    running.set(runId, controller);
    const watch = watchMemory((event) => channel.send({ type: "event", event }));
    try {
      await engine.run(document, { runId, targets, signal: controller.signal, onEvent: watch.onEvent });
    } catch (error) {
      channel.send({ type: "run-broken", runId, error: toHeddleError(error).toPayload() });
    } finally {
      watch.stop();
      running.delete(runId);
    }
  }

  try {
    const engine = await Promise.race([backend, stopped.promise]);
    if (engine) {
      channel.send({ type: "ready" });
      await stopped.promise;
      for (const controller of running.values()) controller.abort();
      await engine.dispose();
    }
  } finally {
    clearInterval(heartbeat);
  }
}
