import { hash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** What access is decided on: the parts of a request that a browser or an attacker controls. */
export interface AccessRequest {
  method: string;
  isWebSocket: boolean;
  /** `Host` header. */
  host: string | undefined;
  origin: string | undefined;
  /** From the URL's query. */
  token: string | undefined;
  cookieToken: string | undefined;
}

export interface AccessPolicy {
  token: string;
  /** Names and addresses, lower case, under which this host may be spoken to. */
  hostNames: ReadonlySet<string>;
}

export interface Refusal {
  status: 400 | 401 | 403;
  reason: string;
  /** Of what a person meets in a browser. */
  reasonInChinese?: string;
}

const NO_TOKEN: Refusal = {
  status: 401,
  reason: "Open the address that Heddle printed when it started, with its token.",
  reasonInChinese: "请打开 Heddle 启动时显示的完整地址（包含其中的 token）。",
};

/**
 * Who may talk to a web host: whoever addresses it by its own name (a page that rebinds its DNS name to this machine does
 * not), does not come from another site's page, and knows the token. `undefined` means welcome.
 */
export function refusalOf(request: AccessRequest, policy: AccessPolicy): Refusal | undefined {
  const misdirected = refusalOfHost(request.host, policy);
  if (misdirected) return misdirected;
  if (request.isWebSocket || !["GET", "HEAD"].includes(request.method)) {
    // A browser always says where such a request comes from; a program that does not must bring the token itself.
    const isSameOrigin = request.origin !== undefined && hostOfOrigin(request.origin) === request.host?.toLowerCase();
    const isProgram = request.origin === undefined && request.token !== undefined;
    if (!isSameOrigin && !isProgram) return { status: 403, reason: "Requests from other sites are refused." };
  }
  const known = [request.token, request.cookieToken].some(
    (token) => token !== undefined && isSame(token, policy.token),
  );
  return known ? undefined : NO_TOKEN;
}

/** The part of the rule that holds for everything, `/healthz` included. */
export function refusalOfHost(host: string | undefined, policy: AccessPolicy): Refusal | undefined {
  const name = nameOfHost(host);
  if (name === undefined) return { status: 400, reason: "The Host header makes no sense." };
  if (!policy.hostNames.has(name))
    return { status: 403, reason: `This host is not called ${name}.`, reasonInChinese: `此主机的名称不是 ${name}。` };
  return undefined;
}

/** A refusal as a browser shows it, in the first language of `Accept-Language` that Heddle speaks. */
export function refusalText({ reason, reasonInChinese }: Refusal, acceptLanguage: string | undefined): string {
  const [first] = /\b(?:zh|en)\b/i.exec(acceptLanguage ?? "") ?? [];
  return (first?.toLowerCase() === "zh" && reasonInChinese) || reason;
}

export interface ApiAccessRequest {
  /** `Host` header. */
  host: string | undefined;
  origin: string | undefined;
  /** Whatever might be a token or an API key: of the `Authorization` header, the query, the cookie. */
  credentials: readonly (string | undefined)[];
}

/**
 * Who may use the programs' interfaces: as above, but an API key does as well as the token. Pages of other origins may not:
 * there is no CORS here.
 * @param identifyKey the id of an API key, `undefined` when it is none
 */
export function apiCallerOf(
  request: ApiAccessRequest,
  policy: AccessPolicy,
  identifyKey: (key: string) => string | undefined,
): { caller: string } | Refusal {
  const refusal = refusalOfHost(request.host, policy) ?? refusalOfOrigin(request);
  if (refusal) return refusal;
  for (const credential of request.credentials) {
    if (credential === undefined) continue;
    if (isSame(credential, policy.token)) return { caller: OWNER };
    const id = identifyKey(credential);
    if (id !== undefined) return { caller: id };
  }
  return { status: 401, reason: "An API key of this Heddle, or its token, is needed." };
}

/** The caller who knows the host's token. */
export const OWNER = "owner";

/** A page of another origin; programs do not say where they come from. */
export function refusalOfOrigin({ host, origin }: Pick<ApiAccessRequest, "host" | "origin">): Refusal | undefined {
  return origin === undefined || hostOfOrigin(origin) === host?.toLowerCase()
    ? undefined
    : { status: 403, reason: "Requests from other sites are refused." };
}

/** The credential of an `Authorization` header: `Key …` (fal) or `Bearer …` (Runware). */
export function credentialOf(authorization: string | undefined): string | undefined {
  return /^(?:key|bearer)\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
}

/** `example.org:80` or `[::1]:80` without the port, lower case. */
function nameOfHost(host: string | undefined): string | undefined {
  const match = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9._-]+))(?::(?<port>\d{1,5}))?$/.exec(
    host?.toLowerCase() ?? "",
  );
  const { v6, name, port = "0" } = match?.groups ?? {};
  return Number(port) <= 65_535 ? (v6 ?? name) : undefined;
}

function hostOfOrigin(origin: string): string | undefined {
  const url = URL.parse(origin);
  return url && ["http:", "https:"].includes(url.protocol) ? url.host : undefined;
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => hash("sha256", text, "buffer");
  return timingSafeEqual(digest(given), digest(expected));
}

const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/** The names of a host bound to `bound`; a wildcard address answers to every address and the name of the machine. */
export function hostNamesOf(
  bound: string,
  machine: { addresses: readonly string[]; name: string },
  publicUrl?: URL,
): Set<string> {
  const given = publicUrl ? [nameOfHost(publicUrl.host) ?? publicUrl.hostname] : [];
  if (LOOPBACK.includes(bound)) return new Set([...LOOPBACK, ...given]);
  const isWildcard = bound === "0.0.0.0" || bound === "::";
  const names = isWildcard ? [...machine.addresses, machine.name] : [bound];
  return new Set([...LOOPBACK, ...names, ...given].map((name) => name.toLowerCase()));
}

/** Whether only this machine can reach a host bound to `bound`. */
export function isLoopback(bound: string): boolean {
  return LOOPBACK.includes(bound) || (isIP(bound) === 4 && bound.startsWith("127."));
}
