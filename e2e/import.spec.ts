import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { node } from "./actions.ts";
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
  // Nodes have numbers there; links are told by titles.
  await expect(studio.getByLabel("Load Model Model → Sampler Model").first()).toBeAttached();
  await report.getByRole("button", { name: "Find the models…" }).click();
  await expect(studio.getByRole("dialog", { name: "Missing models" })).toBeVisible();
});

test("a result is dragged onto the canvas and into a picture field, and a workflow onto the start page", async ({
  studio,
}) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+Enter");
  const result = studio.getByRole("complementary", { name: "Results" }).getByRole("button", { name: /^Picture/ });
  await expect(result.first()).toBeVisible({ timeout: 60_000 });
  await result.first().dragTo(studio.locator(".react-flow__pane"), { targetPosition: { x: 960, y: 40 } });
  const card = node(studio, "Load Image");
  const field = card.locator("[data-param=image] img");
  await expect(field).toBeVisible();
  const address = await field.getAttribute("src");
  await card.getByRole("button", { name: "Remove the picture" }).click();
  await expect(field).toHaveCount(0);
  await result.first().dragTo(card.getByRole("button", { name: /^Picture: / }));
  await expect(field).toHaveAttribute("src", address ?? "");
  await expect(card).toHaveCount(1);

  await studio.keyboard.press("Escape");
  await studio.locator(".react-flow__pane").click({ position: { x: 8, y: 200 } });
  await studio.keyboard.press("Alt+h");
  const home = studio.getByRole("heading", { name: "What shall it be?" });
  await expect(home).toBeVisible();
  const data = await studio.evaluateHandle(() => {
    const workflow = { format: "heddle-workflow", version: 1, title: "Brought", nodes: [], links: [] };
    const transfer = new DataTransfer();
    transfer.items.add(new File([JSON.stringify(workflow)], "brought.json", { type: "application/json" }));
    return transfer;
  });
  await home.dispatchEvent("drop", { dataTransfer: data });
  await expect(studio.getByRole("tab", { name: "Brought", selected: true })).toBeVisible();
});
