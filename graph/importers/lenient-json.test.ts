import { expect, test } from "vitest";
import { parseLenientJson } from "./lenient-json.ts";

test("keeps 64-bit integers exact as text, and leaves everything else alone", () => {
  expect(
    parseLenientJson('{"a": 18446744073709551615, "b": 9007199254740991, "c": 0.1, "d": -9007199254740993}'),
  ).toEqual({ a: "18446744073709551615", b: 9007199254740991, c: 0.1, d: "-9007199254740993" });
});

test("reads Python's NaN and Infinity outside of strings only", () => {
  expect(
    parseLenientJson('\uFEFF{"is_changed": [NaN, -Infinity, Infinity], "text": "NaN \\" Infinity", "NaN": 1}'),
  ).toEqual({
    is_changed: ["NaN", "-Infinity", "Infinity"],
    text: 'NaN " Infinity',
    NaN: 1,
  });
});

test("a number beyond a double keeps its digits", () => {
  expect(parseLenientJson("[1e400, -1e400, 1e-400]")).toEqual(["1e400", "-1e400", 0]);
});

test("what is no JSON even so is refused", () => {
  for (const text of ["", "{", "[NaNa]", '{"a": NaN', "undefined"]) {
    expect(() => parseLenientJson(text)).toThrow(SyntaxError);
  }
});
