import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DiskProbe, disksOf } from "./disks.ts";

const probe: DiskProbe = {
  deviceOf: async (path) => {
    const device = { "/": 1, "/models": 1, "/big": 2, "/away": 3 }[path];
    if (device === undefined) throw new Error("ENOENT");
    return device;
  },
  sizeOf: async (path) => {
    if (path === "/away") throw new Error("EIO");
    return path === "/big" ? { total: 900, free: 300 } : { total: 100, free: 10 };
  },
};

test("folders of one disk are told together, one that is not there yet with its parent, one that is away not at all", async () => {
  expect(await disksOf(["/models", "/big/comfy/models", "/away"], "/cache/derived", probe)).toEqual([
    { folders: ["/models"], hasDerived: true, totalBytes: 100, freeBytes: 10 },
    { folders: ["/big/comfy/models"], hasDerived: false, totalBytes: 900, freeBytes: 300 },
  ]);
});

test("this system tells the room that there is", async () => {
  const [disk] = await disksOf([tmpdir()], join(tmpdir(), "none", "such"));
  expect(disk).toMatchObject({ folders: [tmpdir()], hasDerived: true });
  expect(disk?.totalBytes).toBeGreaterThan(disk?.freeBytes ?? Number.POSITIVE_INFINITY);
});
