import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { HeddleError } from "../../common/errors.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import { DeviceService } from "../../server/devices/device-service.ts";
import { EventHub } from "../../server/event-hub.ts";
import type { HostServices } from "../../server/host-services.ts";
import { emptyModelManager } from "../../server/models/testing/empty-manager.ts";
import { emptyGallery } from "../../server/testing/empty-gallery.ts";
import { emptySubgraphLibrary } from "../../server/testing/empty-subgraph-library.ts";
import { startWebHost, type WebHost } from "../../server/web-host.ts";
import { createWebHost } from "./web-host.ts";

let folder: string;
let server: WebHost;
let hub: EventHub;
/** What the page has from an earlier start of the server; what the server wants where there is none. */
let cookie: string | null | undefined;
let replaceState: ReturnType<typeof vi.fn>;

/** A browser's WebSocket: brings the page's origin and cookie along. */
class BrowserWebSocket extends WebSocket {
  constructor(url: string) {
    const { port } = new URL(url);
    const token = cookie ?? new URL(server.url).searchParams.get("token");
    super(url, { headers: { origin: `http://127.0.0.1:${port}`, cookie: `heddle-${port}=${token}` } });
  }
}

async function start(port: number): Promise<void> {
  hub = new EventHub();
  hub.publish({ type: "engine-state", state: "ready" });
  const refuse = () => {
    throw new HeddleError({ code: "queue-full", message: "Full.", help: "Wait." });
  };
  const services: HostServices = {
    info: refuse,
    subscribe: (options) => hub.subscribe(options),
    startRun: refuse,
    cancelRun: () => true,
    runs: { list: () => [], move: () => false, prioritise: () => false, clear: () => 0, log: () => [] },
    resultsOf: async () => [],
    listModels: refuse,
    listTemplates: refuse,
    countTokens: refuse,
    listWildcards: async () => [],
    gallery: emptyGallery,
    subgraphs: emptySubgraphLibrary,
    models: emptyModelManager(folder),
    devices: new DeviceService({ home: folder }),
    putImage: refuse,
    openImage: refuse,
    close: async () => {},
  };
  server = await startWebHost({ services, rendererFolder: folder, port });
}

beforeEach(async () => {
  cookie = undefined;
  folder = await mkdtemp(join(tmpdir(), "heddle-page-"));
  await start(0);
  replaceState = vi.fn();
  vi.stubGlobal("location", new URL(server.url));
  vi.stubGlobal("history", { state: null, replaceState });
  vi.stubGlobal("WebSocket", BrowserWebSocket);
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
  await rm(folder, { recursive: true });
});

test("the token leaves the address bar", () => {
  createWebHost();
  expect(replaceState).toHaveBeenCalledWith(null, "", new URL(`http://127.0.0.1:${server.port}/`));
});

test("calls answer, and reject with the host's HeddleError", async () => {
  const host = createWebHost();
  expect(await host.rpc.runs.cancel({ runId: "r" })).toEqual({ cancelled: true });
  await expect(host.rpc.info()).rejects.toMatchObject({ name: "HeddleError", code: "queue-full", help: "Wait." });
});

test("a lost host is told, calls fail at once, and events go on when it is back", async () => {
  const host = createWebHost();
  const changes: boolean[] = [];
  host.onConnectionChange((connected) => changes.push(connected));
  const controller = new AbortController();
  const events = await host.rpc.events(undefined, { signal: controller.signal });
  const next = async (): Promise<HostEvent | undefined> => {
    const { value, done } = await events.next();
    return done ? undefined : value;
  };
  expect(await next()).toMatchObject({ state: "ready" });
  const afterTheGap = next();

  await server.close();
  await vi.waitFor(() => expect(changes).toEqual([false]));
  await expect(host.rpc.runs.cancel({ runId: "r" })).rejects.toMatchObject({ code: "connection-lost" });

  await start(server.port);
  expect(await afterTheGap).toMatchObject({ type: "engine-state", state: "ready" });
  expect(changes).toEqual([false, true]);
  expect(await host.rpc.runs.cancel({ runId: "r" })).toEqual({ cancelled: true });
  controller.abort();
});

test("a host that was started anew refuses the page, which is told until it has the new token", async () => {
  cookie = new URL(server.url).searchParams.get("token");
  const host = createWebHost();
  const changes: boolean[][] = [];
  host.onConnectionChange((...change) => changes.push(change));
  await host.rpc.runs.cancel({ runId: "r" });
  await server.close();
  await vi.waitFor(() => expect(changes).toEqual([[false, false]]));
  await start(server.port);
  await vi.waitFor(() => expect(changes.at(-1)).toEqual([false, true]), { timeout: 5_000 });
  cookie = new URL(server.url).searchParams.get("token");
  await vi.waitFor(() => expect(changes.at(-1)).toEqual([true, false]), { timeout: 5_000 });
});

test("pictures are addressed by hash, small ones by size too", () => {
  const host = createWebHost();
  expect(host.imageUrl("ab")).toBe("/images/ab");
  expect(host.imageUrl("ab", { thumbnail: 256 })).toBe("/images/ab?thumb=256");
});
