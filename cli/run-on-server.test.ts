import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { runOnServer } from "./run-on-server.ts";

/** A server that says what it likes. */
const events = [
  { type: "run-started", runId: "x", nodeIds: ["shape", "show"] },
  { type: "node-finished", runId: "x", nodeId: "shape", cached: true, durationMs: 0 },
  { type: "node-finished", runId: "x", nodeId: "show", cached: false, durationMs: 1 },
];
const server = createServer((request, response) => {
  const { url = "", method } = request;
  const address = `http://${request.headers.host}/files/..%2f..%2fevil`;
  if (method === "POST") response.writeHead(202).end(JSON.stringify({ id: "x" }));
  else if (url.endsWith("/events")) {
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  } else if (url.startsWith("/files/")) response.end("picture");
  else {
    const images = [{ url: address, width: 1, height: 1, mimeType: "image/png", seed: null }];
    response.end(JSON.stringify({ id: "../../../evil", state: "done", images, timings: null, error: null }));
  }
});

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "heddle-elsewhere-")), "a", "b", "out");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  await rm(dirname(dirname(dirname(folder))), { recursive: true });
});

test("pictures lie in the folder that was named, whatever the server calls them; what was known there is told", async () => {
  const result = await runOnServer(noModelWorkflow(), {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pictures: [],
    outputFolder: folder,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  expect(result.cachedNodes).toEqual(["shape"]);
  expect(await readdir(folder)).toHaveLength(1);
  expect(dirname(result.images[0]!.path)).toBe(folder);
  expect(await readdir(dirname(folder))).toEqual(["out"]);
});
