import { expect, it } from "vitest";
import { withWholeSizes } from "./markdown-text.tsx";

it("keeps sizes on one line, and leaves other words as they are", () => {
  expect(withWholeSizes("at 128 × 128, or 64 x 64 x 3")).toBe(
    "at 128\u00a0×\u00a0128, or 64\u00a0x\u00a064\u00a0x\u00a03",
  );
  expect(withWholeSizes("2 x as large, a × b")).toBe("2 x as large, a × b");
});
