import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandFileName } from "./file-name.ts";

const facts = {
  now: new Date(2026, 0, 5, 7, 8, 9),
  prompt: "A red circle, on a blue background!",
  seed: "7",
  width: 256,
  height: 128,
};
const expand = (pattern: string, more: Partial<typeof facts> = {}) => expandFileName(pattern, { ...facts, ...more });

describe("patterns", () => {
  test.each([
    ["%date%/%prompt%-%seed%-%counter%", "2026-01-05/a-red-circle-on-a-blue-background-7-%counter%"],
    ["%time% %width%x%height%", "07-08-09 256x128"],
    ["plain", "plain"],
    ["%counter%/set-%counter%/%counter%", "set/%counter%"],
    ["%DATE%", "2026-01-05"],
    ["%unknown%", "%unknown%"],
    ["%constructor%-%__proto__%", "%constructor%-%__proto__%"],
    ["a\\b/c", "a/b/c"],
    ["/etc/passwd", "etc/passwd"],
    ["../../escape", "escape"],
    ["..", "image"],
    ["C:\\Windows\\x", "C/Windows/x"],
    ["con/aux.txt", "_con/_aux.txt"],
    ["dots...", "dots"],
    ["  spaced   out  ", "spaced out"],
    ["", "image"],
    ["///", "image"],
  ])("%s becomes %s", (pattern, expected) => {
    expect(expand(pattern)).toBe(expected);
  });

  test("a prompt makes no folders and no odd names", () => {
    expect(expand("%prompt%", { prompt: "../../etc/passwd" })).toBe("etc-passwd");
    expect(expand("%prompt%", { prompt: "漢字 und Größe 🙂" })).toBe("漢字-und-größe");
    expect(expand("%prompt%", { prompt: "" })).toBe("image");
    expect(expand("%prompt%", { prompt: "x".repeat(500) })).toHaveLength(60);
    expect(expand("%prompt%", { prompt: "%seed% %date%" })).toBe("seed-date");
  });

  test("a missing seed leaves no trace", () => {
    expect(expand("a-%seed%-b", { seed: "" })).toBe("a-b");
  });
});

test("any pattern and prompt give plain relative names", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.string({ unit: "binary", maxLength: 400 }),
      (pattern, prompt) => {
        const segments = expand(pattern, { prompt }).split("/");
        expect(segments.length).toBeLessThanOrEqual(9);
        for (const segment of segments) {
          expect(segment).not.toMatch(/^\.*$|[\\:<>"|?*]|[. ]$/);
          expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(200);
          expect([...segment].every((character) => character >= " ")).toBe(true);
        }
      },
    ),
  );
});
