import { type FileHandle, open } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { HeddleError } from "../../../common/errors.ts";
import type { GuardedRequestFunction } from "../../http/guarded-fetch.ts";
import { type Bandwidth, sleep } from "./bandwidth.ts";
import { type ByteRange, bytesIn, missingRanges, withRange } from "./byte-ranges.ts";
import {
  asDiskError,
  changedOnServer,
  gaveUp,
  notAModel,
  refusedByServer,
  unknownLength,
  wrongSize,
} from "./download-errors.ts";
import { delayFor, Passing, type RetryPolicy, retryAfter } from "./retry.ts";

/** Bytes that one request asks for: large enough that the request costs nothing, small enough to share the work. */
export const PIECE_BYTES = 32 * 1024 * 1024;
/** How often the file may turn out to have changed before it is given up. */
const MAX_RESTARTS = 2;
/** Answers with a wrong range before ranges are no longer trusted. */
const MAX_WRONG_RANGES = 3;

/** How far a download is; what the journal keeps. */
export interface TransferState {
  size: number | undefined;
  /** What the server says identifies this content. */
  etag: string | undefined;
  /** What is safely in the partial file. */
  done: ByteRange[];
}

export interface TransferOptions {
  url: string;
  headers: Record<string, string>;
  /** The partial file; made when it is not there. */
  partPath: string;
  folder: string;
  expectedSize: number | undefined;
  /** Whether a hash will tell if the file is whole, so that a server need not say its length. */
  hasHash: boolean;
  request: GuardedRequestFunction;
  bandwidth: Bandwidth;
  retries: RetryPolicy;
  connections: number;
  pieceBytes: number;
  signal: AbortSignal;
  /** Called once the size is known, before anything is written; throws when it does not fit. */
  beforeWriting(missingBytes: number): Promise<void>;
  /** Called with bytes that arrived (they may not be on the disk yet). */
  onProgress(bytes: number): void;
  /** Called with what is safely on the disk, to be written down. */
  onSaved(state: TransferState): void;
  onWaiting(until: number | undefined): void;
}

/** Between flushes: what a power cut can cost. */
const FLUSH_BYTES = 64 * 1024 * 1024;
const FLUSH_MS = 3_000;

/**
 * Fetches a file into a partial file, in several ranges at once where the server can do that, going on where an earlier
 * attempt ended. Returns when every byte is on the disk; the caller checks the hash and gives the file its name.
 * @throws HeddleError `download-*`, `disk-full`, `fetch-refused`; the signal's reason
 */
export async function transfer(before: TransferState, options: TransferOptions): Promise<TransferState> {
  let state = before;
  for (let restarts = 0; ; restarts++) {
    try {
      return await new Transfer(state, options).run();
    } catch (error) {
      if (!(error instanceof HeddleError) || error.code !== "download-changed" || restarts >= MAX_RESTARTS) throw error;
      state = { size: undefined, etag: undefined, done: [] };
      options.onSaved(state);
    }
  }
}

class Transfer {
  readonly #options: TransferOptions;
  readonly #host: string;
  #state: TransferState;
  #file: FileHandle | undefined;
  /** What arrived, a part of it not yet flushed. */
  #arrived: ByteRange[];
  #unflushed = 0;
  #flushedAt = performance.now();
  #flushing: Promise<void> | undefined;
  #wrongRanges = 0;
  /** Attempts in a row, of all connections together, that brought nothing. */
  #failures = 0;

  constructor(state: TransferState, options: TransferOptions) {
    this.#options = options;
    this.#state = state;
    this.#arrived = [...state.done];
    this.#host = URL.parse(options.url)?.host ?? options.url;
  }

  async run(): Promise<TransferState> {
    const { partPath, folder } = this.#options;
    const ranges = await this.#probe();
    try {
      this.#file = await open(partPath, "r+").catch(() => open(partPath, "w+"));
      const { size: present } = await this.#file.stat();
      // A partial file that lost its end (or was removed) does not hold what the journal says.
      this.#forgetBeyond(present);
      const { size } = this.#state;
      await this.#options.beforeWriting(size === undefined ? 0 : size - bytesIn(this.#arrived));
      if (ranges && size !== undefined) await this.#inPieces(size).catch((error) => this.#orWhole(error));
      else await this.#whole();
      await this.#file.truncate(this.#state.size ?? 0);
      await this.#flush();
      return this.#state;
    } catch (error) {
      await this.#flush().catch(() => {});
      throw asDiskError(error, folder);
    } finally {
      await this.#file?.close();
    }
  }

