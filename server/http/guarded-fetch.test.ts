import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { isPublicAddress } from "./public-address.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

/** As if `studio.example` were a public name that happens to lead here. */
const names = (table: Record<string, string[]>) => ({
  resolve: async (name: string) => table[name] ?? [],
  allowedHosts: new Set(["studio.example"]),
});
const here = { "studio.example": ["127.0.0.1"], localhost: ["127.0.0.1"] };

test("public addresses are told from all others, in every spelling", () => {
  for (const address of ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"]) {
    expect(isPublicAddress(address), address).toBe(true);
  }
  for (const address of [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "not an address",
  ]) {
    expect(isPublicAddress(address), address).toBe(false);
  }
});

test.each([
  "http://127.0.0.1/",
  "http://localhost/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://0/",
])("%s is refused before anything is sent", async (url) => {
  await expect(createGuardedFetch()(url)).rejects.toMatchObject({ code: "fetch-refused" });
});

test.each([
  "file:///etc/passwd",
  "ftp://example.org/",
  "data:text/plain,x",
  "//example.org",
  "http://user:pw@example.org/",
])("%s is refused", async (url) => {
  await expect(createGuardedFetch(names({}))(url)).rejects.toMatchObject({ code: "fetch-refused" });
});

test("a public name that leads inside is refused, also when only one of its addresses does", async () => {
  const fetch = createGuardedFetch(names({ "a.example": ["10.0.0.1"], "b.example": ["93.184.216.34", "127.0.0.1"] }));
  await expect(fetch("http://a.example/")).rejects.toMatchObject({ code: "fetch-refused" });
  await expect(fetch("http://b.example/")).rejects.toMatchObject({ code: "fetch-refused" });
});

test("the connection goes to the address that was checked: a name cannot change its mind", async () => {
  let asked = 0;
  const port = await serve((_, response) => response.end("inside"));
  const fetch = createGuardedFetch({
    resolve: async () => (asked++ === 0 ? ["203.0.114.1"] : ["127.0.0.1"]),
  });
  await expect(fetch(`http://rebind.example:${port}/`, { timeoutMs: 300 })).rejects.toMatchObject({
    code: expect.stringMatching(/fetch-(timeout|failed)/),
  });
  expect(asked).toBe(1);
});

test("a redirect inside is refused, and so is one to another scheme; one to an allowed host is followed", async () => {
  const port = await serve((request, response) => {
    const to = new URL(request.url!, "http://host").searchParams.get("to");
    if (to === null) response.end("arrived");
    else response.writeHead(302, { location: to }).end();
  });
  const fetch = createGuardedFetch(names(here));
  const redirect = (to: string) => fetch(`http://studio.example:${port}/?to=${encodeURIComponent(to)}`);
  for (const to of [`http://127.0.0.1:${port}/`, "http://localhost/", "file:///etc/passwd", "//[::1]/"]) {
    await expect(redirect(to), to).rejects.toMatchObject({ code: "fetch-refused" });
  }
  expect(Buffer.from((await redirect("/")).body).toString()).toBe("arrived");
  await expect(redirect("/?to=%2F")).resolves.toMatchObject({ status: 200 });
});

test("endless redirects, endless answers and silence end", async () => {
  const port = await serve((request, response) => {
    if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
    else if (request.url === "/liar") response.writeHead(200, { "content-length": 10 ** 9 });
    else if (request.url === "/endless") {
      const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
      response.on("close", () => clearInterval(timer));
    }
  });
  const fetch = createGuardedFetch(names(here));
  const get = (path: string) => fetch(`http://studio.example:${port}${path}`, { maxBytes: 200_000, timeoutMs: 1_000 });
  await expect(get("/loop")).rejects.toMatchObject({ code: "fetch-refused" });
  await expect(get("/endless")).rejects.toMatchObject({ code: "fetch-too-large" });
  await expect(get("/silence")).rejects.toMatchObject({ code: "fetch-timeout" });
});

test("a body is sent, and the status comes back whatever it is", async () => {
  const port = await serve((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (text: string) => (body += text));
    request.on("end", () =>
      response.writeHead(503).end(`${request.method} ${request.headers["content-type"]} ${body}`),
    );
  });
  const { status, body } = await createGuardedFetch(names(here))(`http://studio.example:${port}/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect([status, Buffer.from(body).toString()]).toEqual([503, "POST application/json {}"]);
});
