import { expect, test } from "vitest";
import { formatDuration, formatEstimate, localeOf } from "./format.ts";

test("what was measured has tenths, what is only judged has whole seconds", () => {
  expect([420, 8_940, 65_000].map(formatDuration)).toEqual(["420 ms", "8.9 s", "1:05 min"]);
  expect([200, 8_940, 59_600, 65_000].map(formatEstimate)).toEqual(["1 s", "9 s", "1:00 min", "1:05 min"]);
});

test("dates are written as in the language of the window, in the person’s own kind of it", () => {
  expect(localeOf("zh-CN", ["en-GB", "en"])).toBe("zh-CN");
  expect(localeOf("en", ["zh-CN", "en-GB"])).toBe("en-GB");
});
