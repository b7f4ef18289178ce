import { expect, test } from "vitest";
import { Bandwidth } from "./bandwidth.ts";

const never = new AbortController().signal;

test("lifting or raising the limit wakes whoever waits for the old one", async () => {
  const bandwidth = new Bandwidth();
  bandwidth.limit = 1;
  // Hours, by this limit.
  const waiting = Promise.all([bandwidth.take(10_000, never), bandwidth.take(10_000, never)]);
  bandwidth.limit = 2;
  bandwidth.limit = 100_000_000;
  await waiting;
  bandwidth.limit = 1;
  const other = bandwidth.take(10_000, never);
  bandwidth.limit = undefined;
  await other;
});

test("a lower limit holds for those who wait already", async () => {
  const bandwidth = new Bandwidth();
  bandwidth.limit = 100_000;
  const waiting = bandwidth.take(10_000, never).then(() => "over");
  bandwidth.limit = 1;
  const later = new Promise((resolve) => setTimeout(() => resolve("still waiting"), 200));
  expect(await Promise.race([waiting, later])).toBe("still waiting");
  bandwidth.limit = undefined;
  expect(await waiting).toBe("over");
});

test("who waits can be stopped", async () => {
  const bandwidth = new Bandwidth();
  bandwidth.limit = 1;
  const stop = new AbortController();
  const waiting = bandwidth.take(10_000, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
});
