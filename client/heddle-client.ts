/**
 * A client for a Heddle that serves on some address: runs its workflows and gets their pictures. No dependencies; works in
 * Node, browsers and other runtimes with `fetch`.
 *
 *     import { HeddleClient } from "heddle/client";
 *     const heddle = new HeddleClient({ url: "http://127.0.0.1:4333", credential: key });
 *     const run = await heddle.run("text-to-image", { "prompt.text": "a red circle" });
 *     const bytes = await heddle.download(run.images[0]);
 */
export interface HeddleClientOptions {
  /** As `heddle serve` prints it; the token in it is the credential, unless one is given. */
  url: string | URL;
  /** An API key (`heddle keys create NAME`) or the server's token. */
  credential?: string;
  fetch?: typeof globalThis.fetch;
}

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface WorkflowSummary {
  name: string;
  title: string;
  description: string;
  /** JSON Schema of each input, by its name. */
  inputs: Record<string, { [key: string]: Json }>;
}

export interface RunOptions {
  priority?: "normal" | "low";
  /** How long it may run once it has started. */
  timeoutSeconds?: number;
}

export interface DocumentRunOptions extends RunOptions {
  /** Nodes to run with what they need; all output nodes without it. */
  targets?: string[];
}

export interface WaitOptions {
  /** Aborting cancels the run. */
  signal?: AbortSignal;
  /** Each event of the run: progress, previews, finished nodes. */
  onEvent?(event: RunEvent): void;
}

/** `type` names the event; the other fields are those of docs/api.md. */
export interface RunEvent {
  type: string;
  [field: string]: Json;
}

export interface RunImage {
  url: string;
  width: number;
  height: number;
  mimeType: string;
  /** Decimal, exact; `null` for a picture that no sampler drew. */
  seed: string | null;
}

export type RunState = "waiting" | "running" | "done" | "failed" | "cancelled";

export interface Run {
  id: string;
  state: RunState;
  /** How many jobs go before this one; `null` when it does not wait. */
  position: number | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  images: RunImage[];
  /** Milliseconds, by part. */
  timings: Json;
  error: ErrorPayload | null;
}

export interface ErrorPayload {
  code: string;
  message: string;
  help: string;
  nodeId?: string;
  field?: string;
}

export interface LogLine {
  time: string;
  level: string;
  message: string;
}

/** The server refused a request, or no Heddle answered (status 0). */
export class HeddleRequestError extends Error {
  override readonly name = "HeddleRequestError";
  readonly status: number;
  /** What is wrong, by input, where the server says so. */
  readonly problems: Json[];

  constructor(message: string, status: number, problems: Json[] = [], options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.problems = problems;
  }
}

/** A run ended without success. */
export class HeddleRunError extends Error {
  override readonly name = "HeddleRunError";
  readonly run: Run;

  constructor(run: Run) {
    super(run.error ? `${run.error.message} ${run.error.help}` : `The run was ${run.state}.`);
    this.run = run;
  }
}

const RECONNECT_MS = 500;
/** Together half a minute. */
const MOST_SILENCES = 60;

/** How far a stream of events has been heard. */
interface Heard {
  /** Id of the last event; empty when there is none. */
  last: string;
  /** What the run is like now, as far as the stream has said. */
  run?: Run | undefined;
}

