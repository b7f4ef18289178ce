import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { toHeddleError } from "../../../common/errors.ts";
import type { JsonValue, WorkflowDocument } from "../../../graph/document.ts";
import type { RunEvent } from "../../../graph/events.ts";
import { parseWorkflow } from "../../../graph/parse.ts";
import { errorsOf, validateWorkflow } from "../../../graph/validate.ts";
import { imageToJson } from "../../../graph/values.ts";
import { findDefinition } from "../../../nodes/definitions.ts";
import { isFinished, type Job, JobPriority } from "../../queue/job.ts";
import type { ApiContext } from "../context.ts";
import { HttpProblem, parseJson, readJson } from "../http-problem.ts";
import type { WorkflowCatalog } from "./catalog.ts";
import { docsPage } from "./docs-page.ts";
import { applyInputs, type InputProblem, inputsOf, schemaOfInput, type WorkflowInput } from "./inputs.ts";
import { KnownBodies } from "./known-bodies.ts";
import { openApi } from "./openapi.ts";

const KEEP_ALIVE_MS = 10_000;

const options = {
  priority: z.enum(["normal", "low"]).default("normal"),
  /** How long it may run. */
  timeoutSeconds: z.number().positive().max(86_400).optional(),
};
const namedRunSchema = z.strictObject({ inputs: z.record(z.string(), z.json()).default({}), ...options });
const documentRunSchema = z.strictObject({
  document: z.unknown(),
  targets: z.array(z.string()).max(1_000).optional(),
  ...options,
});

/** A request that names things that cannot be. */
class InputsRefused extends Error {
  readonly problems: object[];

  constructor(problems: object[]) {
    super("The inputs are wrong.");
    this.problems = problems;
  }
}

