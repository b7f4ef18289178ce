import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { look, type StartedHost, startHost } from "../server/api/testing/started-host.ts";
import { HeddleClient, HeddleRequestError, HeddleRunError } from "./heddle-client.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let server: StartedHost;
let heddle: HeddleClient;

beforeAll(async () => {
  server = await startHost();
  await mkdir(join(server.home, "workflows"));
  await writeFile(join(server.home, "workflows", "rectangle.json"), JSON.stringify(noModelWorkflow()));
  heddle = new HeddleClient({ url: server.web.url });
}, 30_000);
afterAll(() => server.stop());

test("a workflow is found, run and its picture brought", async () => {
  const names = (await heddle.listWorkflows()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["rectangle", "text-to-image"]));
  const events: string[] = [];
  const run = await heddle.run("rectangle", { "shape.maskWidth": 80 }, { onEvent: ({ type }) => events.push(type) });
  expect(events).toContain("node-finished");
  expect(await look(await heddle.download(run.images[0]))).toMatchObject({ width: 80, height: 64 });
  expect((await heddle.log(run.id)).length).toBeGreaterThan(0);
  expect(await heddle.cancel(run.id)).toBe(false);
});

test("a document that is no endpoint runs too", async () => {
  const { id } = await heddle.startDocument(noModelWorkflow(48), { priority: "low" });
  expect(await heddle.wait(id)).toMatchObject({ id, state: "done", images: [{ width: 48, height: 48 }] });
});

test("what the server refuses says which input is wrong", async () => {
  await expect(heddle.start("rectangle", { "shape.maskWidth": -1 })).rejects.toMatchObject({
    name: "HeddleRequestError",
    status: 422,
    problems: [{ input: "shape.maskWidth" }],
  });
  await expect(heddle.start("not/there")).rejects.toMatchObject({ status: 404 });
  const stranger = new HeddleClient({ url: server.origin, credential: "wrong" });
  await expect(stranger.listWorkflows()).rejects.toMatchObject({ status: 401 });
});

test("where nobody answers, status is 0", async () => {
  const nobody = new HeddleClient({ url: "http://127.0.0.1:9", credential: "x" });
  const error = await nobody.listWorkflows().catch((one: unknown) => one);
  expect(error).toBeInstanceOf(HeddleRequestError);
  expect(error).toMatchObject({ status: 0, message: expect.stringContaining("127.0.0.1:9") });
});

test("aborting cancels the run, and a run that was cancelled is an error of its own", async () => {
  const signal = AbortSignal.abort();
  const error = await heddle.run("text-to-image", { "sampler.steps": 50 }, { signal }).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(HeddleRunError);
  expect((error as HeddleRunError).run.state).toBe("cancelled");
});

test("a stream of events that breaks off goes on where it was", async () => {
  const { id } = await heddle.startDocument(noModelWorkflow(60));
  await heddle.wait(id);
  let requests = 0;
  const unsteady = new HeddleClient({
    url: server.web.url,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith("/events")) return response;
      requests += 1;
      if (requests > 1) return response;
      // Three events, and then nothing more.
      const beginning = (await response.text()).split("\n\n").slice(0, 3).join("\n\n");
      return new Response(`${beginning}\n\n`);
    },
  });
  const [all, again]: string[][] = [[], []];
  for await (const { type } of heddle.events(id)) all!.push(type);
  // Still running, as far as this client is told the first time.
  const get = unsteady.get.bind(unsteady);
  unsteady.get = async (run) => ({ ...(await get(run)), ...(requests === 1 ? { state: "running" as const } : {}) });
  await unsteady.wait(id, { onEvent: ({ type }) => again!.push(type) });
  expect(requests).toBe(2);
  expect(again).toEqual(all);
});

test("a run is waited for across a restart of its server", async () => {
  const { id } = await heddle.startDocument(noModelWorkflow(56));
  let broken = 0;
  // A server that breaks the first two streams of events off, and does not answer at all the third time.
  const unsteady = new HeddleClient({
    url: server.web.url,
    fetch: async (input, init) => {
      if (!String(input).endsWith("/events") || broken >= 3) return fetch(input, init);
      broken += 1;
      if (broken === 3) throw new TypeError("fetch failed");
      return new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("terminated")) }));
    },
  });
  expect(await unsteady.wait(id)).toMatchObject({ id, state: "done" });
  expect(broken).toBe(3);
});
