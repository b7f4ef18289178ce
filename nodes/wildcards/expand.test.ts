import { describe, expect, test } from "vitest";
import { expandWildcards } from "./expand.ts";

const files: Record<string, string[]> = {
  colours: ["red", "green", "blue"],
  "nature/flowers": ["a __colours__ rose"],
  snake_case: ["found"],
  loop: ["__loop__ again"],
};
const readFile = async (name: string) => files[name] ?? Promise.reject(new Error(`no ${name}`));
const expand = async (template: string, seed = 1n) => expandWildcards(template, { seed, readFile });

/** How often each text comes of 400 seeds. */
async function tally(template: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let seed = 0n; seed < 400n; seed++) {
    const { text } = await expand(template, seed);
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

describe("expandWildcards", () => {
  test("the same seed gives the same text, other seeds give others, up to the largest", async () => {
    const template = "{a|b|c|d}{a|b|c|d}{a|b|c|d}{a|b|c|d}";
    const texts = new Set<string>();
    for (const seed of [0n, 1n, 2n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n - 1n]) {
      const { text } = await expand(template, seed);
      expect(text).toMatch(/^[a-d]{4}$/);
      expect((await expand(template, seed)).text).toBe(text);
      texts.add(text);
    }
    expect(texts.size).toBeGreaterThanOrEqual(5);
    // Fixed for good: workflows that people share depend on it.
    expect((await expand(template, 7n)).text).toBe("ddca");
  });

  test("options come equally often, or by weight", async () => {
    for (const count of Object.values(await tally("{a|b}"))) expect(Math.abs(count - 200)).toBeLessThan(40);
    const weighted = await tally("{3::a|b|0::never}");
    expect(Math.abs(weighted.a! - 300)).toBeLessThan(40);
    expect(Object.keys(weighted).sort()).toEqual(["a", "b"]);
  });

  test("choices may stand inside choices, and may be empty", async () => {
    expect(Object.keys(await tally("{x{1|2}|y|}")).sort()).toEqual(["", "x1", "x2", "y"]);
  });

  test("names of files become lines of them, whose wildcards count too", async () => {
    const { text, choices } = await expand("in __nature/flowers__, __snake_case__");
    expect(text).toMatch(/^in a (red|green|blue) rose, found$/);
    expect(choices).toEqual([
      expect.stringMatching(/^colours: (red|green|blue)$/),
      expect.stringMatching(/^nature\/flowers: a /),
      "snake_case: found",
    ]);
  });

  test("what is no wildcard stays as it is", async () => {
    const text = "a|b } \\n __ __init  ___ 10::x \\(word\\) ::";
    expect(await expand(text)).toEqual({ text, choices: [] });
    expect((await expand("\\{a\\|b\\} {c\\|d}")).text).toBe("{a|b} c|d");
  });

  test.each([
    ["a {b|c", "wildcard-unclosed", "character 3"],
    ["{0::a|0::b}", "wildcard-weight", "{0::a|0::b}"],
    ["__loop__", "wildcard-endless", "1000"],
  ])("%s is refused: %s", async (template, code, part) => {
    await expect(expand(template)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
      field: "text",
    });
  });
});