/** Every workflow as an endpoint: list them, run one, watch the run, get its pictures. */
export function createWorkflowsApp(context: ApiContext, catalog: WorkflowCatalog, version: string): Hono {
  const { jobs, results, pictures } = context;
  const documentRuns = new KnownBodies(readDocumentRun);
  const app = new Hono();

  app.get("/openapi.json", async (c) => c.json(openApi(await catalog.list(), version, context.originOf(c.req.url))));
  app.get("/docs", async (c) => c.html(docsPage(openApi(await catalog.list(), version, context.originOf(c.req.url)))));

  app.get("/workflows", async (c) =>
    c.json({
      workflows: (await catalog.list()).map(({ name, document }) => ({
        name,
        title: document.title,
        description: document.description ?? "",
        inputs: Object.fromEntries(
          inputsOf(document, findDefinition).map((input) => [input.name, schemaOfInput(input)]),
        ),
      })),
    }),
  );

  app.post("/workflows/:name/runs", async (c) => {
    const entry = await catalog.find(c.req.param("name"));
    if (!entry) throw new HttpProblem(404, `There is no workflow "${c.req.param("name")}".`);
    const body = parseBody(namedRunSchema, await readJson(c));
    const inputs = inputsOf(entry.document, findDefinition);
    const applied = applyInputs(
      entry.document,
      inputs,
      await withPictures(inputs, body.inputs as Record<string, JsonValue>),
    );
    if ("problems" in applied) throw new InputsRefused(applied.problems);
    refuseMistakes(applied.document);
    return submit(c, applied.document, body, { workflow: entry.name });
  });

  app.post("/runs", async (c) => {
    const { document, ...body } = documentRuns.get(await c.req.text());
    return submit(c, document, body, null);
  });

  app.post("/pictures", async (c) => {
    const { hash, width, height } = await context.keepPicture(new Uint8Array(await c.req.arrayBuffer()));
    return c.json({ image: imageToJson(hash), width, height }, 201);
  });

  app.get("/runs/:id", async (c) => c.json(await tell(find(c), context.originOf(c.req.url))));

  app.get("/runs/:id/log", (c) => {
    const { id } = find(c);
    return c.json({
      lines: jobs.log(id).map(({ time, level, message }) => ({ time: new Date(time).toISOString(), level, message })),
    });
  });

  app.delete("/runs/:id", (c) => {
    const { id } = find(c);
    return jobs.cancel(id) ? c.json({ cancelled: true }, 202) : c.json({ cancelled: false }, 409);
  });

  app.get("/runs/:id/events", (c) => {
    const { id } = find(c);
    const origin = context.originOf(c.req.url);
    return streamSSE(c, async (stream) => {
      const unread: { event: string; data: string; id: string }[] = [];
      let wake: (() => void) | undefined;
      const hear = (event: RunEvent | undefined, eventId: string) => {
        if (event && event.type !== "run-finished")
          unread.push({ event: event.type, data: JSON.stringify(event), id: eventId });
        wake?.();
      };
      // Who was cut off says what was heard last.
      for (const { id: eventId, event } of jobs.told.since(id, c.req.header("last-event-id"))) hear(event, eventId);
      const stop = jobs.watch(id, (event) => hear(event, jobs.told.lastId(id)));
      stream.onAbort(() => wake?.());
      const keepAlive = setInterval(() => void stream.write(": still here\n\n"), KEEP_ALIVE_MS);
      try {
        for (let last = ""; !stream.aborted; ) {
          const news = new Promise<void>((resolve) => (wake = resolve));
          for (let next = unread.shift(); next; next = unread.shift()) await stream.writeSSE(next);
          const job = jobs.find(id);
          if (!job) break;
          const data = JSON.stringify(await tell(job, origin));
          if (data !== last) await stream.writeSSE({ event: "run", data });
          last = data;
          if (isFinished(job)) break;
          if (unread.length === 0) await news;
        }
      } finally {
        clearInterval(keepAlive);
        stop();
      }
    });
  });

  app.all("*", () => {
    throw new HttpProblem(404, "There is no such endpoint here.");
  });
  app.onError((error, c) => {
    if (error instanceof InputsRefused) return c.json({ error: error.message, problems: error.problems }, 422);
    if (error instanceof HttpProblem) return c.json({ error: error.message }, error.status);
    throw error;
  });
  return app;

  async function submit(
    c: Context,
    document: WorkflowDocument,
    {
      priority,
      timeoutSeconds,
      targets,
    }: { priority: "normal" | "low"; timeoutSeconds?: number | undefined; targets?: string[] | undefined },
    facts: JsonValue,
  ): Promise<Response> {
    const { runId: id } = await jobs.submit({
      origin: "workflow",
      document,
      targets,
      priority: JobPriority[priority],
      facts,
      ...(timeoutSeconds === undefined ? {} : { timeoutMs: timeoutSeconds * 1_000 }),
    });
    const address = `${context.originOf(c.req.url)}/api/runs/${id}`;
    c.header("Location", address);
    return c.json({ id, url: address, eventsUrl: `${address}/events`, position: jobs.position(id) ?? null }, 202);
  }

  function find(c: Context): Job {
    const job = jobs.find(c.req.param("id") ?? "");
    if (job?.origin !== "workflow") throw new HttpProblem(404, "There is no such run (any more).");
    return job;
  }

  async function tell(job: Job, origin: string) {
    const { id, state, outcome } = job;
    const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
    return {
      id,
      state,
      position: jobs.position(id) ?? null,
      createdAt: time(job.createdAt),
      startedAt: time(job.startedAt),
      finishedAt: time(job.finishedAt),
      images: (outcome?.images ?? []).map((image, index) => ({
        url: `${origin}${results.pathOf(job, index, image)}`,
        width: image.width,
        height: image.height,
        mimeType: image.mimeType,
        seed: image.seed ?? null,
      })),
      timings: outcome?.timings ?? null,
      error: outcome?.error ?? null,
    };
  }

  /** Pictures may come as data URIs and addresses, too. */
  async function withPictures(
    inputs: readonly WorkflowInput[],
    values: Record<string, JsonValue>,
  ): Promise<Record<string, JsonValue>> {
    const taken = { ...values };
    const problems: InputProblem[] = [];
    for (const { name, param } of inputs) {
      const value = values[name];
      if (param.kind !== "image" || typeof value !== "string" || !/^(data|https?):/i.test(value)) continue;
      try {
        taken[name] = imageToJson((await pictures.take(value)).hash);
      } catch (error) {
        problems.push({ input: name, ...payloadOf(error) });
      }
    }
    if (problems.length > 0) throw new InputsRefused(problems);
    return taken;
  }
}

/** @throws HttpProblem, InputsRefused, and what is wrong with the document's form */
function readDocumentRun(text: string) {
  const { document: input, ...body } = parseBody(documentRunSchema, parseJson(text));
  const { document } = parseWorkflow(input);
  refuseMistakes(document);
  return { ...body, document };
}

function refuseMistakes(document: WorkflowDocument): void {
  const problems = errorsOf(validateWorkflow(document, findDefinition));
  if (problems.length > 0) throw new InputsRefused(problems);
}

function payloadOf(error: unknown): Omit<InputProblem, "input"> {
  const { code, message, help } = toHeddleError(error);
  return { code, message, help };
}

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InputsRefused(
    parsed.error.issues.map(({ path, message }) => ({
      input: path.map(String).join("."),
      code: "bad-request",
      message,
    })),
  );
}
