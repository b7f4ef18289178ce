import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { node, openByKeys } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const link = (page: Page, name: string) => page.getByRole("group", { name });
const pane = (page: Page) => page.locator(".react-flow__pane").click({ position: { x: 8, y: 120 } });
const picture = (page: Page) => node(page, "Save Image").getByRole("button", { name: /^Open picture/ });

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

/** Sampler and VAE Decode in a subgraph "Draw" that shows the seed and the steps. */
async function collapse(page: Page): Promise<void> {
  await heading(page, "Sampler").click();
  await heading(page, "VAE Decode").click({ modifiers: ["Shift"] });
  await page.keyboard.press("ControlOrMeta+Shift+E");
  const dialog = page.getByRole("dialog", { name: "Sockets and parameters" });
  await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("Draw");
  await dialog.getByRole("checkbox", { name: "Seed" }).check();
  await dialog.getByRole("checkbox", { name: "Steps", exact: true }).check();
  await dialog.getByRole("textbox", { name: "Name of the parameter Sampler Steps" }).fill("Patience");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(node(page, "Draw")).toBeVisible();
}

test("nodes become one, which is opened, changed inside, run, unpacked and taken back", async ({ studio }) => {
  await collapse(studio);
  await expect(node(studio, "Sampler")).toHaveCount(0);
  await expect(link(studio, "subgraph image → save image")).toBeAttached();
  // A number that no other test draws with: nothing of the run is cached.
  const patience = node(studio, "Draw").getByRole("spinbutton", { name: "Patience" });
  await patience.fill("7");
  await patience.press("Enter");

  await heading(studio, "Draw").dblclick();
  const crumbs = studio.getByRole("navigation", { name: "Where you are" });
  await expect(crumbs.getByText("Draw")).toBeVisible();
  await expect(node(studio, "Inputs").getByRole("button", { name: "Connect output VAE" })).toBeVisible();
  await expect(node(studio, "Prompt")).toHaveCount(0);
  // What is shown outside is set there: inside stands its value, and the way to it.
  await expect(node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" })).toHaveCount(0);
  await node(studio, "Sampler").getByRole("button", { name: "Steps 7 set on Draw" }).click();
  await expect(crumbs).toHaveCount(0);
  await expect(patience).toBeFocused();
  await expect(patience).toHaveValue("7");

  await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(picture(studio)).toBeVisible({ timeout: 90_000 });
  await expect(node(studio, "Draw").getByText(/\d (ms|s)/)).toBeVisible();
  await heading(studio, "Draw").dblclick();
  await expect(node(studio, "VAE Decode").getByText(/\d (ms|s)/)).toBeVisible();
  await crumbs.getByRole("button", { name: "Text to image" }).click();
  await expect(crumbs).toHaveCount(0);

  await heading(studio, "Draw").click();
  await studio.keyboard.press("ControlOrMeta+Shift+U");
  await expect(node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" })).toHaveValue("7");
  await expect(link(studio, "decode image → save image")).toBeAttached();
  await expect(link(studio, "sampler latent → decode latent")).toBeAttached();
  for (let steps = 0; steps < 2; steps++) await studio.keyboard.press("ControlOrMeta+z");
  await expect(patience).toHaveValue("8");
  await studio.keyboard.press("ControlOrMeta+z");
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Draw")).toHaveCount(0);
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("what is wrong inside is told on the node outside, and shown where it is", async ({ studio }) => {
  await collapse(studio);
  await heading(studio, "Draw").dblclick();
  await link(studio, "inputs model → sampler model").focus();
  await studio.keyboard.press("Enter");
  await studio.keyboard.press("Delete");
  await expect(node(studio, "Sampler").getByText("Connect Model to run this node.")).toBeVisible();
  await studio.keyboard.press("Alt+Backspace");
  await expect(node(studio, "Draw").getByText(/needs a link into its input "Model"/)).toBeVisible();
  await studio.getByRole("button", { name: "Run", exact: true }).click();
  // It goes to where the problem is.
  await expect(node(studio, "Sampler").getByText("Connect Model to run this node.")).toBeVisible();
});

test("a link to the empty socket makes a socket; a subgraph is refused inside itself", async ({ studio }) => {
  await collapse(studio);
  await heading(studio, "Draw").dblclick();
  await node(studio, "Sampler").getByRole("button", { name: "Connect input Negative" }).click();
  await studio.getByRole("option", { name: /Inputs New/ }).click();
  await expect(node(studio, "Inputs").getByRole("button", { name: "Connect output Negative" })).toBeVisible();
  // In the same way a socket on the other side.
  await node(studio, "Sampler").getByRole("button", { name: "Connect output Latent" }).click();
  await studio.getByRole("option", { name: /Outputs New/ }).click();
  await expect(node(studio, "Outputs").getByRole("button", { name: "Connect input Latent" })).toBeVisible();
  await studio.keyboard.press("Alt+Backspace");
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect input Negative" })).toBeVisible();
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect output Latent" })).toBeVisible();
  // They are named, ordered and taken away from outside.
  await heading(studio, "Draw").click({ button: "right" });
  await studio.getByRole("menuitem", { name: "Subgraph", exact: true }).click();
  await studio.getByRole("menuitem", { name: "Sockets and parameters…" }).click();
  const sockets = studio.getByRole("dialog", { name: "Sockets and parameters" });
  await sockets.getByRole("textbox", { name: "Name of the socket negative" }).fill("What to avoid");
  await sockets.getByRole("button", { name: "Take Latent out" }).last().click();
  await sockets.getByRole("button", { name: "Done" }).click();
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect input What to avoid" })).toBeVisible();
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect output Latent" })).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect input Negative" })).toBeVisible();
  await expect(node(studio, "Draw").getByRole("button", { name: "Connect output Latent" })).toBeVisible();

  await heading(studio, "Draw").click();
  await studio.keyboard.press("ControlOrMeta+c");
  await studio.keyboard.press("Alt+o");
  await expect(node(studio, "Inputs")).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+v");
  await expect(studio.getByText(/cannot be put into that subgraph/)).toBeVisible();
  await expect(node(studio, "Draw")).toHaveCount(0);
});

test("a subgraph is kept in the library, exported, and comes along into another workflow", async ({ studio, host }) => {
  await collapse(studio);
  await heading(studio, "Draw").click({ button: "right" });
  await studio.getByRole("menuitem", { name: "Subgraph", exact: true }).click();
  await studio.getByRole("menuitem", { name: "Keep in my library" }).click();
  await expect(studio.getByText("“Draw” is in your library.")).toBeVisible();
  await heading(studio, "Draw").click({ button: "right" });
  await studio.getByRole("menuitem", { name: "Subgraph", exact: true }).click();
  const [download] = await Promise.all([
    studio.waitForEvent("download"),
    studio.getByRole("menuitem", { name: "Export to a file…" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  await heading(studio, "Draw").click();
  await studio.keyboard.press("ControlOrMeta+c");

  await studio.keyboard.press("Alt+n");
  await expect(studio.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+v");
  await expect(node(studio, "Draw").getByRole("spinbutton", { name: "Patience" })).toHaveValue("8");

  await studio.keyboard.press("Alt+n");
  await expect(studio.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
  await pane(studio);
  await studio.keyboard.press("Tab");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("draw");
  await studio.getByRole("group", { name: "My library" }).getByRole("option", { name: /^Draw/ }).click();
  await expect(node(studio, "Draw")).toHaveCount(1);

  const path = join(host.homeFolder, "draw.subgraph.json");
  await writeFile(path, text);
  await openByKeys(studio, path);
  await expect(node(studio, "Draw")).toHaveCount(2);

  // What is kept is taken out again, by key too.
  await studio.keyboard.press("Alt+n");
  await studio.keyboard.press("Tab");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("draw");
  const kept = studio.getByRole("group", { name: "My library" }).getByRole("option", { name: /^Draw/ });
  await kept.hover();
  await expect(kept).toHaveAttribute("aria-selected", "true");
  await studio.keyboard.press("Shift+Delete");
  await expect(kept).toHaveCount(0);
});
