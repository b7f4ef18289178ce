import { type CallToolResult, fromJsonSchema, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import {
  type HeddleClient,
  HeddleRequestError,
  type Json,
  type Run,
  type RunEvent,
  type WorkflowSummary,
} from "../../client/heddle-client.ts";
import { runEventSchema } from "../../graph/events.ts";

/** Pictures that an answer brings along; the others are addresses in its text. */
const MOST_PICTURES = 4;
const MOST_PICTURE_BYTES = 4 * 2 ** 20;

const runId = z.object({ id: z.string().describe("The id that a run tool answered.") });

/**
 * A server of the Model Context Protocol with one tool for each workflow, and a few for runs: what `/api/workflows` offers, for
 * assistants. Everything goes through a {@link HeddleClient}, so nothing is possible here that the interface does not allow.
 */
export async function createMcpTools(client: HeddleClient, version: string): Promise<McpServer> {
  const server = new McpServer(
    { name: "heddle", title: "Heddle", version },
    {
      instructions:
        "Heddle draws pictures on this computer. Each run_… tool runs one workflow and answers with its pictures; inputs that are left out keep the workflow's own values.",
    },
  );
  const taken = new Set<string>();
  for (const workflow of await client.listWorkflows()) {
    const name = toolName(workflow.name, taken);
    taken.add(name);
    server.registerTool(
      name,
      {
        title: workflow.title,
        description: workflow.description || `Runs the workflow "${workflow.title}".`,
        inputSchema: fromJsonSchema<Record<string, Json>>(schemaOf(workflow)),
        annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
      },
      (inputs, context) => answer(client, () => runWith(client, workflow.name, inputs, context)),
    );
  }
  const reading = { readOnlyHint: true, openWorldHint: false };
  server.registerTool(
    "list_workflows",
    { title: "List workflows", description: "Names, descriptions and inputs of the workflows.", annotations: reading },
    () => guarded(async () => text(await client.listWorkflows())),
  );
  server.registerTool(
    "get_run",
    {
      title: "Look at a run",
      description: "State, pictures and error of a run.",
      inputSchema: runId,
      annotations: reading,
    },
    ({ id }) => answer(client, () => client.get(id)),
  );
  server.registerTool(
    "cancel_run",
    { title: "Cancel a run", description: "Stops a run that waits or is running.", inputSchema: runId },
    ({ id }) => guarded(async () => text({ cancelled: await client.cancel(id) })),
  );
  return server;
}

/** A name that the protocol allows, and that no other tool has. */
export function toolName(workflow: string, taken: ReadonlySet<string>): string {
  const base = `run_${workflow.replaceAll(/[^A-Za-z0-9_-]+/g, "_")}`.slice(0, 56);
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  return name;
}

function schemaOf({ inputs }: WorkflowSummary) {
  return { type: "object", properties: inputs, additionalProperties: false } as const;
}

async function runWith(
  client: HeddleClient,
  workflow: string,
  inputs: Record<string, Json>,
  { mcpReq: { signal, _meta, notify } }: ServerContext,
): Promise<Run> {
  const progressToken = _meta?.progressToken;
  let progress = 0;
  const onEvent = (event: RunEvent) => {
    const known = runEventSchema.safeParse(event);
    if (progressToken === undefined || !known.success || known.data.type !== "node-progress") return;
    const { value, max, label } = known.data;
    // The protocol wants numbers that grow over the whole call; a node's own steps stand in the message.
    progress += 1;
    const message = `${label ?? "Step"} ${value} of ${max}`;
    void notify({ method: "notifications/progress", params: { progressToken, progress, message } }).catch(() => {});
  };
  const { id } = await client.start(workflow, inputs);
  return client.wait(id, { signal, onEvent });
}

/** What became of a run: its facts as text, and its first pictures to look at. */
function answer(client: HeddleClient, run: () => Promise<Run>): Promise<CallToolResult> {
  return guarded(async () => {
    const ended = await run();
    const content: CallToolResult["content"] = [...text(ended).content];
    for (const image of ended.images.slice(0, MOST_PICTURES)) {
      const bytes = await client.download(image);
      if (bytes.length > MOST_PICTURE_BYTES) continue;
      content.push({ type: "image", data: Buffer.from(bytes).toString("base64"), mimeType: image.mimeType });
    }
    return { content, isError: ended.state === "failed" || ended.state === "cancelled" };
  });
}

/** What the server refuses is told to the assistant, so that it can mend its request. */
async function guarded(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HeddleRequestError)) throw error;
    return { ...text({ error: error.message, problems: error.problems }), isError: true };
  }
}

function text(value: unknown) {
  return { content: [{ type: "text" as const, text: JSON.stringify(value, null, 2) }] };
}
