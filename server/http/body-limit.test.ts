import { Hono } from "hono";
import { expect, test } from "vitest";
import { limitBody } from "./body-limit.ts";

const app = new Hono();
app.use(limitBody({ maxSize: 10, onError: (c) => c.text("too large", 413) }));
app.all("/", async (c) => c.text(await c.req.text()));

async function post(body: string | undefined, headers: Record<string, string> = {}): Promise<string> {
  const response = await app.request("/", { method: "POST", headers, ...(body === undefined ? {} : { body }) });
  return response.text();
}

test("a body that tells its length is taken or refused by that", async () => {
  expect(await post("0123456789", { "content-length": "10" })).toBe("0123456789");
  expect(await post("0123456789a", { "content-length": "11" })).toBe("too large");
});

test("a body that comes in chunks, or does not say, is counted", async () => {
  const several: Record<string, string>[] = [
    {},
    { "transfer-encoding": "chunked" },
    { "transfer-encoding": "chunked", "content-length": "1" },
  ];
  for (const headers of several) {
    expect(await post("0123456789", headers)).toBe("0123456789");
    expect(await post("0123456789a", headers)).toBe("too large");
  }
  expect(await post(undefined)).toBe("");
});
