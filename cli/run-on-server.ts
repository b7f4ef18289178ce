import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HeddleClient, HeddleRequestError, type Run } from "../client/heddle-client.ts";
import { HeddleError } from "../common/errors.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import { errorPayloadSchema, type RunEvent, runEventSchema, runTimingsSchema } from "../graph/events.ts";
import { parseSeed, seedToJson } from "../graph/values.ts";

/** What another Heddle says is checked like any input. */
const runSchema = z.object({
  state: z.string(),
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
  const client = new HeddleClient({ url, credential });
  try {
    for (const { bytes } of options.pictures) await client.keepPicture(bytes.slice());
    const { id } = await client.startDocument(document);
    const cachedNodes = new Set<string>();
    const run = await client.wait(id, {
      signal: options.signal,
      onEvent(event) {
        const known = runEventSchema.safeParse(event);
        if (!known.success) return;
        if (known.data.type === "node-finished" && known.data.cached) cachedNodes.add(known.data.nodeId);
        options.onEvent(known.data);
      },
    });
    const images = await bringPictures(client, run, options.outputFolder);
    const { state, timings, error } = runSchema.parse(run);
    return {
      images,
      timings,
      cachedNodes: [...cachedNodes],
      ...(state === "failed" || state === "cancelled" ? { status: state } : {}),
      ...(error ? { error } : {}),
    };
  } catch (cause) {
    if (!(cause instanceof HeddleRequestError)) throw cause;
    throw cause.status === 0 ? unreachable(url, cause) : refused(url, cause);
  }
}

async function bringPictures(client: HeddleClient, run: Run, folder: string): Promise<ServerRunResult["images"]> {
  await mkdir(folder, { recursive: true });
  const images: ServerRunResult["images"] = [];
  for (const image of run.images) {
    // What a server calls things never becomes a path.
    const name = `${run.id.slice(0, 8)}-${path.posix.basename(new URL(image.url).pathname)}`;
    const file = path.join(folder, name.replaceAll(/[^\w.-]/g, "_").replace(/^\.+/, "_"));
    await writeFile(file, await client.download(image));
    const { width, height } = image;
    const seed = parseSeed(image.seed ?? undefined);
    images.push({ path: file, width, height, ...(seed === undefined ? {} : { seed: seedToJson(seed) }) });
  }
  return images;
}

export function parseServer(server: string): { url: URL; credential: string } {
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

function refused(url: URL, { status, message }: HeddleRequestError): HeddleError {
  return new HeddleError({
    code: "server-refused",
    message: `The Heddle at ${url.host} refused: ${message}`,
    help:
      status === 401 ? "Give the whole address with its token, or an API key in HEDDLE_API_KEY." : "See what it says.",
    details: { status },
  });
}
