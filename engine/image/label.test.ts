import { describe, expect, test } from "vitest";
import { labelSvg, textWidth, wrapText } from "./label.ts";

describe("wrapText", () => {
  test.each([
    ["a red house", 20, ["a red house"]],
    ["a red house", 6, ["a red", "house"]],
    ["a  red\nhouse", 5, ["a red", "house"]],
    ["dpmpp_2m_sde", 5, ["dpmp", "p_2m", "_sde"]],
    ["at dpmpp_2m", 5, ["at", "dpmp", "p_2m"]],
    ["一座红色的房子", 7, ["一座红色", "的房子"]],
    ["", 5, [""]],
    ["x", 0.2, ["x"]],
  ] as const)("%j in %d letters", (text, letters, lines) => {
    expect(wrapText(text, letters)).toEqual(lines);
  });
});

describe("labelSvg", () => {
  const room = { width: 100, height: 16, fontSize: 10, background: "#000000" };
  const linesOf = (svg: string) => [...svg.matchAll(/<tspan[^>]*>([^<]*)</g)].map(([, line]) => line);

  test("text that fits has the size asked for, in an ink that can be read", () => {
    const svg = labelSvg("a & b", room);
    expect(svg).toContain('font-size="10" fill="#ffffff"');
    expect(linesOf(svg)).toEqual(["a &amp; b"]);
    expect(labelSvg("a", { ...room, background: "#ffffff" })).toContain('fill="#000000"');
  });

  test("text that is too long becomes smaller, then is cut off", () => {
    const longer = "twenty letters fit on";
    expect(textWidth(longer, 10)).toBeGreaterThan(100);
    expect(labelSvg(longer, room)).toContain('font-size="7"');
    expect(linesOf(labelSvg(longer, room))).toEqual([longer]);
    expect(linesOf(labelSvg("a long sentence that nobody reads anyway", room))[0]).toMatch(/…$/);
  });

  test("a higher room takes more lines", () => {
    expect(linesOf(labelSvg("a long sentence that is read", { ...room, height: 48 }))).toEqual([
      "a long sentence",
      "that is read",
    ]);
  });
});