export class HeddleClient {
  readonly #url: URL;
  readonly #credential: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor({ url, credential, fetch = globalThis.fetch }: HeddleClientOptions) {
    this.#url = new URL(url);
    this.#credential = credential ?? this.#url.searchParams.get("token") ?? "";
    this.#fetch = fetch;
  }

  async listWorkflows(): Promise<WorkflowSummary[]> {
    const { workflows } = await this.#json<{ workflows: WorkflowSummary[] }>("/api/workflows");
    return workflows;
  }

  /** Queues a run of a workflow; inputs that are not given keep the workflow's own values. */
  async start(workflow: string, inputs: Record<string, Json> = {}, options: RunOptions = {}): Promise<{ id: string }> {
    return this.#json(`/api/workflows/${encodeURIComponent(workflow)}/runs`, post({ inputs, ...options }));
  }

  /** Queues a run of any workflow document. */
  async startDocument(document: unknown, options: DocumentRunOptions = {}): Promise<{ id: string }> {
    return this.#json("/api/runs", post({ document, ...options }));
  }

  /**
   * Runs a workflow and waits for its pictures.
   * @throws HeddleRunError when it fails or is cancelled
   */
  async run(
    workflow: string,
    inputs: Record<string, Json> = {},
    { signal, onEvent, ...options }: RunOptions & WaitOptions = {},
  ): Promise<Run> {
    const { id } = await this.start(workflow, inputs, options);
    return succeeded(await this.wait(id, { ...(signal && { signal }), ...(onEvent && { onEvent }) }));
  }

  /**
   * Waits until a run has ended, however it ends. A server that is started anew meanwhile goes on with the run, and so does
   * this, unless nobody answers for half a minute.
   */
  async wait(id: string, { signal, onEvent }: WaitOptions = {}): Promise<Run> {
    const cancel = () => void this.cancel(id).catch(() => {});
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const heard: Heard = { last: "" };
    try {
      for (let silences = 0; ; silences++) {
        try {
          heard.run = undefined;
          for await (const event of this.#events(id, heard)) {
            silences = 0;
            onEvent?.(event);
          }
          // The stream's last word is how the run ended.
          const run = heard.run ?? (await this.get(id));
          if (run.state !== "waiting" && run.state !== "running") return run;
        } catch (error) {
          const isSilence = error instanceof HeddleRequestError && error.status === 0;
          if (!isSilence || silences >= MOST_SILENCES) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  get(id: string): Promise<Run> {
    return this.#json(`/api/runs/${encodeURIComponent(id)}`);
  }

  async log(id: string): Promise<LogLine[]> {
    return (await this.#json<{ lines: LogLine[] }>(`/api/runs/${encodeURIComponent(id)}/log`)).lines;
  }

  /** Whether there was something to cancel. */
  async cancel(id: string): Promise<boolean> {
    const response = await this.#ask(`/api/runs/${encodeURIComponent(id)}`, { method: "DELETE" }, [409]);
    return response.ok;
  }

  /** The events of a run, those of before included, until its end. Leaving the loop stops listening and lets the run go on. */
  events(id: string): AsyncGenerator<RunEvent> {
    return this.#events(id, { last: "" });
  }

  /** @param heard kept up to date; events up to its last one are not told again */
  async *#events(id: string, heard: Heard): AsyncGenerator<RunEvent> {
    const response = await this.#ask(`/api/runs/${encodeURIComponent(id)}/events`, {
      headers: heard.last === "" ? {} : { "last-event-id": heard.last },
    });
    if (!response.body) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    try {
      for (let part = await this.#next(reader); !part.done; part = await this.#next(reader)) {
        text += part.value;
        const messages = text.split("\n\n");
        text = messages.pop() ?? "";
        for (const message of messages) {
          const name = /^event: (.*)$/m.exec(message)?.[1];
          const data = /^data: (.*)$/m.exec(message)?.[1];
          if (data === undefined) continue;
          if (name === "run") {
            // Its state, as `get` tells it.
            heard.run = JSON.parse(data) as Run;
            continue;
          }
          heard.last = /^id: (.*)$/m.exec(message)?.[1] ?? heard.last;
          yield JSON.parse(data) as RunEvent;
        }
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  /** Hands a picture over, for inputs that are pictures: their value is `image` of the answer. */
  keepPicture(bytes: Uint8Array<ArrayBuffer> | Blob): Promise<{ image: Json; width: number; height: number }> {
    return this.#json("/api/pictures", { method: "POST", body: new Blob([bytes]) });
  }

  /** The file of a result. */
  async download(image: RunImage | undefined): Promise<Uint8Array> {
    if (!image) throw new TypeError("There is no such picture: the run has fewer.");
    // By way of this client's address: a server behind a proxy may not know its own.
    const response = await this.#ask(new URL(image.url).pathname);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** A stream that breaks off is a server that does not answer. */
  #next(reader: ReadableStreamDefaultReader<string>): ReturnType<typeof reader.read> {
    return reader.read().catch((cause: unknown) => {
      throw this.#silence(cause);
    });
  }

  #silence(cause: unknown): HeddleRequestError {
    return new HeddleRequestError(`No Heddle answers at ${this.#url.host}.`, 0, [], { cause });
  }

  async #json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.#ask(path, init)).json()) as T;
  }

  async #ask(path: string, init: RequestInit = {}, allowed: readonly number[] = []): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#credential) headers.set("authorization", `Bearer ${this.#credential}`);
    const request = this.#fetch(new URL(path, this.#url), { ...init, headers });
    const response = await request.catch((cause: unknown) => {
      throw this.#silence(cause);
    });
    if (response.ok || allowed.includes(response.status)) return response;
    throw await refusal(response);
  }
}

/** @throws HeddleRunError unless the run is done */
function succeeded(run: Run): Run {
  if (run.state !== "done") throw new HeddleRunError(run);
  return run;
}

function post(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function refusal(response: Response): Promise<HeddleRequestError> {
  const text = await response.text();
  let body: { error?: unknown; detail?: unknown; problems?: Json[] } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // Not from Heddle, or cut off: the text itself is the message.
  }
  const said = [body.detail, body.error].find((one) => typeof one === "string") ?? text.slice(0, 500);
  return new HeddleRequestError(`${response.status}: ${said}`, response.status, body.problems ?? []);
}
