import { lookup as systemLookup } from "node:dns/promises";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { HeddleError } from "../../common/errors.ts";
import { isPublicAddress } from "./public-address.ts";

export interface GuardedRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Larger answers are given up, whatever they say of their size. */
  maxBytes?: number;
  /** For everything together, redirects included. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface GuardedResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Uint8Array;
}

export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<GuardedResponse>;

export interface FetchPolicy {
  /** Host names and addresses (lower case, without port) that may be private. */
  allowedHosts?: ReadonlySet<string>;
  /** All addresses of a name; the system's resolver when absent. */
  resolve?(hostname: string): Promise<string[]>;
}

const MAX_REDIRECTS = 5;
const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const DEFAULT_TIMEOUT_MS = 30_000;

/** An answer whose body has not been read. */
export interface OpenedResponse {
  response: IncomingMessage;
  /** Where it was found in the end. */
  url: URL;
}

export type GuardedRequestFunction = (
  url: string,
  request?: Omit<GuardedRequest, "maxBytes">,
) => Promise<OpenedResponse>;

/**
 * Asks for what a stranger named, without being made to reach into this machine or its network: only http(s), only public
 * addresses after the name was resolved (the connection goes to the very address that was checked, so a name that changes
 * its mind gains nothing), anew after every redirect. Credentials stay with the host that they were given for.
 * `timeoutMs` is for the headers of the answer; whoever reads the body watches over that.
 * @throws HeddleError `fetch-refused`, `fetch-timeout`, `fetch-failed`
 */
export function createGuardedRequest(policy: FetchPolicy = {}): GuardedRequestFunction {
  const resolve = policy.resolve ?? resolveWithSystem;

  /** The addresses behind a host, all of them allowed. */
  async function allowedAddresses(hostname: string): Promise<string[]> {
    const name = hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const addresses = isIP(name) === 0 ? await resolve(name) : [name];
    if (addresses.length === 0) throw failed("no-address", `${name} has no address.`, { host: name });
    if (!policy.allowedHosts?.has(name)) {
      const inside = addresses.find((address) => !isPublicAddress(address));
      if (inside !== undefined) {
        const message = `${name} leads to ${inside}, which is not on the public internet.`;
        throw refused("not-public", message, { host: name, address: inside });
      }
    }
    return addresses;
  }

  return async (address, options = {}) => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([timeout.signal, options.signal]) : timeout.signal;
    let url = parseUrl(address);
    let { method = "GET", body, headers = {} } = options;
    try {
      for (let redirects = 0; ; redirects++) {
        const addresses = await abortable(allowedAddresses(url.hostname), signal);
        const response = await send(url, addresses, { ...options, headers, method, body, signal });
        const location = response.headers.location;
        const { statusCode = 0 } = response;
        if (statusCode < 300 || statusCode > 399 || location === undefined) return { response, url };
        response.destroy();
        if (redirects === MAX_REDIRECTS) {
          const message = `${address} redirects more than ${MAX_REDIRECTS} times.`;
          throw refused("redirects", message, { address, most: MAX_REDIRECTS });
        }
        const next = parseUrl(location, url);
        if (next.origin !== url.origin) headers = withoutCredentials(headers);
        url = next;
        if (statusCode !== 307 && statusCode !== 308) [method, body] = [method === "HEAD" ? "HEAD" : "GET", undefined];
      }
    } catch (error) {
      if (error instanceof HeddleError) throw error;
      if (options.signal?.aborted) throw options.signal.reason;
      if (timeout.signal.aborted) throw tookTooLong(address);
      throw unreachable(url.host, error);
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * Fetches what a stranger named under the rules of {@link createGuardedRequest}, with limits on size and on the time for
 * everything together.
 * @throws HeddleError `fetch-refused`, `fetch-too-large`, `fetch-timeout`, `fetch-failed`
 */
export function createGuardedFetch(policy: FetchPolicy = {}): GuardedFetch {
  const request = createGuardedRequest(policy);
  return async (address, options = {}) => {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    try {
      const { response, url } = await request(address, { ...options, signal });
      const body = await readBody(response, options.maxBytes ?? DEFAULT_MAX_BYTES, url);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    } catch (error) {
      if (error instanceof HeddleError) throw error;
      if (options.signal?.aborted) throw options.signal.reason;
      if (timeout.aborted) throw tookTooLong(address);
      throw unreachable(hostOf(address), error);
    }
  };
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));
}

function send(
  url: URL,
  addresses: readonly string[],
  {
    method = "GET",
    headers = {},
    body,
    signal,
  }: Omit<GuardedRequest, "body"> & { body?: Uint8Array | string | undefined },
): Promise<IncomingMessage> {
  // Both forms of the callback: with `all` the connection tries one address after the other.
  const lookup: LookupFunction = (_hostname, options, callback) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (options.all) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method,
    // What is compressed could unfold to anything.
    headers: { "user-agent": "Heddle", "accept-encoding": "identity", ...headers },
    lookup,
    agent: false,
    ...(signal ? { signal } : {}),
  });
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
    request.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number, url: URL): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = Number(response.headers["content-length"] ?? 0);
  if (size > maxBytes) {
    response.destroy();
    throw tooLarge(url, maxBytes);
  }
  size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw tooLarge(url, maxBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function resolveWithSystem(hostname: string): Promise<string[]> {
  const found = await systemLookup(hostname, { all: true });
  return found.map(({ address }) => address);
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw refused("not-http", `"${text.slice(0, 200)}" is no http(s) address.`, { address: text.slice(0, 200) });
  if (url.username || url.password)
    throw refused("credentials", "Addresses with a user name or a password in them are not fetched.", {});
  return url;
}

const hostOf = (address: string): string => URL.parse(address)?.host ?? address;

type Facts = Readonly<Record<string, string | number>>;

function refused(
  cause: "not-public" | "redirects" | "not-http" | "credentials",
  message: string,
  facts: Facts,
): HeddleError {
  return new HeddleError({
    code: "fetch-refused",
    message,
    help: "Use a public http(s) address, or upload the file. The owner of this Heddle can allow a host with HEDDLE_FETCH_ALLOW.",
    details: { cause, ...facts },
  });
}

function failed(cause: "no-address" | "unreachable", message: string, facts: Facts, error?: unknown): HeddleError {
  const help = "Check the address, or upload the file.";
  return new HeddleError({ code: "fetch-failed", message, help, details: { cause, ...facts } }, { cause: error });
}

function unreachable(host: string, error: unknown): HeddleError {
  const reason = error instanceof Error ? error.message : String(error);
  return failed("unreachable", `${host} could not be reached: ${reason}`, { host, reason }, error);
}

function tooLarge(url: URL, maxBytes: number): HeddleError {
  const mebibytes = Math.round(maxBytes / 2 ** 20);
  return new HeddleError({
    code: "fetch-too-large",
    message: `What ${url.host} sends is larger than ${mebibytes} MiB.`,
    help: "Use a smaller file.",
    details: { maxBytes, host: url.host, mebibytes },
  });
}

function tookTooLong(address: string): HeddleError {
  const host = hostOf(address);
  return new HeddleError({
    code: "fetch-timeout",
    message: `${host} did not answer in time.`,
    help: "Try again later, or upload the file.",
    details: { host },
  });
}
