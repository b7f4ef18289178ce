import type { Page } from "@playwright/test";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const at = (x: number, y: number) => ({ position: { x, y }, params: {} });

/** Opens a workflow as somebody does who drops its file. */
async function drop(page: Page, workflow: object): Promise<void> {
  const text = JSON.stringify({ format: "heddle-workflow", version: 1, ...workflow });
  const data = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], "dropped.json", { type: "application/json" }));
    return transfer;
  }, text);
  await page.locator(".react-flow").dispatchEvent("drop", { dataTransfer: data });
}

const panAway = async (page: Page) => {
  await page.locator(".react-flow__pane").click({ position: { x: 12, y: 400 } });
  for (let times = 0; times < 8; times++) await page.keyboard.press("Shift+ArrowLeft");
};

test("tidying shows all that was tidied; of a part, one stays where one looks", async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await drop(studio, {
    title: "Scattered",
    nodes: [
      { id: "a", type: "load-model", title: "First", ...at(9_000, 0) },
      { id: "b", type: "prompt", title: "Second", ...at(-4_000, 5_000) },
      { id: "c", type: "sampler", title: "Third", ...at(0, -7_000) },
      { id: "d", type: "vae-decode", title: "Fourth", ...at(300, -7_000) },
    ],
    links: [
      { id: "1", from: { node: "a", port: "textEncoder" }, to: { node: "b", port: "textEncoder" } },
      { id: "2", from: { node: "b", port: "conditioning" }, to: { node: "c", port: "positive" } },
      { id: "3", from: { node: "c", port: "latent" }, to: { node: "d", port: "latent" } },
    ],
  });
  await expect(studio.getByRole("tab", { name: /^Scattered/, selected: true })).toBeVisible();
  await studio.locator(".react-flow__pane").click({ position: { x: 12, y: 400 } });
  await studio.keyboard.press("Shift+L");
  for (const title of ["First", "Second", "Third", "Fourth"])
    await expect(node(studio, title)).toBeInViewport({ ratio: 0.99 });

  const view = () => studio.locator(".react-flow__viewport").getAttribute("style");
  await node(studio, "First").getByRole("heading").click();
  await node(studio, "Second")
    .getByRole("heading")
    .click({ modifiers: ["Shift"] });
  const before = await view();
  await studio.keyboard.press("Shift+L");
  await expect(node(studio, "Second")).toBeInViewport();
  expect(await view()).toBe(before);
});

test("the reason of a failure stands at the top of its card, and is led to from where it is out of sight", async ({
  studio,
}) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await drop(studio, {
    title: "Fails",
    nodes: [
      { id: "load", type: "load-image", title: "Lost", ...at(0, 0), params: { image: `sha256:${"0".repeat(64)}` } },
      { id: "save", type: "save-image", title: "Keep", ...at(400, 0) },
    ],
    links: [{ id: "1", from: { node: "load", port: "image" }, to: { node: "save", port: "image" } }],
  });
  await expect(node(studio, "Lost")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+Enter");
  const reason = node(studio, "Lost").getByRole("alert");
  await expect(reason).toBeInViewport({ ratio: 0.99 });
  // Above the sockets and everything else of the card.
  const socket = node(studio, "Lost").getByText("Image", { exact: true }).first();
  expect((await reason.boundingBox())?.y).toBeLessThan((await socket.boundingBox())?.y ?? 0);

  await panAway(studio);
  await expect(reason).not.toBeInViewport();
  await studio.keyboard.press("ControlOrMeta+Enter");
  await studio.locator("[aria-live]").getByRole("button", { name: "Show node" }).click();
  await expect(reason).toBeInViewport({ ratio: 0.99 });

  await panAway(studio);
  await studio.getByRole("complementary", { name: "Results" }).getByRole("button", { name: "Show node" }).click();
  await expect(reason).toBeInViewport({ ratio: 0.99 });

  await panAway(studio);
  await studio.keyboard.press("Alt+h");
  await studio.getByRole("button", { name: /^Queue/ }).click();
  await studio.getByRole("complementary", { name: "Queue" }).getByRole("button", { name: "Show node" }).first().click();
  await expect(reason).toBeInViewport({ ratio: 0.99 });
});
