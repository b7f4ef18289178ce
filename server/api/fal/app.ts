import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { type DeliveryOrder, isFinished, type Job, JobPriority } from "../../queue/job.ts";
import type { ApiContext } from "../context.ts";
import { HttpProblem, readJson } from "../http-problem.ts";
import { workflowOfOrder } from "../order/order.ts";
import { FalInputError } from "./detail.ts";
import { type FalEndpoint, falEndpoints } from "./inputs.ts";
import { type FalFacts, falOutput } from "./output.ts";
import { failureOf, requestUrls, statusOf } from "./requests.ts";
import { createStorageApp } from "./storage.ts";
import { takeOrder } from "./take-order.ts";

const APP = "fal-ai/z-image";
const KEEP_ALIVE_MS = 10_000;
/** Where fal's own hosts lie below `/fal`. */
const foldersOfHosts: ReadonlyMap<string, string> = new Map([
  ["fal.run", ""],
  ["queue.fal.run", "/queue"],
  ["rest.fal.ai", ""],
  ["rest.alpha.fal.ai", ""],
]);

/**
 * fal's interface. `/fal/<endpoint>` runs at once (fal.run), `/fal/queue/<endpoint>` queues (queue.fal.run), `/fal/storage`
 * takes files (rest.fal.ai); `/fal` alone is the proxy that fal's clients know: the header `x-fal-target-url` says which
 * of these is meant. Nothing is ever passed on to fal.
 */
