import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createGuardedFetch } from "../http/guarded-fetch.ts";
import { JobQueue, type RunEngine } from "../queue/job-queue.ts";
import { JobStore } from "../queue/job-store.ts";
import { Deliverer } from "./deliverer.ts";

const timings = { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: 0 };
const document = { format: "heddle-workflow" as const, version: 1 as const, title: "t", nodes: [], links: [] };
const engine: RunEngine = {
  async run({ runId }, emit) {
    emit({ type: "run-finished", runId, status: "done", images: [], timings, cachedNodes: [], sessionsCreated: 0 });
  },
};

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

async function receiver(statuses: number[]): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (text: string) => (body += text));
    request.on("end", () => {
      bodies.push(body);
      response.writeHead(statuses.shift() ?? 200).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  cleanUp.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies };
}

function open(allowedHosts: string[]) {
  const jobs = new JobQueue(engine, new JobStore(":memory:"), () => {});
  const fetch = createGuardedFetch({ allowedHosts: new Set(allowedHosts) });
  const deliverer = new Deliverer(jobs, fetch, async ({ id }) => ({ method: "POST", body: id }), {
    everyMs: 5,
    retryMs: 5,
  });
  cleanUp.push(
    () => deliverer.close(),
    () => jobs.close(),
  );
  return jobs;
}

test("what fails is sent again until it arrives, and then never again", async () => {
  const { url, bodies } = await receiver([500, 503, 200]);
  const jobs = open(["127.0.0.1"]);
  const { runId } = jobs.start({ document, origin: "fal", deliveries: [{ kind: "webhook", url }] });
  await expect.poll(() => jobs.log(runId).at(-1)?.message).toContain("delivered");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(bodies).toEqual([runId, runId, runId]);
  expect(jobs.log(runId).filter(({ level }) => level === "warn")).toHaveLength(2);
});

test("a private address gets nothing, and is not tried again", async () => {
  const { url, bodies } = await receiver([]);
  const jobs = open([]);
  const { runId } = jobs.start({ document, origin: "fal", deliveries: [{ kind: "webhook", url }] });
  await expect.poll(() => jobs.log(runId).at(-1)?.message).toContain("Given up.");
  expect(bodies).toEqual([]);
  expect(jobs.dueDeliveries(10)).toEqual([]);
});