  /** Asks for one byte: does the server know ranges, how large is the file, is it still the same one? */
  async #probe(): Promise<boolean> {
    return this.#trying(async () => {
      const response = await this.#ask({ range: "bytes=0-0" });
      const { statusCode = 0, headers } = response;
      response.destroy();
      const total = statusCode === 206 ? contentRange(headers)?.total : undefined;
      if (statusCode === 206 && total === undefined) return false;
      const size = total ?? contentLength(headers);
      this.#identify(headers, size);
      return statusCode === 206;
    });
  }

  /** @throws HeddleError `download-changed` when this is other content than before, `download-wrong-size` */
  #identify(headers: IncomingHttpHeaders, size: number | undefined): void {
    const { expectedSize } = this.#options;
    const etag = strongEtag(headers);
    const known = this.#state;
    const isOther =
      (known.etag !== undefined && etag !== undefined && etag !== known.etag) ||
      (known.size !== undefined && size !== undefined && size !== known.size);
    if (isOther) throw changedOnServer(this.#host);
    if (expectedSize !== undefined && size !== undefined && size !== expectedSize) {
      throw wrongSize(this.#host, expectedSize, size);
    }
    this.#state = { ...known, size: known.size ?? size ?? expectedSize, etag: known.etag ?? etag };
  }

  #forgetBeyond(present: number): void {
    this.#arrived = this.#arrived
      .map(([start, end]): ByteRange => [start, Math.min(end, present)])
      .filter(([start, end]) => end > start);
    this.#state = { ...this.#state, done: [...this.#arrived] };
    this.#options.onSaved(this.#state);
    this.#options.onProgress(bytesIn(this.#arrived));
  }

  async #inPieces(size: number): Promise<void> {
    const pieces = missingRanges(this.#arrived, size).flatMap(([start, end]) => {
      const { pieceBytes } = this.#options;
      const count = Math.ceil((end - start) / pieceBytes);
      return Array.from({ length: count }, (_, index): ByteRange => {
        const from = start + index * pieceBytes;
        return [from, Math.min(end, from + pieceBytes)];
      });
    });
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#options.signal]);
    const workers = Array.from({ length: Math.min(this.#options.connections, pieces.length) }, async () => {
      for (let piece = pieces.shift(); piece; piece = pieces.shift()) await this.#piece(piece, signal);
    });
    try {
      await Promise.all(workers);
    } catch (error) {
      // The others stop before the file is closed or begun anew.
      stop.abort(error);
      await Promise.allSettled(workers);
      throw error;
    }
  }

  /** Fetches a range, going on after each failure where it ended. */
  async #piece([start, end]: ByteRange, signal: AbortSignal): Promise<void> {
    let at = start;
    await this.#trying(async () => {
      const conditions: Record<string, string> = this.#state.etag ? { "if-range": this.#state.etag } : {};
      const response = await this.#ask({ range: `bytes=${at}-${end - 1}`, ...conditions }, signal);
      const { statusCode = 0, headers } = response;
      try {
        if (statusCode === 200) {
          this.#identify(headers, contentLength(headers));
          throw new RangesIgnored();
        }
        const range = contentRange(headers);
        if (range === undefined || range.start !== at || range.end > end) {
          if (++this.#wrongRanges >= MAX_WRONG_RANGES) throw new RangesIgnored();
          throw new Passing("other-part", "it sent another part of the file than was asked for");
        }
        this.#identify(headers, range.total);
        for await (const chunk of this.#chunks(response, signal)) {
          const useful = chunk.subarray(0, end - at);
          await this.#write(useful, at);
          at += useful.length;
          if (at === end) return;
        }
      } finally {
        response.destroy();
      }
      if (at < end) throw new Passing("ended-early", "it ended too early");
    }, signal);
  }

  /** From the first byte to the last, for servers that know no ranges: each attempt begins anew. */
  async #whole(): Promise<void> {
    await this.#trying(async () => {
      this.#arrived = [];
      this.#state = { ...this.#state, done: [] };
      this.#options.onProgress(0);
      const response = await this.#ask({});
      const { headers } = response;
      try {
        const length = contentLength(headers);
        this.#identify(headers, length);
        const isChunked = /chunked/i.test(headers["transfer-encoding"] ?? "");
        if (this.#state.size === undefined && !isChunked && !this.#options.hasHash) throw unknownLength(this.#host);
        let at = 0;
        for await (const chunk of this.#chunks(response, this.#options.signal)) {
          if (this.#state.size !== undefined && at + chunk.length > this.#state.size) {
            throw new Passing("too-much", "it sent more than the file has");
          }
          await this.#write(chunk, at);
          at += chunk.length;
        }
        if (at < (this.#state.size ?? 0)) throw new Passing("ended-early", "it ended too early");
        this.#state = { ...this.#state, size: at };
      } finally {
        response.destroy();
      }
    });
  }

  #orWhole(error: unknown): Promise<void> {
    if (error instanceof RangesIgnored) return this.#whole();
    throw error;
  }

  /** Repeats `attempt` while its failures may pass, with growing pauses; progress begins the count anew. */
  async #trying<T>(attempt: () => Promise<T>, signal = this.#options.signal): Promise<T> {
    for (;;) {
      const before = bytesIn(this.#arrived);
      try {
        const result = await attempt();
        this.#failures = 0;
        return result;
      } catch (error) {
        signal.throwIfAborted();
        const failure = asPassing(error);
        if (!failure) throw error;
        this.#failures = bytesIn(this.#arrived) > before ? 1 : this.#failures + 1;
        if (this.#failures > this.#options.retries.attempts) throw gaveUp(this.#host, failure);
        const delay = delayFor(failure, this.#failures, this.#options.retries);
        this.#options.onWaiting(Date.now() + delay);
        await sleep(delay, signal);
        this.#options.onWaiting(undefined);
      }
    }
  }

  /** @throws Passing for what may pass, HeddleError for what will not */
  async #ask(headers: Record<string, string>, signal = this.#options.signal): Promise<IncomingMessage> {
    const { url, request, retries } = this.#options;
    const all = { ...this.#options.headers, ...headers };
    const { response } = await request(url, { headers: all, timeoutMs: retries.idleTimeoutMs, signal });
    const { statusCode = 0 } = response;
    // Without a listener a connection that breaks while nobody reads would end the process.
    response.on("error", () => {});
    const isUsable = statusCode === 200 || statusCode === 206;
    if (isUsable && /^text\/html\b/i.test(response.headers["content-type"] ?? "")) {
      response.destroy();
      throw notAModel();
    }
    const encoding = response.headers["content-encoding"];
    if (isUsable && (encoding === undefined || encoding === "identity")) return response;
    response.destroy();
    if (isUsable) throw new Passing("other-form", "it sent the file in a form that was not asked for");
    if (statusCode === 416) throw changedOnServer(this.#host);
    if (statusCode === 408 || statusCode === 425 || statusCode === 429 || statusCode >= 500) {
      const retryAfterMs = retryAfter(response.headers);
      throw new Passing("overloaded", `it is overloaded at the moment (${statusCode})`, {
        retryAfterMs,
        said: statusCode,
      });
    }
    const isGated = response.headers["x-error-code"] === "GatedRepo";
    throw refusedByServer(statusCode, this.#host, isGated);
  }

  /** The body, as fast as the limit allows; silence ends it. */
  async *#chunks(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { idleTimeoutMs } = this.#options.retries;
    let timer: NodeJS.Timeout | undefined;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => response.destroy(new Passing("silent", "it fell silent")), idleTimeoutMs);
    };
    watch();
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        clearTimeout(timer);
        signal.throwIfAborted();
        await this.#options.bandwidth.take(chunk.length, signal);
        yield chunk;
        watch();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #write(bytes: Uint8Array, at: number): Promise<void> {
    const file = this.#file!;
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at + written);
      written += bytesWritten;
    }
    this.#arrived = withRange(this.#arrived, [at, at + bytes.length]);
    this.#options.onProgress(bytesIn(this.#arrived));
    this.#unflushed += bytes.length;
    const isDue = this.#unflushed >= FLUSH_BYTES || performance.now() - this.#flushedAt >= FLUSH_MS;
    if (isDue) await this.#flush();
  }

  /** Only what was written before the flush began is promised by it. */
  async #flush(): Promise<void> {
    if (this.#flushing) return this.#flushing;
    const arrived = [...this.#arrived];
    this.#unflushed = 0;
    this.#flushedAt = performance.now();
    this.#flushing = (async () => {
      await this.#file?.datasync();
      this.#state = { ...this.#state, done: arrived };
      this.#options.onSaved(this.#state);
    })();
    try {
      await this.#flushing;
    } finally {
      this.#flushing = undefined;
    }
  }
}

