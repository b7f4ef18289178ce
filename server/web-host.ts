import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { RPCHandler } from "@orpc/server/ws";
import type { Hono, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { parse as parseCookies } from "hono/utils/cookie";
import { type WebSocket, WebSocketServer } from "ws";
import { HeddleError } from "../common/errors.ts";
import type { HostServices } from "./host-services.ts";
import { type AccessPolicy, hostNamesOf, isLoopback, refusalOf, refusalOfHost, refusalText } from "./http/access.ts";
import { limitBody } from "./http/body-limit.ts";
import { createHttpApp } from "./http/http-app.ts";
import { Turns } from "./http/turns.ts";
import { type RouterContext, router } from "./router.ts";

const DEFAULT_PORT = 4333;

/** What a host serves to programs, besides its pages. */
export interface ProgramInterfaces {
  app: Hono;
  /** Takes a request for a WebSocket over; `false` when it is for somebody else. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  close(): void;
}

export interface WebHostOptions {
  services: HostServices;
  /** Absolute path of the built renderer. */
  rendererFolder: string;
  /** Address to bind. */
  host?: string;
  /** How a proxy in front of it is spoken to, when that is not its own address. */
  publicUrl?: URL | undefined;
  /** Exactly this port (0: any free one). Without it the usual port, or a free one when that is taken. */
  port?: number;
  createInterfaces?(policy: AccessPolicy, cookie: { name: string }): ProgramInterfaces;
  /** The line in which its requests stand. */
  turns?: Turns;
}

export interface WebHost {
  /** With the token: whoever has it may use this host. */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Pictures of up to 64 MB are handed over as one message. */
const LARGEST_MESSAGE_BYTES = 66 * 2 ** 20;
const LARGEST_BODY_BYTES = 2 ** 20;
const PING_MS = 30_000;

/** Serves the studio to browsers: pages and pictures over HTTP, the contract over a WebSocket at `/rpc`. */
export async function startWebHost({
  services,
  rendererFolder,
  host = "127.0.0.1",
  port,
  publicUrl,
  createInterfaces,
  turns = new Turns(),
}: WebHostOptions): Promise<WebHost> {
  const policy: AccessPolicy = {
    token: randomBytes(32).toString("base64url"),
    hostNames: hostNamesOf(host, thisMachine(), publicUrl),
  };
  // Cookies do not know ports: two hosts on one machine need two names.
  const cookie = { name: "heddle" };
  const interfaces = createInterfaces?.(policy, cookie);
  const app = createHttpApp({
    services,
    rendererFolder,
    guard: guard(policy, cookie),
    ...(interfaces ? { api: interfaces.app } : {}),
  });
  const server = createAdaptorServer({
    async fetch(request, env) {
      await turns.next();
      return app.fetch(request, env);
    },
  });
  await listen(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  cookie.name = `heddle-${bound}`;
  // Behind a proxy others may come in, whatever it is bound to.
  const listsFolders = isLoopback(host) && publicUrl === undefined;
  const sockets = serveContract(server, { services, listsFolders }, policy, cookie, interfaces);

  return {
    url: `http://${urlName(host)}:${bound}/?token=${policy.token}`,
    port: bound,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      interfaces?.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

function guard(policy: AccessPolicy, cookie: { name: string }): MiddlewareHandler {
  const limit = limitBody({ maxSize: LARGEST_BODY_BYTES, onError: (c) => c.text("The body is too large.", 413) });
  return async (c, next) => {
    const hostHeader = c.req.header("host");
    if (c.req.path === "/healthz") {
      const refusal = refusalOfHost(hostHeader, policy);
      return refusal ? c.text(refusal.reason, refusal.status) : c.text("ok");
    }
    const token = c.req.query("token");
    const refusal = refusalOf(
      {
        method: c.req.method,
        isWebSocket: false,
        host: hostHeader,
        origin: c.req.header("origin"),
        token,
        cookieToken: getCookie(c, cookie.name),
      },
      policy,
    );
    if (refusal) return c.text(refusalText(refusal, c.req.header("accept-language")), refusal.status);
    if (token !== undefined) setCookie(c, cookie.name, policy.token, { httpOnly: true, sameSite: "Strict", path: "/" });
    return limit(c, next);
  };
}

function serveContract(
  server: ServerType,
  context: RouterContext,
  policy: AccessPolicy,
  cookie: { name: string },
  interfaces: ProgramInterfaces | undefined,
): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES, perMessageDeflate: false });
  const rpc = new RPCHandler(router);
  const serve = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (interfaces?.upgrade(request, socket, head)) return;
    const url = URL.parse(request.url ?? "", "http://host");
    const refusal = refusalOf(
      {
        method: request.method ?? "",
        isWebSocket: true,
        host: request.headers.host,
        origin: request.headers.origin,
        token: url?.searchParams.get("token") ?? undefined,
        cookieToken: parseCookies(request.headers.cookie ?? "")[cookie.name],
      },
      policy,
    );
    if (refusal || url?.pathname !== "/rpc") {
      socket.end(`HTTP/1.1 ${refusal?.status ?? 404} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      dropWhenSilent(webSocket);
      void rpc.upgrade(webSocket, { context });
    });
  };
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node listens for nothing on these sockets any more, and this may come from anybody: whatever goes wrong with one of
    // them ends it alone.
    socket.on("error", () => socket.destroy());
    try {
      serve(request, socket, head);
    } catch {
      socket.destroy();
    }
  });
  return sockets;
}

/** Ends a connection whose other side vanished without a word, so that nothing piles up for it. */
function dropWhenSilent(socket: WebSocket): void {
  let isAlive = true;
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS);
  socket.on("pong", () => (isAlive = true));
  socket.on("close", () => clearInterval(timer));
  socket.on("error", () => socket.terminate());
}

async function listen(server: ServerType, host: string, port: number | undefined): Promise<void> {
  try {
    await tryListen(server, host, port ?? DEFAULT_PORT);
  } catch (error) {
    if (port !== undefined || codeOf(error) !== "EADDRINUSE") throw listenError(error, host, port ?? DEFAULT_PORT);
    await tryListen(server, host, 0);
  }
}

function tryListen(server: ServerType, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function listenError(error: unknown, host: string, port: number): HeddleError {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return new HeddleError({
        code: "port-in-use",
        message: `Port ${port} is in use by another program.`,
        help: "Choose another one with --port, or leave --port away to get a free one.",
        details: { port },
      });
    case "EACCES":
      return new HeddleError({
        code: "port-forbidden",
        message: `This user may not use port ${port}.`,
        help: "Choose one above 1023 with --port.",
        details: { port },
      });
    default:
      return new HeddleError(
        {
          code: "host-unavailable",
          message: `Heddle cannot listen on ${host}: ${error instanceof Error ? error.message : String(error)}`,
          help: "Give --host an address of this machine: 127.0.0.1 for itself only, 0.0.0.0 for every network it is in.",
          details: { host, port },
        },
        { cause: error },
      );
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function thisMachine(): { addresses: string[]; name: string } {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return { addresses: addresses.map(({ address }) => address), name: hostname() };
}

/** A name for the printed address by which other machines reach a host that is bound to all addresses. */
function urlName(host: string): string {
  if (host === "0.0.0.0" || host === "::") {
    const outside = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return outside.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
  }
  return host.includes(":") ? `[${host}]` : host;
}
