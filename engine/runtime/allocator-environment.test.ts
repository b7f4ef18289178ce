import { expect, it } from "vitest";
import { withAllocatorSettings } from "./allocator-environment.ts";

it("gives the C library's settings on Linux only, and leaves the user's alone", () => {
  expect(withAllocatorSettings({ A: "1" }, "linux")).toMatchObject({
    A: "1",
    GLIBC_TUNABLES: expect.stringContaining("arena_max=1"),
  });
  const own = { GLIBC_TUNABLES: "glibc.malloc.check=1" };
  expect(withAllocatorSettings(own, "linux")).toBe(own);
  const other = {};
  expect(withAllocatorSettings(other, "darwin")).toBe(other);
});
