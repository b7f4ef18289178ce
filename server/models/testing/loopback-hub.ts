import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the hub does with one request for a file; the next request gets the next one, and the last one stays. */
export type Mischief =
  | "honest"
  /** Sends a part of what was asked for, then breaks the connection. */
  | "drop"
  /** Says nothing more after a part. */
  | "stall"
  /** A few bytes at a time. */
  | "slow"
  /** Another range than the one asked for. */
  | "wrong-range"
  /** The right range, and then more bytes than it has. */
  | "too-much"
  /** 200 with the whole file, whatever was asked for. */
  | "no-ranges"
  /** The right length, other bytes. */
  | "wrong-bytes"
  /** Says a length and sends less, closing in good order. */
  | "short"
  /** Chunked, without any length. */
  | "no-length"
  /** From now on there is other content behind the address. */
  | "changed"
  /** A page instead of the file. */
  | "page"
  /** Compressed, without having been asked for that. */
  | "gzip"
  | { status: number; retryAfter?: string; errorCode?: string }
  /** Sends the client elsewhere: to a path of this hub, or any address. */
  | { redirect: string };

export interface HubFileContent {
  bytes: Buffer;
  /** Kept by the hub as a large file: its SHA-256 is public. */
  lfs?: boolean;
}

export interface LoopbackHub {
  readonly url: string;
  readonly port: number;
  readonly requests: { method: string; path: string; range: string | undefined; authorization: string | undefined }[];
  mischief: Mischief[];
  /** Files of the one repository that it has, `owner/model`. */
  files: Record<string, HubFileContent>;
  /** Only for who has this token. */
  gatedBy: string | undefined;
  licence: string;
  close(): Promise<void>;
}

export const REVISION = "0123456789abcdef0123456789abcdef01234567";
export const REPOSITORY = "owner/model";

/** The endpoints of the Hugging Face hub that downloads use, on loopback, and badly behaved when asked to be. */
export async function startLoopbackHub(files: Record<string, HubFileContent>): Promise<LoopbackHub> {
  const hub = {
    requests: [] as LoopbackHub["requests"],
    mischief: [] as Mischief[],
    files,
    gatedBy: undefined as string | undefined,
    licence: "apache-2.0",
    isChanged: false,
  };
  const server = createServer((request, response) => {
    answer(hub, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(hub, {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

type State = Omit<LoopbackHub, "url" | "port" | "close"> & { isChanged: boolean };

async function answer(hub: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://hub");
  const path = decodeURIComponent(url.pathname);
  const { range, authorization } = request.headers;
  hub.requests.push({ method: request.method ?? "", path, range, authorization });
  const isAllowed = hub.gatedBy === undefined || authorization === `Bearer ${hub.gatedBy}`;
  if (path === `/api/models/${REPOSITORY}` || path.startsWith(`/api/models/${REPOSITORY}/revision/`)) {
    return json(response, modelOf(hub));
  }
  if (path.startsWith(`/api/models/${REPOSITORY}/tree/`)) {
    return json(
      response,
      Object.entries(hub.files).map(([name, file]) => entryOf(name, file)),
    );
  }
  if (path.startsWith(`/api/models/${REPOSITORY}/paths-info/`)) {
    const { paths } = JSON.parse(await bodyOf(request)) as { paths: string[] };
    return json(
      response,
      paths.flatMap((name) => (hub.files[name] ? [entryOf(name, hub.files[name])] : [])),
    );
  }
  if (path.startsWith("/api/")) return json(response, { error: "Repository not found" }, 404);
  const name = /^\/(?:owner\/model\/resolve\/[^/]+|cdn|files)\/(.+)$/.exec(path)?.[1];
  const file = name === undefined ? undefined : hub.files[name];
  if (!file) return json(response, { error: "Entry not found" }, 404);
  if (!isAllowed && !path.startsWith("/cdn/")) {
    response.setHeader("x-error-code", "GatedRepo");
    return json(response, { error: "Access is restricted" }, 401);
  }
  await send(hub, file, range, response);
}

function modelOf(hub: State) {
  return {
    _id: "1",
    id: REPOSITORY,
    sha: REVISION,
    private: false,
    gated: hub.gatedBy === undefined ? false : "manual",
    downloads: 1,
    likes: 1,
    lastModified: "2026-01-01T00:00:00.000Z",
    tags: [`license:${hub.licence}`],
  };
}

function entryOf(path: string, { bytes, lfs = true }: HubFileContent) {
  const oid = createHash("sha256").update(bytes).digest("hex");
  const large = lfs ? { lfs: { oid, size: bytes.length, pointerSize: 134 } } : {};
  return { type: "file", path, oid: "0".repeat(40), size: bytes.length, ...large };
}

async function send(hub: State, file: HubFileContent, range: string | undefined, response: ServerResponse) {
  const mischief = (hub.mischief.length > 1 ? hub.mischief.shift() : hub.mischief[0]) ?? "honest";
  if (typeof mischief === "object") {
    if ("redirect" in mischief) return response.writeHead(302, { location: mischief.redirect }).end();
    if (mischief.retryAfter !== undefined) response.setHeader("retry-after", mischief.retryAfter);
    if (mischief.errorCode !== undefined) response.setHeader("x-error-code", mischief.errorCode);
    return json(response, { error: "no" }, mischief.status);
  }
  if (mischief === "changed") hub.isChanged = true;
  const bytes = hub.isChanged ? Buffer.from(file.bytes.map((byte) => byte ^ 0xff)) : file.bytes;
  const etag = `"${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}"`;
  if (mischief === "page") {
    return response.writeHead(200, { "content-type": "text/html" }).end("<h1>Please sign in</h1>");
  }
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
  const isWhole = !match || mischief === "no-ranges" || mischief === "no-length";
  const asked: [number, number] = match ? [Number(match[1]), Math.min(Number(match[2]), bytes.length - 1)] : [0, 0];
  if (!isWhole && asked[0] >= bytes.length) return response.writeHead(416).end();
  const [start, last] = isWhole ? [0, bytes.length - 1] : asked;
  const shift = mischief === "wrong-range" && start + 7 <= last ? 7 : 0;
  let body = bytes.subarray(start + shift, last + 1);
  if (mischief === "wrong-bytes") body = Buffer.from(body.map((byte) => byte ^ 0x55));
  const headers: Record<string, string> = { etag, "accept-ranges": "bytes" };
  if (mischief === "gzip") headers["content-encoding"] = "gzip";
  if (mischief !== "no-length" && mischief !== "too-much") headers["content-length"] = String(body.length);
  if (!isWhole) headers["content-range"] = `bytes ${start + shift}-${last}/${bytes.length}`;
  response.writeHead(isWhole ? 200 : 206, headers);
  const part = body.subarray(0, Math.ceil(body.length / 3));
  switch (mischief) {
    case "drop":
    case "short":
      return response.write(part, () => response.destroy());
    case "stall":
      return response.write(part);
    case "too-much":
      return response.end(Buffer.concat([body, Buffer.from("more than was asked for")]));
    case "slow":
      for (let at = 0; at < body.length; at += Math.ceil(body.length / 5)) {
        response.write(body.subarray(at, at + Math.ceil(body.length / 5)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return response.end();
    default:
      return response.end(body);
  }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
