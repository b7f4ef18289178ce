import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "./fixtures.ts";

test("a workflow of ComfyUI is told to run only once its models are here, which are named and looked for", async ({
  studio,
}) => {
  const file = resolve(import.meta.dirname, "../test/fixtures/comfyui/turbo.ui-1.0.json");
  const data = await studio.evaluateHandle(
    (text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "turbo.json", { type: "application/json" }));
      return transfer;
    },
    await readFile(file, "utf8"),
  );
  await studio.locator(".react-flow").dispatchEvent("drop", { dataTransfer: data });
  const report = studio.getByRole("dialog", { name: "Workflow from ComfyUI" });
  await expect(report.getByText("can run as soon as the model is here that it needs", { exact: false })).toBeVisible();
  const missing = report.getByRole("listitem").filter({ hasText: "This model is not on this machine." });
  await expect(missing.filter({ hasText: "z-image.safetensors · Checkpoint" })).toHaveCount(1);
  await expect(report.getByText("can run here", { exact: false })).toHaveCount(0);
  await report.getByRole("button", { name: "Find the models…" }).click();
  await expect(studio.getByRole("dialog", { name: "Missing models" })).toBeVisible();
});
