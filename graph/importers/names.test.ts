import { expect, test } from "vitest";
import { Names } from "./names.ts";

test("what is taken gets a number, also one that is taken elsewhere", () => {
  const names = new Names();
  expect([names.take("a"), names.take("a"), names.take("a-2"), names.take("a")]).toEqual(["a", "a-2", "a-2-2", "a-3"]);
  expect(names.take("b", (name) => name === "b")).toBe("b-2");
  expect(names.size).toBe(5);
});
