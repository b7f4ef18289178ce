import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import type { ContractRouterClient } from "@orpc/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { HeddleError } from "../common/errors.ts";
import type { Contract, HostEvent } from "../protocol/contract.ts";
import { fromWireError } from "../protocol/errors.ts";
import { DeviceService } from "./devices/device-service.ts";
import { EventHub } from "./event-hub.ts";
import type { HostServices } from "./host-services.ts";
import { emptyModelManager } from "./models/testing/empty-manager.ts";
import { emptyGallery } from "./testing/empty-gallery.ts";
import { emptySubgraphLibrary } from "./testing/empty-subgraph-library.ts";
import { startWebHost, type WebHost } from "./web-host.ts";

const HASH = "a".repeat(64);
const hub = new EventHub();
let folder: string;
let host: WebHost;
let origin: string;
let token: string;
let services: HostServices;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-web-host-"));
  const rendererFolder = join(folder, "renderer");
  await mkdir(join(rendererFolder, "assets"), { recursive: true });
  await writeFile(join(rendererFolder, "index.html"), "<!doctype html><title>Heddle</title>");
  await writeFile(join(rendererFolder, "assets", "main-1a2b.js"), "export {};");
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "picture.png"), "picture");
  services = {
    info: () => ({
      version: "1",
      platform: "linux",
      kind: "web",
      engine: "ready",
      outputFolder: "/out",
      modelsFolder: "/models",
    }),
    subscribe: (options) => hub.subscribe(options),
    startRun: () => {
      throw new HeddleError({ code: "queue-full", message: "Full.", help: "Wait.", details: { waiting: 3 } });
    },
    cancelRun: () => false,
    runs: { list: () => [], move: () => false, prioritise: () => false, clear: () => 0, log: () => [] },
    resultsOf: async () => [],
    listModels: async () => [],
    listTemplates: async () => [],
    countTokens: async () => ({ tokens: 1, limit: 512 }),
    listWildcards: async () => [],
    gallery: emptyGallery,
    subgraphs: emptySubgraphLibrary,
    models: emptyModelManager(folder),
    devices: new DeviceService({
      home: folder,
      memoryBytes: 8e9,
      trials: {
        tryDevice: async () => ({ works: false, reason: "no adapter" }),
        integerProducts: async () => ({ saturates: false, speedup: 3 }),
        examine: async () => ({
          integerProducts: { saturates: false, speedup: 3 },
          devices: [{ device: "webgpu", bundled: true, works: false, reason: "no adapter" }],
        }),
      },
    }),
    putImage: async (bytes) => ({
      hash: createHash("sha256").update(bytes).digest("hex"),
      ...{ width: bytes.length, height: 1, mimeType: "image/png" },
    }),
    openImage: async (hash, thumbnail) =>
      hash === HASH
        ? { path: join(folder, "picture.png"), mimeType: thumbnail ? "image/webp" : "image/png" }
        : undefined,
    close: async () => {},
  };
  host = await startWebHost({ services, rendererFolder, port: 0 });
  origin = `http://127.0.0.1:${host.port}`;
  token = new URL(host.url).searchParams.get("token")!;
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** `path` goes out exactly as written, which fetch would not do. */
function get(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; body: string; headers: Record<string, string | string[] | undefined> }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port: host.port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, body, headers: response.headers }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

const withCookie = () => ({ cookie: `heddle-${host.port}=${token}` });

