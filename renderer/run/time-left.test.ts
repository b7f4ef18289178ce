import { expect, test } from "vitest";
import { isWorthReading, type Pace, paced, timeLeftMs, untilAllDoneMs } from "./time-left.ts";

const play = (...steps: [now: number, share: number][]) =>
  steps.reduce<Pace | undefined>((pace, [now, share]) => paced(pace, share, now), undefined);

test("judges by the progress of the run from its first steps on, and soon by that alone", () => {
  const past = { startedAt: 0, expectedMs: 6_000 };
  expect(timeLeftMs(play([0, 0], [500, 0.005]), 500, past)).toBe(5_500);
  // A hundredth in a second: 99 s by itself, 5 s by what was; of the former a fifth.
  expect(timeLeftMs(play([0, 0], [1_000, 0.01]), 1_000, past)).toBeCloseTo(0.2 * 99_000 + 0.8 * 5_000);
  expect(timeLeftMs(play([0, 0], [1_000, 0.01]), 1_000)).toBeUndefined();
  expect(timeLeftMs(play([0, 0], [500, 0.05]), 500, past)).toBeCloseTo(9_500);
  expect(timeLeftMs(play([0, 0], [2_000, 0.2]), 2_000, past)).toBe(8_000);
  expect(timeLeftMs(undefined, 500, past)).toBe(5_500);
  expect(timeLeftMs(play([0, 0]), 500)).toBeUndefined();
});

test("goes down between two steps, and never below nothing", () => {
  const pace = play([0, 0], [2_000, 0.2]);
  expect(timeLeftMs(pace, 3_000)).toBe(7_000);
  expect(timeLeftMs(pace, 60_000)).toBe(0);
});

test("does not take what was told at once for what was computed", () => {
  // A window that is opened again hears the story of the run so far; 0.2 in 1 s is its pace.
  expect(timeLeftMs(play([0, 0], [20, 0.5], [1_020, 0.7]), 1_020)).toBeCloseTo(1_500);
});

test("the queue ends after the rest of what runs and all that waits", () => {
  expect(untilAllDoneMs([9_000], [14_000, 14_000])).toBe(37_000);
  expect(untilAllDoneMs([], [14_000])).toBe(14_000);
  expect(untilAllDoneMs([undefined], [14_000])).toBeUndefined();
});

test("a short rest is not shown", () => {
  expect([undefined, 2_900, 3_000].map(isWorthReading)).toEqual([false, false, true]);
});
