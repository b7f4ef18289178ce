import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { workflow } from "../testing/workflows.ts";
import { embeddedEntries, readEmbedded } from "./embedded.ts";
import { addPngText, readPngText } from "./png-text.ts";
import { buildXmp, readXmpProperty } from "./xmp.ts";

const picture = () => sharp({ create: { width: 16, height: 8, channels: 3, background: "red" } });
const png = await picture().png().toBuffer();

describe("PNG text", () => {
  test("what is written is read back, and the pixels stay", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.string(), async (first, second) => {
        const written = addPngText(png, { parameters: first, other: second });
        expect(readPngText(written)).toEqual(
          new Map([
            ["parameters", first],
            ["other", second],
          ]),
        );
        expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer());
      }),
      { numRuns: 30 },
    );
  });

  test("plain text is tEXt, which every reader knows; other text is iTXt", () => {
    expect(Buffer.from(addPngText(png, { a: "plain" })).includes("tEXta\0plain")).toBe(true);
    expect(Buffer.from(addPngText(png, { a: "漢" })).includes("iTXta\0\0\0\0\0漢")).toBe(true);
  });

  test("other programs find the entries: libvips lists them", async () => {
    const { comments } = await sharp(addPngText(png, { parameters: "hello" })).metadata();
    expect(comments).toContainEqual({ keyword: "parameters", text: "hello" });
  });

  test("damage ends the reading, it does not throw", () => {
    const whole = addPngText(png, { a: "1", b: "2" });
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(255), (position, byte) => {
        const damaged = Uint8Array.from(whole);
        if (position < damaged.length) damaged[position] = byte;
        readPngText(damaged);
        readPngText(whole.subarray(0, position));
      }),
    );
  });

  test("bytes that are no PNG cannot be added to", () => {
    expect(() => addPngText(new Uint8Array(50), { a: "1" })).toThrow(TypeError);
  });
});

describe("XMP", () => {
  test("what is written is read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(readXmpProperty(buildXmp({ workflow: text, other: "x" }), "workflow")).toBe(text);
      }),
    );
  });

  test("characters that XML cannot hold are left out", () => {
    expect(readXmpProperty(buildXmp({ parameters: "a\u0000b\u001bc\r\n" }), "parameters")).toBe("abc\r\n");
  });

  test("a packet rewritten with attributes is read as well, another namespace is not", () => {
    const attribute =
      '<rdf:Description xmlns:heddle="urn:heddle:metadata:1" heddle:workflow="{&quot;a&quot;:&#x31;}"/>';
    expect(readXmpProperty(attribute, "workflow")).toBe('{"a":1}');
    expect(readXmpProperty("<heddle:workflow>1</heddle:workflow>", "workflow")).toBeUndefined();
  });
});

describe("any picture", () => {
  const document = workflow({ a: ["words", { params: { text: "漢字 <&> 🙂" } }] });
  const entries = embeddedEntries(document, "parameters ü");

  test("the workflow is ASCII JSON", () => {
    expect(entries.workflow).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(entries.workflow!)).toEqual(document);
  });

  test.each(["jpeg", "webp"] as const)("%s", async (format) => {
    const bytes = await picture().withXmp(buildXmp(entries))[format]().toBuffer();
    expect(readEmbedded(bytes)).toEqual(entries);
    expect(readEmbedded(await picture()[format]().toBuffer())).toEqual({});
    for (let length = 0; length < bytes.length; length += 7) readEmbedded(bytes.subarray(0, length));
  });

  test("png, and what is no picture", () => {
    expect(readEmbedded(addPngText(png, entries))).toEqual(entries);
    expect(readEmbedded(png)).toEqual({});
    expect(readEmbedded(new TextEncoder().encode('{"format":"heddle-workflow"}'))).toBeUndefined();
    expect(readEmbedded(new Uint8Array(0))).toBeUndefined();
  });
});
