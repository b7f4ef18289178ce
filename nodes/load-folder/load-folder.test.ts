import sharp from "sharp";
import { expect, test } from "vitest";
import { picturesAt, pixelAt, runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

const png = (width: number, height: number, grey: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();

async function setUp() {
  const { services, inputFiles } = createTestServices();
  inputFiles.set("b/10.png", await png(4, 4, 10));
  inputFiles.set("b/9.png", await png(8, 2, 9));
  inputFiles.set("b/broken.png", Buffer.from("no picture"));
  const load = (params: Record<string, string | number | boolean> = {}) =>
    runNode("load-folder", {}, { folder: "b", ...params }, services);
  return { load, services, inputFiles };
}

test("gives the pictures in order, and says which could not be read", async () => {
  const { load } = await setUp();
  const { outputs, info, warnings } = await load();
  expect(picturesAt(outputs).map((item) => [item.width, item.height, pixelAt(item, 0, 0)[0]])).toEqual([
    [8, 2, 9],
    [4, 4, 10],
  ]);
  expect(outputs).toMatchObject({ names: "b/9.png\nb/10.png", count: 2 });
  expect(info).toEqual({ pictures: 2, inFolder: 3 });
  expect(warnings).toMatchObject([{ code: "picture-unreadable", message: expect.stringContaining("b/broken.png") }]);
});

test("leaves out, stops, and makes large pictures smaller", async () => {
  const { load } = await setUp();
  expect((await load({ skip: 1, limit: 1 })).outputs.names).toBe("b/10.png");
  expect(picturesAt((await load({ longestSide: 4 })).outputs)[0]).toMatchObject({ width: 4, height: 1 });
  expect(picturesAt((await load({ longestSide: 0 })).outputs)[0]).toMatchObject({ width: 8, height: 2 });
});

test("a folder with nothing to show is told", async () => {
  const { load } = await setUp();
  await expect(load({ folder: "" })).rejects.toMatchObject({ code: "folder-empty", field: "folder" });
  await expect(load({ skip: 5 })).rejects.toMatchObject({ code: "folder-empty", field: "skip" });
});

test("what is in the folder counts for the cache", async () => {
  const { services, inputFiles } = await setUp();
  const { runner } = await import("./run.ts");
  const key = () => runner.fingerprint!(services, { folder: "b", subfolders: false });
  const before = await key();
  expect(await key()).toBe(before);
  inputFiles.set("b/11.png", await png(2, 2, 1));
  expect(await key()).not.toBe(before);
});
