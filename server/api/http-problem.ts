import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { checkJsonBounds } from "../../graph/json-bounds.ts";

/** A request that is answered with this status and sentence. */
export class HttpProblem extends Error {
  readonly status: ContentfulStatusCode;

  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws HttpProblem 400 */
export async function readJson(c: Context): Promise<unknown> {
  return parseJson(await c.req.text());
}

/**
 * Bounded JSON: what looks at it afterwards may be recursive.
 * @throws HttpProblem 400
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpProblem(400, "The body is not JSON.");
  }
  try {
    checkJsonBounds(value);
  } catch {
    throw new HttpProblem(400, "The body holds too many values, is nested too deep, or has a field named __proto__.");
  }
  return value;
}
