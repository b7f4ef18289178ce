import { type Context, Hono } from "hono";
import { credentialOf, type Refusal } from "../../http/access.ts";
import type { ApiContext } from "../context.ts";
import type { ApiGuard } from "../guard.ts";
import { HttpProblem, readJson } from "../http-problem.ts";
import type { RunwareError } from "./errors.ts";
import { authenticationSchema } from "./inputs.ts";
import { runTask } from "./tasks.ts";

const MOST_TASKS = 100;
/** Of a request whose key is in its body. */
const LARGEST_UNKNOWN_BYTES = 2 ** 20;

/** Runware's interface over HTTP: an array of tasks in, what became of all of them out. */
export function createRunwareApp(context: ApiContext, guard: ApiGuard): Hono {
  const app = new Hono();

  app.post("/*", async (c) => {
    const refusal = guard.refusalOfDoor({ host: c.req.header("host"), origin: c.req.header("origin") });
    if (refusal) return fail(refusal);
    const header = credentialOf(c.req.header("authorization"));
    // Without a known key only as much is read as is needed for the key in the first task.
    if (header !== undefined && guard.identify(header) === undefined) return c.json({ errors: [invalidApiKey()] }, 401);
    if (header === undefined && !isShort(c)) return c.json({ errors: [keyComesFirst()] }, 413);
    const tasks = await readJson(c);
    if (!Array.isArray(tasks) || tasks.length === 0 || tasks.length > MOST_TASKS) {
      throw new HttpProblem(400, `The body must be an array of 1 to ${MOST_TASKS} tasks.`);
    }
    const first = authenticationSchema.safeParse(tasks[0]);
    const credential = header ?? first.data?.apiKey;
    const caller = credential === undefined ? undefined : guard.identify(credential);
    if (caller === undefined) return c.json({ errors: [invalidApiKey()] }, 401);
    const waitSeconds = guard.take(caller);
    if (waitSeconds > 0) {
      c.header("Retry-After", String(waitSeconds));
      return c.json({ errors: [tooManyRequests(waitSeconds)] }, 429);
    }

    const data: object[] = [];
    const errors: RunwareError[] = [];
    const origin = context.originOf(c.req.url);
    await Promise.all(
      (first.success ? tasks.slice(1) : tasks).map((task) =>
        runTask(
          task,
          {
            origin,
            signal: c.req.raw.signal,
            answer(answer) {
              data.push(...(answer.data ?? []));
              errors.push(...(answer.errors ?? []));
            },
          },
          context,
        ),
      ),
    );
    const body = {
      ...(data.length > 0 || errors.length === 0 ? { data } : {}),
      ...(errors.length > 0 ? { errors } : {}),
    };
    return c.json(body, data.length > 0 || errors.length === 0 ? 200 : 400);

    function fail({ status, reason }: Refusal): Response {
      return c.json({ errors: [{ code: "forbidden", message: reason }] }, status);
    }
  });

  app.onError((error, c) => {
    if (!(error instanceof HttpProblem)) throw error;
    return c.json({ errors: [{ code: "invalidRequest", message: error.message }] }, error.status);
  });
  return app;
}

function isShort(c: Context): boolean {
  const length = c.req.header("content-length");
  return length !== undefined && Number(length) <= LARGEST_UNKNOWN_BYTES;
}

function keyComesFirst(): RunwareError {
  return {
    code: "requestTooLarge",
    message: `A body of more than ${LARGEST_UNKNOWN_BYTES / 2 ** 20} MiB, or one that comes in chunks, needs the key in the Authorization header.`,
    parameter: "apiKey",
  };
}

export function invalidApiKey(): RunwareError {
  return {
    code: "invalidApiKey",
    message: "This is no API key of this Heddle. Its owner makes one with: heddle keys create NAME",
    parameter: "apiKey",
    taskType: "authentication",
  };
}

export function tooManyRequests(waitSeconds: number): RunwareError {
  return { code: "rateLimitExceeded", message: `Too many requests: try again in ${waitSeconds} s.` };
}
