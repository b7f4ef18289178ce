import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runOnServer } from "../../../cli/run-on-server.ts";
import { noModelWorkflow } from "../testing/no-model-workflow.ts";
import { download, look, type StartedHost, startHost } from "../testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let server: StartedHost;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await startHost();
  headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
  await mkdir(join(server.home, "workflows"));
  const document = {
    ...noModelWorkflow(),
    exposed: [
      { node: "shape", param: "maskWidth", name: "width", description: "How wide." },
      { node: "shape", param: "maskHeight" },
      { node: "gone", param: "x" },
    ],
  };
  await writeFile(join(server.home, "workflows", "circle.json"), JSON.stringify(document));
  await writeFile(join(server.home, "workflows", "damaged.json"), "{");
}, 30_000);
afterAll(() => server.stop());

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.origin}/api${path}`, { method, headers, body: JSON.stringify(body) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

interface RunBody {
  id: string;
  state: string;
  images: { url: string }[];
  error: { code: string } | null;
}
async function finished(id: unknown): Promise<RunBody> {
  const get = async () => (await call("GET", `/runs/${id}`)).body as unknown as RunBody;
  await expect.poll(async () => (await get()).state, { timeout: 60_000 }).toMatch(/done|failed|cancelled/);
  return get();
}

test("saved workflows and templates are listed with the inputs that they expose", async () => {
  const { body } = await call("GET", "/workflows");
  const workflows = body.workflows as { name: string; inputs: Record<string, object> }[];
  expect(workflows.map(({ name }) => name)).toEqual(expect.arrayContaining(["circle", "text-to-image"]));
  expect(workflows.map(({ name }) => name)).not.toContain("damaged");
  expect(workflows.find(({ name }) => name === "circle")!.inputs).toEqual({
    width: expect.objectContaining({ type: "integer", description: "How wide.", default: 64 }),
    "shape.maskHeight": expect.objectContaining({ type: "integer" }),
  });
  expect(workflows.find(({ name }) => name === "text-to-image")!.inputs).toMatchObject({
    "prompt.text": { type: "string" },
    "sampler.steps": { type: "integer", minimum: 1, maximum: 100 },
  });
});

test("a workflow runs with its inputs; its run can be asked after, and its picture be had", async () => {
  const accepted = await call("POST", "/workflows/circle/runs", { inputs: { width: 128 } });
  expect(accepted).toMatchObject({ status: 202, body: { id: expect.any(String), eventsUrl: expect.any(String) } });
  expect(accepted.headers.get("location")).toBe(accepted.body.url);
  const run = await finished(accepted.body.id);
  expect(run).toMatchObject({ state: "done", error: null });
  expect(await look(await download(run.images[0]!.url))).toMatchObject({ width: 128, height: 64 });
  const { body } = await call("GET", `/runs/${run.id}/log`);
  expect(body.lines).toContainEqual(expect.objectContaining({ level: "info", message: "Shape Mask: started." }));
});

test("inputs that cannot be are all told at once", async () => {
  const { status, body } = await call("POST", "/workflows/circle/runs", { inputs: { width: -1, colour: "red" } });
  expect(status).toBe(422);
  expect(body.problems).toMatchObject([
    { input: "width", code: "value-out-of-range" },
    { input: "colour", code: "unknown-input", help: "There are: width, shape.maskHeight." },
  ]);
  expect((await call("POST", "/workflows/circle/runs", { input: {} })).status).toBe(422);
  for (const name of ["none", "..%2Fkeys", "damaged"]) {
    expect((await call("POST", `/workflows/${name}/runs`, {})).status, name).toBe(404);
  }
});

test("any document can be run; one that cannot run is refused before it waits", async () => {
  const { body } = await call("POST", "/runs", { document: noModelWorkflow(48) });
  const run = await finished(body.id);
  expect(await look(await download(run.images[0]!.url))).toMatchObject({ width: 48 });
  const broken = noModelWorkflow();
  broken.links = [];
  const refused = await call("POST", "/runs", { document: broken });
  expect(refused).toMatchObject({ status: 422, body: { problems: expect.any(Array) } });
  expect((await call("POST", "/runs", { document: { nodes: [] } })).status).toBe(400);
});

test("heddle run --server runs it there and brings the pictures here", async () => {
  const heard: string[] = [];
  const run = (url: string, outputFolder: string) =>
    runOnServer(noModelWorkflow(80), {
      server: url,
      pictures: [],
      outputFolder,
      signal: new AbortController().signal,
      onEvent: ({ type }) => heard.push(type),
    });
  const { images, timings } = await run(server.web.url, join(server.home, "here"));
  expect(await look(await readFile(images[0]!.path))).toMatchObject({ width: 80, height: 80 });
  expect(timings).not.toBeNull();
  expect(heard).toContain("node-finished");
  await expect(run(server.origin, server.home)).rejects.toMatchObject({ code: "server-refused" });
  await expect(run("http://127.0.0.1:1/", server.home)).rejects.toMatchObject({ code: "server-unreachable" });
});

test("events tell a run from its start to its end", async () => {
  const { body } = await call("POST", "/workflows/text-to-image/runs", {
    inputs: { "sampler.steps": 2, "size.width": 128, "size.height": 128 },
  });
  const events = await (await fetch(String(body.eventsUrl), { headers })).text();
  const names = [...events.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
  // It waits, or has begun already.
  expect(["run", "run-started"]).toContain(names[0]);
  expect(names).toContain("node-progress");
  expect(names.at(-1)).toBe("run");
  expect(events.trim().split("\n").at(-1)).toContain('"state":"done"');
});

test("who listens when a run is over already hears what it told", async () => {
  const { body } = await call("POST", "/runs", { document: noModelWorkflow(96) });
  await expect.poll(async () => (await call("GET", `/runs/${body.id}`)).body.state, { timeout: 60_000 }).toBe("done");
  const events = await (await fetch(String(body.eventsUrl), { headers })).text();
  const names = [...events.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
  expect(names.slice(0, 2)).toEqual(["run-started", "node-started"]);
  expect(names.filter((name) => name === "node-finished")).toHaveLength(3);
  expect(names.at(-1)).toBe("run");
});

test("a run can be cancelled once", async () => {
  const { body } = await call("POST", "/workflows/text-to-image/runs", { inputs: { "sampler.steps": 50 } });
  expect((await call("DELETE", `/runs/${body.id}`)).status).toBe(202);
  expect((await finished(body.id)).state).toBe("cancelled");
  expect((await call("DELETE", `/runs/${body.id}`)).status).toBe(409);
});

test("the endpoints are described in OpenAPI, and on a page without scripts", async () => {
  const { body } = await call("GET", "/openapi.json");
  expect(body.openapi).toBe("3.1.0");
  expect(Object.keys(body.paths as object)).toContain("/api/workflows/circle/runs");
  const page = await fetch(`${server.origin}/api/docs`, { headers });
  expect(page.headers.get("content-security-policy")).not.toContain("script");
  expect(await page.text()).toContain("/api/workflows/circle/runs");
});

test("readiness and metrics", async () => {
  await expect.poll(async () => (await fetch(`${server.origin}/readyz`)).status, { timeout: 60_000 }).toBe(200);
  expect((await fetch(`${server.origin}/metrics`)).status).toBe(401);
  const metrics = await (await fetch(`${server.origin}/metrics`, { headers })).text();
  expect(metrics).toMatch(/^heddle_jobs\{state="done"\} \d+$/m);
  expect(metrics).toMatch(/^heddle_queue_waiting 0$/m);
});
