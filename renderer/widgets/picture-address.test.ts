import { expect, test } from "vitest";
import { droppedAddress, pictureAddress } from "./picture-address.ts";

test.each([
  ["https://example.org/a.png", "https://example.org/a.png"],
  ["  http://example.org/a b.png".replace(" b", "%20b"), "http://example.org/a%20b.png"],
  ["https://例え.jp/猫.png", "https://xn--r8jz45g.jp/%E7%8C%AB.png"],
  ["example.org/a.png", undefined],
  ["file:///etc/passwd", undefined],
  ["javascript:alert(1)", undefined],
  ["data:image/png;base64,AAAA", undefined],
  ["look at https://example.org/a.png", undefined],
  ["https://", undefined],
  ["", undefined],
])("%j is %j", (text, address) => {
  expect(pictureAddress(text)).toBe(address);
});

test("of what is dropped, the list of addresses counts before the text", () => {
  const drop = (data: Record<string, string>) =>
    droppedAddress({ getData: (type: string) => data[type] ?? "" } as unknown as DataTransfer);
  expect(drop({ "text/uri-list": "# a comment\r\nhttps://a.example/1.png\r\nhttps://a.example/2.png" })).toBe(
    "https://a.example/1.png",
  );
  expect(drop({ "text/plain": "https://b.example/" })).toBe("https://b.example/");
  expect(drop({ "text/plain": "a cat" })).toBeUndefined();
});
