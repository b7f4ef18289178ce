import { expect, test } from "vitest";
import { drivers } from "./driver-key.ts";

test("the key is the same as long as nothing changes, and another one with other Vulkan drivers", () => {
  const { key } = drivers({}, "linux");
  expect(drivers({}, "linux").key).toBe(key);
  const others = drivers({ VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json" }, "linux");
  expect(others.key).not.toBe(key);
  expect(others.mayHaveGraphics).toBe(true);
});

test("only Linux says for certain that there is nothing to try", () => {
  expect(drivers({}, "darwin").mayHaveGraphics).toBe(true);
  expect(drivers({ SystemRoot: "/nowhere" }, "win32").mayHaveGraphics).toBe(true);
});
