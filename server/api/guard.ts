import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import {
  type AccessPolicy,
  apiCallerOf,
  credentialOf,
  OWNER,
  type Refusal,
  refusalOfHost,
  refusalOfOrigin,
} from "../http/access.ts";
import type { ApiKeys } from "../http/api-keys.ts";
import { type RateLimit, RateLimiter } from "../http/rate-limit.ts";

export interface ApiGuardOptions {
  policy: AccessPolicy;
  cookie: { name: string };
  keys: Pick<ApiKeys, "identify">;
  /** Of each API key; the owner has none. */
  rateLimit?: RateLimit;
}

/** Enough to ask after twenty jobs twice a second. */
const DEFAULT_RATE_LIMIT: RateLimit = { perSecond: 50, burst: 300 };

/** Decides who may use the programs' interfaces, and how often. */
export class ApiGuard {
  readonly #options: ApiGuardOptions;
  readonly #limiter: RateLimiter;

  constructor(options: ApiGuardOptions) {
    this.#options = options;
    this.#limiter = new RateLimiter(options.rateLimit ?? DEFAULT_RATE_LIMIT);
  }

  /** For addresses that are permissions in themselves. */
  forAnybody(): MiddlewareHandler {
    return async (c, next) => {
      const refusal = refusalOfHost(c.req.header("host"), this.#options.policy);
      return refusal ? c.json({ detail: refusal.reason }, refusal.status) : next();
    };
  }

  /** Why somebody may not even knock: the wrong name, or a page of another origin. */
  refusalOfDoor(request: { host: string | undefined; origin: string | undefined }): Refusal | undefined {
    return refusalOfHost(request.host, this.#options.policy) ?? refusalOfOrigin(request);
  }

  /** For those who bring the token or an API key. */
  forCallers(): MiddlewareHandler {
    return async (c, next) => {
      const caller = this.#callerOf(c);
      if (typeof caller !== "string") return c.json({ detail: caller.reason }, caller.status);
      const waitSeconds = this.take(caller);
      if (waitSeconds === 0) return next();
      c.header("Retry-After", String(waitSeconds));
      return c.json({ detail: `Too many requests: try again in ${waitSeconds} s.` }, 429);
    };
  }

  /** Seconds until the caller may try again; 0 when this request is fine. */
  take(caller: string): number {
    return caller === OWNER ? 0 : this.#limiter.take(caller);
  }

  /** Who a credential belongs to. */
  identify(credential: string): string | undefined {
    const { policy, keys } = this.#options;
    const caller = apiCallerOf(
      { host: "localhost", origin: undefined, credentials: [credential] },
      { ...policy, hostNames: new Set(["localhost"]) },
      (key) => keys.identify(key),
    );
    return "caller" in caller ? caller.caller : undefined;
  }

  #callerOf(c: Context): string | Refusal {
    const { policy, cookie, keys } = this.#options;
    const result = apiCallerOf(
      {
        host: c.req.header("host"),
        origin: c.req.header("origin"),
        credentials: [credentialOf(c.req.header("authorization")), c.req.query("token"), getCookie(c, cookie.name)],
      },
      policy,
      (key) => keys.identify(key),
    );
    return "caller" in result ? result.caller : result;
  }
}
