import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ApiKeys } from "../http/api-keys.ts";
import { type StartedHost, startHost } from "./testing/started-host.ts";

/** A hostile client at the interfaces' door. */
let server: StartedHost;
let keys: ApiKeys;

beforeAll(async () => {
  // So slow to fill again that a slow machine does not matter.
  server = await startHost({}, { rateLimit: { perSecond: 0.01, burst: 60 } });
  keys = new ApiKeys(join(server.home, "keys.json"));
}, 30_000);
afterAll(() => server.stop());

/** Plain HTTP: `fetch` would not let anybody lie about the host. */
function send(path: string, headers: Record<string, string>, method = "GET", body?: Buffer) {
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(`${server.origin}${path}`, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, body: text, headers: response.headers }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const doors = ["/fal/fal-ai/z-image/turbo", "/api/workflows", "/metrics", "/runware", "/fal/storage/upload/initiate"];

test("nobody gets in without a credential, with a wrong one, or with a revoked key", async () => {
  const { key, id } = keys.create("site");
  expect((await send("/api/workflows", { authorization: `Key ${key}` })).status).toBe(200);
  keys.revoke(id);
  const empty = Buffer.from('[{"taskType":"ping"}]');
  for (const path of doors) {
    const method = path.startsWith("/api") || path === "/metrics" ? "GET" : "POST";
    for (const authorization of [undefined, "Key wrong", `Key ${key}`, `Bearer ${server.token}x`, server.token]) {
      const { status } = await send(
        path,
        authorization ? { authorization } : {},
        method,
        method === "POST" ? empty : undefined,
      );
      expect(status, `${path} ${authorization}`).toBe(401);
    }
  }
});

test("a name that is not this host's is refused everywhere: DNS rebinding", async () => {
  const authorization = `Key ${server.token}`;
  for (const path of [...doors, "/readyz", "/files/uploads/x/y", "/fal/storage/places/x", "/api/docs"]) {
    const method = path === "/runware" ? "POST" : "GET";
    expect((await send(path, { authorization, host: "evil.example" }, method)).status, path).toBe(403);
  }
});

test("a page of another origin is refused, and preflights get no permission", async () => {
  const headers = { authorization: `Key ${server.token}`, origin: "http://evil.example" };
  for (const path of doors) {
    for (const method of ["POST", "OPTIONS"]) {
      const answer = await send(path, headers, method, method === "POST" ? Buffer.from("[]") : undefined);
      expect([403, 404], `${method} ${path}`).toContain(answer.status);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  }
});

test("an API key opens the interfaces, not the studio", async () => {
  const { key } = keys.create("site");
  expect((await send("/", { authorization: `Key ${key}` })).status).toBe(401);
  expect((await send(`/?token=${key}`, {})).status).toBe(401);
  const socket = new WebSocket(`${server.origin.replace("http", "ws")}/rpc?token=${key}`);
  await expect(new Promise((_, reject) => socket.once("error", reject))).rejects.toThrow("401");
});

test("a key that asks too often is told when to come back; others are not held up", async () => {
  const { key } = keys.create("eager");
  const ask = (credential: string) => send("/api/runs/none", { authorization: `Bearer ${credential}` });
  const answers = await Promise.all(Array.from({ length: 80 }, () => ask(key)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(20);
  expect(Number(refused[0]!.headers["retry-after"])).toBeGreaterThan(0);
  expect((await ask(server.token)).status).toBe(404);
});

test("a body that is too large is refused before it is read, and one that lies about its size as well", async () => {
  const headers = { authorization: `Key ${server.token}`, "content-type": "application/json" };
  const large = Buffer.alloc(33 * 2 ** 20, 32);
  const before = process.memoryUsage().rss;
  const sizes: Record<string, string>[] = [
    { "content-length": String(large.length) },
    { "transfer-encoding": "chunked" },
  ];
  for (const more of sizes) {
    const answer = await send("/fal/fal-ai/z-image/turbo", { ...headers, ...more }, "POST", large).catch(
      () => undefined,
    );
    // A server may also close the connection on somebody who goes on sending.
    if (answer) expect(answer.status).toBe(413);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  expect((await send("/healthz", {})).status).toBe(200);
});

test("a small file that would fill the memory is refused", async () => {
  const bomb = await sharp({ create: { width: 6, height: 4, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  bomb.writeUInt32BE(50_000, 16);
  bomb.writeUInt32BE(50_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  const image_url = `data:image/png;base64,${bomb.toString("base64")}`;
  const body = Buffer.from(JSON.stringify({ prompt: "x", image_url }));
  const headers = { authorization: `Key ${server.token}`, "content-type": "application/json" };
  const answer = await send("/fal/fal-ai/z-image/turbo/image-to-image", headers, "POST", body);
  expect(answer.status).toBe(422);
  expect(JSON.parse(answer.body)).toMatchObject({ detail: [{ loc: ["body", "image_url"], type: "image_too_large" }] });
});

test("names of uploads never become paths, and a place is written once", async () => {
  const headers = { authorization: `Key ${server.token}`, "content-type": "application/json" };
  const body = Buffer.from(JSON.stringify({ content_type: "image/png", file_name: "../../../jobs.db" }));
  const initiated = await send("/fal/storage/upload/initiate", headers, "POST", body);
  const { upload_url, file_url } = JSON.parse(initiated.body) as { upload_url: string; file_url: string };
  expect(new URL(file_url).pathname).toMatch(/^\/files\/uploads\/[0-9a-f]{48}\/jobs\.db$/);
  const place = new URL(upload_url).pathname;
  expect((await send(place, {}, "PUT", Buffer.from("first"))).status).toBe(200);
  expect((await send(place, {}, "PUT", Buffer.from("second"))).status).toBe(404);
  expect((await send(new URL(file_url).pathname, {})).body).toBe("first");
  for (const path of [
    "/files/uploads/..%2f..%2fjobs.db/x",
    "/files/uploads/../../jobs.db",
    "/files/results/..%2f../0.png",
  ]) {
    expect([401, 404], path).toContain((await send(path, {})).status);
  }
});

/** Sends these bytes, and gives the status that comes back; `reset`: goes away at once, without a word. */
function shout(text: string, { reset = false } = {}): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(Number(new URL(server.origin).port), "127.0.0.1", () => {
    socket.write(text);
    if (reset) setImmediate(() => socket.resetAndDestroy());
  });
  socket.on("data", (bytes) => resolve(String(bytes).slice(9, 12)));
  socket.on("error", () => undefined);
  socket.on("close", () => resolve("closed"));
  return promise.finally(() => socket.destroy());
}

const upgrade = (path: string, host: string, more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

test("requests for WebSockets that make no sense, or break off, end nothing but themselves", async () => {
  expect(await shout(upgrade("//", "localhost"))).toBe("403");
  expect(await shout(upgrade("http://[", "localhost"))).toBe("403");
  expect(await shout(upgrade("/runware", "localhost:99999"))).toBe("400");
  expect(await shout(upgrade("/rpc", "localhost", "Cookie: heddle=%E0%A4%A\r\n"))).toBe("403");
  for (const path of ["/rpc", "/runware"]) {
    for (let count = 0; count < 10; count++) await shout(upgrade(path, "evil.example"), { reset: true });
  }
  expect((await send("/healthz", {})).status).toBe(200);
});

test("who has not said who they are is not listened to for long", async () => {
  const socket = new WebSocket(`${server.origin.replace("http", "ws")}/runware`);
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(`[${" ".repeat(200_000)}]`);
  await new Promise((resolve) => socket.once("close", resolve));
  const large = Buffer.from(JSON.stringify([{ taskType: "authentication", apiKey: "x".repeat(2 ** 20) }]));
  const answer = await send("/runware", { "content-length": String(large.length) }, "POST", large);
  expect([answer.status, JSON.parse(answer.body).errors[0].parameter]).toEqual([413, "apiKey"]);
});

test("what is nested without end is refused, and the proxy's own address leads nowhere", async () => {
  const headers = { authorization: `Key ${server.token}`, "content-type": "application/json" };
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const bodies: [path: string, body: string][] = [
    ["/api/workflows/text-to-image/runs", `{"inputs":{"prompt.text":${deep}}}`],
    ["/fal/fal-ai/z-image/turbo", deep],
    ["/runware", deep],
  ];
  for (const [path, body] of bodies) {
    expect((await send(path, headers, "POST", Buffer.from(body))).status, path).toBe(400);
  }
  const own = { ...headers, "x-fal-target-url": "https://fal.run/" };
  expect((await send("/fal", own)).status).toBe(412);
});
