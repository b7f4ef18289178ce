import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

/**
 * Refuses bodies of more than `maxSize` bytes. Of a body whose length is told beforehand only that is looked at, since
 * Node's parser holds the sender to it: hono's own limit makes a web stream of every body first, which costs more than all
 * else that is done for a small request.
 */
export function limitBody(options: { maxSize: number; onError(c: Context): Response }): MiddlewareHandler {
  const counted = bodyLimit(options);
  return async (c, next) => {
    const length = c.req.header("content-length");
    if (length === undefined || c.req.header("transfer-encoding") !== undefined) return counted(c, next);
    return Number.parseInt(length, 10) > options.maxSize ? options.onError(c) : next();
  };
}