/** The server answers requests for a range with the whole file, or with other ranges. */
class RangesIgnored extends Error {}

function asPassing(error: unknown): Passing | undefined {
  if (error instanceof Passing) return error;
  if (error instanceof HeddleError) {
    const message = error.message.replace(/\.$/, "");
    if (error.code === "fetch-timeout") return new Passing("timeout", message, { cause: error });
    if (error.code !== "fetch-failed") return undefined;
    const { cause, reason } = error.details ?? {};
    if (cause === "no-address") return new Passing("no-address", message, { cause: error });
    return new Passing("unreachable", message, { said: String(reason ?? message), cause: error });
  }
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const passes =
    /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_STREAM_PREMATURE_CLOSE|HPE_.*)$/;
  return passes.test(String(error.code)) ? new Passing("broken", "the connection broke", { cause: error }) : undefined;
}

function contentLength(headers: IncomingHttpHeaders): number | undefined {
  const text = headers["content-length"];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** `end` is one past the last byte. */
function contentRange(headers: IncomingHttpHeaders): { start: number; end: number; total: number } | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  if (!match) return undefined;
  const [start, last, total] = match.slice(1).map(Number) as [number, number, number];
  return start <= last && last < total ? { start, end: last + 1, total } : undefined;
}

/** Weak ones do not promise the same bytes. */
function strongEtag(headers: IncomingHttpHeaders): string | undefined {
  const { etag } = headers;
  return etag !== undefined && /^".+"$/.test(etag) ? etag : undefined;
}
