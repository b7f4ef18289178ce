import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { noModelWorkflow } from "../../server/api/testing/no-model-workflow.ts";
import { look, type StartedHost, startHost } from "../../server/api/testing/started-host.ts";
import { toolName } from "./tools.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const heddle = resolve(import.meta.dirname, "../heddle.ts");
let server: StartedHost;
let assistant: Client;

async function connect(...args: string[]): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  // Of its own accord the transport hands over very little of the environment, without HEDDLE_HOME.
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [heddle, "mcp", ...args], env, stderr: "pipe" }),
  );
  return client;
}

beforeAll(async () => {
  server = await startHost();
  await mkdir(join(server.home, "workflows"));
  const document = {
    ...noModelWorkflow(),
    title: "A rectangle",
    description: "Draws a rectangle.",
    exposed: [{ node: "shape", param: "maskWidth", name: "width" }],
  };
  await writeFile(join(server.home, "workflows", "my shape.json"), JSON.stringify(document));
  assistant = await connect("--server", server.web.url);
}, 60_000);
afterAll(async () => {
  await assistant.close();
  await server.stop();
});

interface Content {
  type: string;
  text?: string;
  data?: string;
}
const contentOf = (result: { content?: unknown }) => result.content as Content[];

test("each workflow is a tool with its inputs", async () => {
  const { tools } = await assistant.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["run_my_shape", "run_text-to-image", "list_workflows", "get_run", "cancel_run"]),
  );
  expect(tools.find(({ name }) => name === "run_my_shape")).toMatchObject({
    title: "A rectangle",
    description: "Draws a rectangle.",
    inputSchema: { type: "object", properties: { width: { type: "integer", default: 64 } } },
  });
});

test("a run answers with its picture, and can be looked at again", async () => {
  const result = await assistant.callTool({ name: "run_my_shape", arguments: { width: 96 } });
  const [facts, picture] = contentOf(result);
  expect(result.isError).toBeFalsy();
  const run = JSON.parse(facts!.text!) as { id: string; state: string };
  expect(run.state).toBe("done");
  expect(await look(Buffer.from(picture!.data!, "base64"))).toMatchObject({ format: "png", width: 96, height: 64 });
  const again = contentOf(await assistant.callTool({ name: "get_run", arguments: { id: run.id } }));
  expect(JSON.parse(again[0]!.text!)).toMatchObject({ id: run.id, state: "done" });
  const cancelled = contentOf(await assistant.callTool({ name: "cancel_run", arguments: { id: run.id } }));
  expect(JSON.parse(cancelled[0]!.text!)).toEqual({ cancelled: false });
});

test("the assistant is told what was wrong with its request", async () => {
  const tooWide = await assistant.callTool({ name: "run_my_shape", arguments: { width: 1e9 } });
  expect(tooWide.isError).toBe(true);
  expect(contentOf(tooWide)[0]!.text).toContain("width");
  const gone = await assistant.callTool({ name: "get_run", arguments: { id: "gone" } });
  expect(gone.isError).toBe(true);
  expect(contentOf(gone)[0]!.text).toContain("no such run");
});

test("without --server it starts a Heddle of its own, and ends with the assistant", async () => {
  const alone = await connect();
  const { tools } = await alone.listTools();
  expect(tools.map(({ name }) => name)).toContain("run_my_shape");
  await alone.close();
}, 60_000);

test("tools have names that the protocol allows, each its own", () => {
  const taken = new Set<string>();
  const names = ["text to image", "text/to/image", "文生图", "x".repeat(200)].map((workflow) => {
    const name = toolName(workflow, taken);
    taken.add(name);
    return name;
  });
  expect(names).toEqual(["run_text_to_image", "run_text_to_image_2", "run__", `run_${"x".repeat(52)}`]);
});
