import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { workflow } from "../testing/workflows.ts";
import { embeddedEntries, readEmbedded } from "./embedded.ts";
import { readExifText } from "./exif.ts";
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
  test("entities that XML does not know stay as they are", () => {
    const packet = buildXmp({ workflow: "x" }).replace(">x<", ">&constructor; &lt;&toString;<");
    expect(readXmpProperty(packet, "workflow")).toBe("&constructor; <&toString;");
  });

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

describe("EXIF of other programs", () => {
  const written = async () =>
    picture()
      .webp()
      .withExif({
        IFD0: { Make: 'workflow:{"nodes":[]}', Model: 'prompt:{"1":{}}' },
        IFD2: { UserComment: "Steps: 8" },
      })
      .toBuffer();

  test("ComfyUI's workflow and prompt, and settings in the comment, are found in WebP and JPEG", async () => {
    const jpeg = await sharp(await written())
      .keepExif()
      .jpeg()
      .toBuffer();
    for (const bytes of [await written(), jpeg]) {
      expect(readEmbedded(bytes)).toMatchObject({
        workflow: '{"nodes":[]}',
        prompt: '{"1":{}}',
        parameters: "Steps: 8",
      });
    }
  });

  test("a comment in UTF-16 is read in either byte order, whatever the file's is", () => {
    for (const [order, encoding] of [
      ["II", "be"],
      ["II", "le"],
      ["MM", "be"],
      ["MM", "le"],
    ] as const) {
      const utf16 = Buffer.from("Steps: 8, café", "utf16le");
      const text = Buffer.concat([Buffer.from("UNICODE\0"), encoding === "le" ? utf16 : utf16.swap16()]);
      expect(readExifText(tiffWithComment(order, text)).userComment).toBe("Steps: 8, café");
    }
  });

  test("damage leaves entries out, it does not throw", async () => {
    const whole = await written();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (position, byte) => {
        const damaged = Uint8Array.from(whole);
        damaged[position] = byte;
        readEmbedded(damaged);
        readEmbedded(whole.subarray(0, position));
      }),
    );
  });
});

/** A TIFF directory whose only entry leads to a second one, whose only entry is the user comment. */
function tiffWithComment(order: "II" | "MM", comment: Buffer): Uint8Array {
  const header = new DataView(new ArrayBuffer(44));
  const little = order === "II";
  const entry = (offset: number, tag: number, type: number, count: number, value: number) => {
    header.setUint16(offset, 1, little);
    header.setUint16(offset + 2, tag, little);
    header.setUint16(offset + 4, type, little);
    header.setUint32(offset + 6, count, little);
    header.setUint32(offset + 10, value, little);
  };
  for (const place of [0, 1]) header.setUint8(place, order.charCodeAt(0));
  header.setUint16(2, 42, little);
  header.setUint32(4, 8, little);
  entry(8, 0x8769, 4, 1, 26);
  entry(26, 0x9286, 7, comment.length, 44);
  return Buffer.concat([Buffer.from(header.buffer), comment]);
}
