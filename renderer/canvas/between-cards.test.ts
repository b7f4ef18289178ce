import { expect, test } from "vitest";
import { heightBetween } from "./between-cards.ts";

test("between two cards is the middle of their gap, whichever is named first; cards side by side have none", () => {
  const upper = { y: 0, height: 240 };
  const lower = { y: 290, height: 300 };
  expect(heightBetween(upper, lower)).toBe(265);
  expect(heightBetween(lower, upper)).toBe(265);
  expect(heightBetween(upper, { y: 240, height: 10 })).toBe(240);
  expect(heightBetween(upper, { y: 200, height: 300 })).toBeUndefined();
});
