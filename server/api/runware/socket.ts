import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { ApiContext } from "../context.ts";
import type { ApiGuard } from "../guard.ts";
import { parseJson } from "../http-problem.ts";
import { invalidApiKey, tooManyRequests } from "./app.ts";
import { anyTaskSchema, authenticationSchema } from "./inputs.ts";
import { type RunwareAnswer, runTask } from "./tasks.ts";

const LARGEST_MESSAGE_BYTES = 32 * 2 ** 20;
/** Whoever connects has this long to say who they are. */
const AUTHENTICATE_WITHIN_MS = 10_000;
/** And as much to say before that, in bytes: who they are is short. */
const LARGEST_INTRODUCTION_BYTES = 64 * 1_024;
const MOST_CONNECTIONS = 500;
const MOST_TASKS_AT_ONCE = 100;
const PING_MS = 30_000;

/** Runware's interface over a WebSocket: tasks in, their answers as they come. */
export class RunwareSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  readonly #context: ApiContext;
  readonly #guard: ApiGuard;
  readonly #onError: (error: unknown) => void;

  constructor(context: ApiContext, guard: ApiGuard, onError: (error: unknown) => void) {
    this.#context = context;
    this.#guard = guard;
    this.#onError = onError;
  }

  /** Takes over a request to `/runware`; `false` for all others. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const pathname = URL.parse(request.url ?? "/", "http://host")?.pathname ?? "";
    if (pathname !== "/runware" && !pathname.startsWith("/runware/")) return false;
    const { host, origin } = request.headers;
    const refusal = this.#guard.refusalOfDoor({ host, origin });
    if (refusal || this.#server.clients.size >= MOST_CONNECTIONS) {
      socket.end(`HTTP/1.1 ${refusal?.status ?? 503} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return true;
    }
    const own = this.#context.originOf(`http://${host}`);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, socket, own));
    return true;
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #serve(socket: WebSocket, connection: Duplex, origin: string): void {
    let caller: string | undefined;
    let running = 0;
    let introduced = 0;
    const listen = (chunk: Buffer) => {
      introduced += chunk.length;
      if (caller !== undefined) connection.off("data", listen);
      else if (introduced > LARGEST_INTRODUCTION_BYTES) socket.terminate();
    };
    connection.on("data", listen);
    const lateTimer = setTimeout(() => caller === undefined && socket.terminate(), AUTHENTICATE_WITHIN_MS);
    // A side that vanished without a word does not answer pings.
    let isAlive = true;
    const pingTimer = setInterval(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    }, PING_MS);
    const answer = (answer: RunwareAnswer) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(answer));

    const handle = async (task: unknown): Promise<void> => {
      const authentication = authenticationSchema.safeParse(task);
      if (authentication.success) {
        caller = this.#guard.identify(authentication.data.apiKey);
        if (caller === undefined) return void answer({ errors: [invalidApiKey()] });
        const { connectionSessionUUID } = authentication.data;
        const session = typeof connectionSessionUUID === "string" ? connectionSessionUUID : randomUUID();
        return void answer({ data: [{ taskType: "authentication", connectionSessionUUID: session }] });
      }
      if (caller === undefined) return void answer({ errors: [invalidApiKey()] });
      const waitSeconds = this.#guard.take(caller);
      if (waitSeconds > 0 || running >= MOST_TASKS_AT_ONCE) {
        const { taskType, taskUUID } = anyTaskSchema.safeParse(task).data ?? {};
        const place = { ...(taskType ? { taskType } : {}), ...(taskUUID ? { taskUUID } : {}) };
        return void answer({ errors: [{ ...tooManyRequests(waitSeconds || 1), ...place }] });
      }
      running += 1;
      try {
        await runTask(task, { origin, answer }, this.#context);
      } finally {
        running -= 1;
      }
    };

    socket.on("message", (data) => {
      const tasks = parseTasks(String(data));
      if (!tasks)
        return answer({ errors: [{ code: "invalidRequest", message: "A message must be a JSON array of tasks." }] });
      for (const task of tasks) handle(task).catch(this.#onError);
    });
    socket.on("pong", () => (isAlive = true));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      clearTimeout(lateTimer);
      clearInterval(pingTimer);
    });
  }
}

function parseTasks(text: string): unknown[] | undefined {
  try {
    const tasks = parseJson(text);
    return Array.isArray(tasks) && tasks.length <= MOST_TASKS_AT_ONCE ? tasks : undefined;
  } catch {
    return undefined;
  }
}