export function createFalApp(context: ApiContext): Hono {
  const { jobs, results } = context;
  const app = new Hono();

  app.all("/", (c) => {
    const target = URL.parse(c.req.header("x-fal-target-url") ?? "");
    const folder = target && foldersOfHosts.get(target.hostname);
    // The proxy's own address would lead back here.
    if (!target || folder === undefined || target.pathname === "/") {
      throw new HttpProblem(
        412,
        "The header x-fal-target-url must be an address of fal.run, queue.fal.run or rest.fal.ai.",
      );
    }
    const url = `${context.originOf(c.req.url)}${folder}${target.pathname}${target.search}`;
    return app.fetch(new Request(url, c.req.raw), c.env);
  });

  app.route("/storage", createStorageApp(context));

  app.post(`/${APP}/:endpoint{.+}`, async (c) => {
    const job = await submit(c, { sync: true });
    const gone = c.req.raw.signal;
    // Nobody would ever hear of it.
    const cancel = () => void jobs.cancel(job);
    if (gone.aborted) cancel();
    gone.addEventListener("abort", cancel, { once: true });
    return answer(c, await jobs.finished(job));
  });

  app.post(`/queue/${APP}/:endpoint{(?!requests/).+}`, async (c) => {
    const id = await submit(c, { sync: false });
    return c.json({
      status: "IN_QUEUE",
      request_id: id,
      gateway_request_id: id,
      ...requestUrls(id, context.originOf(c.req.url)),
      queue_position: jobs.position(id) ?? 0,
    });
  });

  const requests = `/queue/${APP}/requests/:id`;

  app.get(`${requests}/status`, (c) => {
    const job = find(c);
    const status = statusOf(job, jobs, context.originOf(c.req.url), wantsLogs(c) ? jobs.log(job.id) : undefined);
    return c.json(status, status.status === "COMPLETED" ? 200 : 202);
  });

  app.get(`${requests}/status/stream`, (c) => {
    const { id } = find(c);
    const origin = context.originOf(c.req.url);
    const logs = wantsLogs(c);
    c.header("x-fal-request-id", id);
    return streamSSE(c, async (stream) => {
      let told = 0;
      let wake: (() => void) | undefined;
      const stop = jobs.watch(id, () => wake?.());
      stream.onAbort(() => wake?.());
      const keepAlive = setInterval(() => void stream.write(": still here\n\n"), KEEP_ALIVE_MS);
      try {
        for (let last = ""; !stream.aborted; ) {
          const news = new Promise<void>((resolve) => (wake = resolve));
          const job = jobs.find(id);
          if (!job) break;
          const lines = logs ? jobs.log(id).slice(told) : [];
          told += lines.length;
          const data = JSON.stringify(statusOf(job, jobs, origin, lines));
          if (data !== last) await stream.writeSSE({ data });
          last = data;
          if (isFinished(job)) break;
          await news;
        }
      } finally {
        clearInterval(keepAlive);
        stop();
      }
    });
  });

  app.get(requests, (c) => {
    const job = find(c);
    if (!isFinished(job)) throw new HttpProblem(400, "Request is still in progress");
    return answer(c, job);
  });

  app.put(`${requests}/cancel`, (c) => {
    const { id } = find(c);
    return jobs.cancel(id)
      ? c.json({ status: "CANCELLATION_REQUESTED" }, 202)
      : c.json({ status: "ALREADY_COMPLETED" }, 400);
  });

  app.all("*", () => {
    throw new HttpProblem(404, "There is no such endpoint here.");
  });

  app.onError((error, c) => {
    if (error instanceof FalInputError) return c.json({ detail: error.detail }, 422);
    if (error instanceof HttpProblem) return c.json({ detail: error.message }, error.status);
    if (error instanceof HeddleError && error.code === "queue-full") {
      c.header("Retry-After", "5");
      return c.json({ detail: `${error.message} ${error.help}` }, 429);
    }
    throw error;
  });
  return app;

  async function submit(c: Context, { sync }: { sync: boolean }): Promise<string> {
    const endpoint = endpointOf(c);
    const { order, input, seed } = await takeOrder(endpoint, await readJson(c), context);
    const facts: FalFacts = {
      prompt: input.prompt,
      seed,
      syncMode: input.sync_mode,
      origin: context.originOf(c.req.url),
    };
    const { runId } = await jobs.submit({
      origin: "fal",
      document: workflowOfOrder(order),
      priority: c.req.header("x-fal-queue-priority") === "low" ? JobPriority.low : JobPriority.normal,
      facts,
      deliveries: sync ? [] : webhookOf(c),
      ...startTimeout(c),
    });
    return runId;
  }

  function find(c: Context): Job {
    const job = jobs.find(c.req.param("id") ?? "");
    if (job?.origin !== "fal") throw new HttpProblem(404, "There is no such request (any more).");
    return job;
  }

  async function answer(c: Context, job: Job): Promise<Response> {
    c.header("x-fal-request-id", job.id);
    if (job.state === "done") return c.json(await falOutput(job, results, context.originOf(c.req.url)));
    const { status, detail } = failureOf(job);
    if (status === 504) c.header("x-fal-request-timeout-type", "user");
    return c.json({ detail }, status as 500);
  }
}

function endpointOf(c: Context): FalEndpoint {
  const endpoint = falEndpoints.get(c.req.param("endpoint") ?? "");
  if (endpoint) return endpoint;
  const known = [...falEndpoints.keys()].map((name) => `${APP}/${name}`).join(", ");
  throw new HttpProblem(404, `There is no such endpoint here. There are: ${known}.`);
}

const timeoutSchema = z.coerce.number().positive().max(86_400);

function startTimeout(c: Context): { startTimeoutMs?: number } {
  const header = c.req.header("x-fal-request-timeout");
  if (header === undefined) return {};
  const seconds = timeoutSchema.safeParse(header);
  if (!seconds.success) throw new HttpProblem(400, "x-fal-request-timeout must be a number of seconds.");
  return { startTimeoutMs: seconds.data * 1_000 };
}

function webhookOf(c: Context): DeliveryOrder[] {
  const address = c.req.query("fal_webhook");
  if (address === undefined) return [];
  const url = z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .safeParse(address);
  if (!url.success) throw new HttpProblem(400, "fal_webhook must be an http(s) address.");
  return [{ kind: "webhook", url: url.data }];
}

function wantsLogs(c: Context): boolean {
  return ["1", "true"].includes(c.req.query("logs") ?? "");
}
