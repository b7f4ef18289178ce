import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HeddleError } from "../common/errors.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import { errorPayloadSchema, type RunEvent, runEventSchema, runTimingsSchema } from "../graph/events.ts";
import { parseSeed, seedToJson } from "../graph/values.ts";

const acceptedSchema = z.object({ id: z.string() });
const runSchema = z.object({
  id: z.string(),
  state: z.string(),
  images: z.array(z.object({ url: z.string(), width: z.int(), height: z.int(), seed: z.string().nullable() })),
  timings: runTimingsSchema.nullable(),
  error: errorPayloadSchema.nullable(),
});

export interface ServerRunResult {
  images: { path: string; width: number; height: number; seed?: number | string }[];
  timings: z.infer<typeof runTimingsSchema> | null;
  cachedNodes: string[];
  status?: "failed" | "cancelled";
  error?: z.infer<typeof errorPayloadSchema>;
}

export interface ServerRunOptions {
  /** The address that `heddle serve` prints, with its token; or without one, with an API key in `HEDDLE_API_KEY`. */
  server: string;
  /** Pictures that the document names. */
  pictures: readonly { bytes: Uint8Array }[];
  /** Absolute; where the results are written. */
  outputFolder: string;
  signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

/**
 * Runs a workflow on a Heddle that is running elsewhere, and brings its pictures here.
 * @throws HeddleError `server-unreachable`, `server-refused`
 */
export async function runOnServer(document: WorkflowDocument, options: ServerRunOptions): Promise<ServerRunResult> {
  const { url, credential } = parseServer(options.server);
  const ask = async (target: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${credential}` };
    const response = await fetch(new URL(target, url), { ...init, headers }).catch((cause: unknown) => {
      throw unreachable(url, cause);
    });
    if (!response.ok) throw refused(url, response.status, await response.text());
    return response;
  };

  for (const { bytes } of options.pictures)
    await ask("/api/pictures", { method: "POST", body: new Blob([bytes.slice()]) });
  const accepted = await ask("/api/runs", { method: "POST", body: JSON.stringify({ document }) });
  const { id } = acceptedSchema.parse(await accepted.json());
  const cancel = () => void ask(`/api/runs/${id}`, { method: "DELETE" }).catch(() => {});
  options.signal.addEventListener("abort", cancel, { once: true });
  await watch(await ask(`/api/runs/${id}/events`), options.onEvent);
  options.signal.removeEventListener("abort", cancel);

  const run = runSchema.parse(await (await ask(`/api/runs/${id}`)).json());
  await mkdir(options.outputFolder, { recursive: true });
  const images: ServerRunResult["images"] = [];
  for (const { url: address, width, height, seed } of run.images) {
    const { pathname } = new URL(address);
    const file = path.join(options.outputFolder, `${id.slice(0, 8)}-${path.posix.basename(pathname)}`);
    await writeFile(file, await (await ask(pathname)).bytes());
    const exactSeed = parseSeed(seed ?? undefined);
    images.push({ path: file, width, height, ...(exactSeed === undefined ? {} : { seed: seedToJson(exactSeed) }) });
  }
  const { timings, state, error } = run;
  return {
    images,
    timings,
    cachedNodes: [],
    ...(state === "failed" || state === "cancelled" ? { status: state } : {}),
    ...(error ? { error } : {}),
  };
}

/** Reads server-sent events to their end. */
async function watch(response: Response, onEvent: (event: RunEvent) => void): Promise<void> {
  if (!response.body) return;
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop() ?? "";
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      const event = data === undefined ? undefined : runEventSchema.safeParse(JSON.parse(data));
      if (event?.success) onEvent(event.data);
    }
  }
}

function parseServer(server: string): { url: URL; credential: string } {
  const url = URL.parse(server);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new HeddleError({
      code: "bad-server",
      message: `"${server}" is no address of a Heddle.`,
      help: "Give --server the address that heddle serve prints.",
      field: "server",
    });
  }
  return { url, credential: url.searchParams.get("token") ?? process.env.HEDDLE_API_KEY ?? "" };
}

function unreachable(url: URL, cause: unknown): HeddleError {
  return new HeddleError(
    {
      code: "server-unreachable",
      message: `No Heddle answers at ${url.host}.`,
      help: "Start one there with heddle serve, or leave --server away to run it here.",
    },
    { cause },
  );
}

function refused(url: URL, status: number, body: string): HeddleError {
  return new HeddleError({
    code: "server-refused",
    message: `The Heddle at ${url.host} refused: ${status} ${body.slice(0, 500)}`,
    help:
      status === 401 ? "Give the whole address with its token, or an API key in HEDDLE_API_KEY." : "See what it says.",
    details: { status },
  });
}
