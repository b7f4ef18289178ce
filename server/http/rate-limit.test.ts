import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limit.ts";

test("a caller may come in bursts, is told when to come back, and does not touch others", () => {
  let now = 0;
  const limiter = new RateLimiter({ perSecond: 2, burst: 3 }, () => now);
  expect([1, 2, 3, 4].map(() => limiter.take("a"))).toEqual([0, 0, 0, 1]);
  expect(limiter.take("b")).toBe(0);
  now = 500;
  expect(limiter.take("a")).toBe(0);
  expect(limiter.take("a")).toBe(1);
  now = 3_600_000;
  expect([1, 2, 3, 4].map(() => limiter.take("a"))).toEqual([0, 0, 0, 1]);
});
