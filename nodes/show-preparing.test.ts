import { expect, it, vi } from "vitest";
import { showPreparing } from "./show-preparing.ts";

it("shows bytes as percent, with what is being done", () => {
  const progress = vi.fn();
  showPreparing(progress)({ done: 1.25e9, total: 6e9 });
  const label = expect.stringContaining("once");
  expect(progress).toHaveBeenCalledWith({ value: 20, max: 100, label, labelCode: "preparing" });
});
