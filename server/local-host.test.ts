import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import type { HostEvent } from "../protocol/contract.ts";
import { DeviceService } from "./devices/device-service.ts";
import { type EngineChild, forkEngine } from "./engine-process/engine-child.ts";
import type { HostServices } from "./host-services.ts";
import { createLocalHost, type HostLibrary } from "./local-host.ts";
import { emptyModelManager } from "./models/testing/empty-manager.ts";
import { emptyGallery } from "./testing/empty-gallery.ts";
import { emptySubgraphLibrary } from "./testing/empty-subgraph-library.ts";

const entry = fileURLToPath(new URL("./engine-process/fake-engine.fixture.ts", import.meta.url));
const document = (title: string) => ({
  format: "heddle-workflow" as const,
  version: 1 as const,
  title,
  nodes: [],
  links: [],
});

const home = mkdtempSync(join(tmpdir(), "heddle-host-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const library: HostLibrary = {
  outputFolder: "/out",
  modelsFolder: "/models",
  listModels: async () => [],
  listTemplates: async () => [],
  listWildcards: async () => [],
  gallery: emptyGallery,
  subgraphs: emptySubgraphLibrary,
  models: emptyModelManager(home),
  follow: () => {},
  putImage: async () => Promise.reject(new Error("no window of these tests gives pictures")),
  // One that is there, and one that was deleted.
  async openImage(hash) {
    const path = { a: "/out/a.png", b: "/out/.trash/1/b.png" }[hash[0] ?? ""];
    return path === undefined ? undefined : { path, mimeType: "image/png" };
  },
  close: async () => {},
};

let host: HostServices | undefined;
afterEach(() => host?.close());

function open() {
  const engines: EngineChild[] = [];
  host = createLocalHost({
    kind: "web",
    version: "1.2.3",
    library,
    devices: new DeviceService({ home }),
    spawnEngine() {
      const engine = forkEngine(entry);
      engines.push(engine);
      return engine;
    },
  });
  return { host, engines };
}

async function until(host: HostServices, wanted: (event: HostEvent) => boolean): Promise<HostEvent[]> {
  const heard: HostEvent[] = [];
  for await (const { event } of host.subscribe({})) {
    heard.push(event);
    if (wanted(event)) break;
  }
  return heard;
}

const isEnd = (runId: string) => (event: HostEvent) =>
  event.type === "run" && event.event.type === "run-finished" && event.event.runId === runId;

test("no engine runs before a window is there; the first subscription starts it", async () => {
  const { host, engines } = open();
  expect(host.info()).toMatchObject({ version: "1.2.3", kind: "web", engine: "starting", outputFolder: "/out" });
  expect(engines).toHaveLength(0);
  await until(host, (event) => event.type === "engine-state" && event.state === "ready");
  expect(engines).toHaveLength(1);
  expect(host.info().engine).toBe("ready");
});

test("a killed engine fails its run on the node it was in, and the queued run behind it is done by a new engine", async () => {
  const { host, engines } = open();
  const first = host.startRun({ document: document("wait") });
  const second = host.startRun({ document: document("ok") });
  await until(host, (event) => event.type === "run" && event.event.type === "node-started");
  engines[0]!.kill();
  const firstEvents = await until(host, isEnd(first.runId));
  expect(firstEvents.at(-1)).toMatchObject({
    event: { status: "failed", error: { code: "engine-stopped", details: { cause: "out-of-memory" } } },
  });
  expect(firstEvents).toContainEqual(
    expect.objectContaining({ event: expect.objectContaining({ type: "node-failed", nodeId: "sampler" }) }),
  );
  expect((await until(host, isEnd(second.runId))).at(-1)).toMatchObject({ event: { status: "done" } });
  expect(engines).toHaveLength(2);
});

test("a window that was reloaded sees the run in progress, and can cancel it", async () => {
  const { host } = open();
  const { runId } = host.startRun({ document: document("wait") });
  await until(host, (event) => event.type === "run" && event.event.type === "node-started");
  const snapshot = await until(host, (event) => event.type === "run" && event.event.type === "node-started");
  expect(snapshot.map((event) => event.type)).toEqual(["engine-state", "queue", "run", "run"]);
  expect(host.cancelRun(runId)).toBe(true);
  expect((await until(host, isEnd(runId))).at(-1)).toMatchObject({ event: { status: "cancelled" } });
});

test("knows what a workflow made last, as far as the pictures are still there", async () => {
  const { host } = open();
  const { runId } = host.startRun({ document: { ...document("pictures"), id: "cat" } });
  await until(host, isEnd(runId));
  expect(await host.resultsOf("cat")).toEqual([
    { image: expect.objectContaining({ hash: "a".repeat(64) }), nodeId: "sampler", runId },
  ]);
  expect(await host.resultsOf("dog")).toEqual([]);
});
