import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  contentType: string | undefined;
  body: Buffer;
}

export interface Receiver {
  /** On `localhost`, which a host allows when it was started with `HEDDLE_FETCH_ALLOW=localhost`. */
  url: string;
  received: Received[];
  close(): void;
}

/** A server of somebody else: keeps what it is sent, and answers GET with `content`. */
export async function startReceiver(content: Uint8Array = new Uint8Array()): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url: path = "", headers } = request;
    received.push({ method, path, contentType: headers["content-type"], body: Buffer.concat(chunks) });
    response.end(content);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}`, received, close: () => server.close() };
}