function openSocket(path: string, headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

test("it binds to loopback and prints an address with a token of 256 bits", () => {
  expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
});

test("without the token there is nothing to see but its health", async () => {
  expect((await get("/")).status).toBe(401);
  expect((await get("/?token=wrong")).status).toBe(401);
  const said = async (languages: string) => (await get("/", { "accept-language": languages })).body;
  expect(await said("zh-CN,zh;q=0.9,en;q=0.8")).toMatch(/^请打开 Heddle 启动时显示的完整地址/);
  expect(await said("de-DE,en;q=0.8,zh;q=0.5")).toMatch(/^Open the address/);
  expect((await get(`/images/${HASH}`)).status).toBe(401);
  expect((await get("/assets/main-1a2b.js", { cookie: `heddle-${host.port}=wrong` })).status).toBe(401);
  expect(await get("/healthz")).toMatchObject({ status: 200, body: "ok" });
});

test("the token in the address becomes a cookie that scripts and other sites cannot use", async () => {
  const page = await get(`/?token=${token}`);
  expect(page.status).toBe(200);
  expect(page.headers["set-cookie"]).toEqual([`heddle-${host.port}=${token}; Path=/; HttpOnly; SameSite=Strict`]);
  expect((await get("/", withCookie())).status).toBe(200);
});

test("a request addressed to another name is refused: DNS rebinding", async () => {
  for (const name of ["evil.example", `evil.example:${host.port}`, "127.0.0.1.evil.example", "a b"]) {
    expect([400, 403]).toContain((await get("/", { ...withCookie(), host: name })).status);
    expect([400, 403]).toContain((await get("/healthz", { host: name })).status);
  }
  for (const name of ["localhost", `LOCALHOST:${host.port}`, "[::1]:9"]) {
    expect((await get("/", { ...withCookie(), host: name })).status).toBe(200);
  }
});

test("a write from another origin is refused before anything else looks at it", async () => {
  expect((await get("/", { ...withCookie(), origin: "http://evil.example" }, "POST")).status).toBe(403);
  expect((await get("/", { ...withCookie(), origin: "null" }, "POST")).status).toBe(403);
  expect((await get("/", withCookie(), "DELETE")).status).toBe(403);
  expect((await get("/", { ...withCookie(), origin }, "POST")).status).toBe(404);
});

test("pages carry a strict policy", async () => {
  const { headers } = await get("/", withCookie());
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
    "content-type": "text/html; charset=utf-8",
  });
});

test("no path leads out of the renderer's folder", async () => {
  for (const path of [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "//secret.txt",
    "/assets/%00",
    `/images/../../secret.txt`,
    `/images/..%2f..%2fsecret.txt`,
    `/images/${"A".repeat(64)}`,
  ]) {
    const { status, body } = await get(path, withCookie());
    expect([400, 404], path).toContain(status);
    expect(body).not.toBe("secret");
  }
});

test("pictures and hashed assets are kept forever, with their type", async () => {
  const picture = await get(`/images/${HASH}`, withCookie());
  expect(picture).toMatchObject({ status: 200, body: "picture" });
  expect(picture.headers).toMatchObject({
    "content-type": "image/png",
    "content-length": "7",
    "cache-control": "private, max-age=31536000, immutable",
  });
  expect((await get(`/images/${HASH}?thumb=256`, withCookie())).headers["content-type"]).toBe("image/webp");
  expect((await get(`/images/${HASH}?thumb=100000`, withCookie())).status).toBe(400);
  expect((await get(`/images/${"b".repeat(64)}`, withCookie())).status).toBe(404);
  expect((await get("/assets/main-1a2b.js", withCookie())).headers["cache-control"]).toContain("immutable");
});

test("a WebSocket needs the token and, from a page, the same origin", async () => {
  const refused = async (path: string, headers: Record<string, string>, status: number) =>
    expect(openSocket(path, headers)).rejects.toThrow(`Unexpected server response: ${status}`);
  await refused("/rpc", { origin }, 401);
  await refused("/rpc", { origin: "http://evil.example", ...withCookie() }, 403);
  await refused("/rpc", withCookie(), 403);
  await refused("/rpc", { origin: "http://evil.example", host: "evil.example", ...withCookie() }, 403);
  await refused("/elsewhere", { origin, ...withCookie() }, 404);
  (await openSocket("/rpc", { origin, ...withCookie() })).close();
  (await openSocket(`/rpc?token=${token}`, {})).close();
});

