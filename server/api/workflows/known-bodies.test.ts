import { expect, test, vi } from "vitest";
import { KnownBodies } from "./known-bodies.ts";

test("a text is read once, as long as it is among those that came last", () => {
  const read = vi.fn((text: string) => ({ text }));
  const bodies = new KnownBodies(read);
  const first = bodies.get("first");
  for (let index = 0; index < 99; index++) bodies.get(String(index));
  expect(bodies.get("first")).toBe(first);
  expect(read).toHaveBeenCalledTimes(100);
  bodies.get("one more");
  expect(bodies.get("first")).toBe(first);
  bodies.get("0");
  expect(read).toHaveBeenCalledTimes(102);
});

test("what is wrong is told each time, and what is long is not kept", () => {
  const read = vi.fn((text: string): number => {
    if (text === "wrong") throw new Error("It is wrong.");
    return text.length;
  });
  const bodies = new KnownBodies(read);
  for (let count = 0; count < 2; count++) expect(() => bodies.get("wrong")).toThrow("It is wrong.");
  const long = "x".repeat(70_000);
  for (let count = 0; count < 2; count++) expect(bodies.get(long)).toBe(70_000);
  expect(read).toHaveBeenCalledTimes(4);
});