test("the contract is spoken over the WebSocket: calls, events, typed errors, refused input", async () => {
  const socket = await openSocket("/rpc", { origin, ...withCookie() });
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
  const client: ContractRouterClient<Contract> = createORPCClient(link);
  expect(await client.info()).toMatchObject({ kind: "web", engine: "ready" });

  hub.publish({ type: "engine-state", state: "ready" });
  const events = await client.events();
  const heard: HostEvent[] = [];
  for await (const event of events) {
    heard.push(event);
    if (heard.length === 1) hub.publish({ type: "queue", running: null, waiting: [] });
    else break;
  }
  expect(heard).toEqual([
    { type: "engine-state", state: "ready" },
    { type: "queue", running: null, waiting: [] },
  ]);

  const document = { format: "heddle-workflow" as const, version: 1 as const, nodes: [], links: [] };
  const failure = await client.runs.start({ document }).catch(fromWireError);
  expect(failure).toBeInstanceOf(HeddleError);
  expect(failure).toMatchObject({ code: "queue-full", message: "Full.", help: "Wait.", details: { waiting: 3 } });

  const file = new Blob([Buffer.alloc(20 * 2 ** 20, 7)], { type: "image/png" });
  expect(await client.images.put({ file })).toMatchObject({
    hash: createHash("sha256")
      .update(Buffer.alloc(20 * 2 ** 20, 7))
      .digest("hex"),
    width: 20 * 2 ** 20,
  });
  const refused = await client.gallery.search({ limit: 100_000 }).catch(fromWireError);
  expect(refused).toMatchObject({ code: "bad-request" });
  socket.close();
});

test("devices are reported, and chosen, over the contract", async () => {
  const socket = await openSocket("/rpc", { origin, ...withCookie() });
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket: socket }));
  expect(await client.devices.report({})).toMatchObject({
    devices: [{ device: "webgpu", works: false, reason: "no adapter" }],
    detectedBudgetBytes: 4e9,
  });
  const precision = { transformer: "int4", textEncoder: "auto", vae: "strips" } as const;
  const chosen = { device: "webgpu", precision, models: {}, memoryBytes: 2e9 } as const;
  expect((await client.devices.change(chosen)).preferences).toEqual(chosen);
  expect((await client.devices.state()).preferences).toEqual(chosen);
  const tooMuch = await client.devices.change({ ...chosen, memoryBytes: 9e9 }).catch(fromWireError);
  expect(tooMuch).toMatchObject({ code: "memory-too-large" });
  await expect(client.devices.change({ ...chosen, memoryBytes: 1 })).rejects.toThrow();
  socket.close();
});

test("folders are shown to whoever sits at the machine, and refused wherever others may come in", async () => {
  await mkdir(join(folder, "models"), { recursive: true });
  const ask = async (port: number, key: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc?token=${key}`);
    const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ websocket: socket }));
    try {
      const { listsFolders } = await client.info();
      return { listsFolders, listing: await client.folders.list({ path: folder }).catch(fromWireError) };
    } finally {
      socket.close();
    }
  };
  const own = await ask(host.port, token);
  expect(own).toMatchObject({ listsFolders: true, listing: { path: folder } });
  expect(own.listing).toHaveProperty("folders", expect.arrayContaining([expect.objectContaining({ name: "models" })]));

  for (const open of [{ host: "0.0.0.0" }, { publicUrl: new URL("https://studio.example") }]) {
    const other = await startWebHost({ services, rendererFolder: folder, port: 0, ...open });
    const key = new URL(other.url).searchParams.get("token")!;
    expect(await ask(other.port, key)).toMatchObject({ listsFolders: false, listing: { code: "folders-not-served" } });
    await other.close();
  }
});

test("a port that is taken is refused when asked for, and replaced when not", async () => {
  const taken = startWebHost({ services, rendererFolder: folder, port: host.port });
  await expect(taken).rejects.toMatchObject({ code: "port-in-use" });
  const nowhere = startWebHost({ services, rendererFolder: folder, port: 0, host: "203.0.113.1" });
  await expect(nowhere).rejects.toMatchObject({ code: "host-unavailable" });
  const [first, second] = [
    await startWebHost({ services, rendererFolder: folder }),
    await startWebHost({ services, rendererFolder: folder }),
  ];
  expect(second.port).not.toBe(first.port);
  await Promise.all([first.close(), second.close()]);
});
