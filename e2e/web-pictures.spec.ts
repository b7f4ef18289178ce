import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { node } from "./actions.ts";
import { expect, startHost, test } from "./fixtures.ts";

test("a picture of the web comes only after its server was named and agreed to", async ({ page }) => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? "");
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: "teal" } });
    response.writeHead(200, { "content-type": "image/png" }).end(await picture.png().toBuffer());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await using started = await startHost({ HEDDLE_FETCH_ALLOW: "127.0.0.1" });
  try {
    await page.goto(started.host.url);
    await expect(node(page, "Sampler")).toBeVisible();
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("menuitem", { name: "New from template" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Image to image" }).first().click();
    const loader = node(page, "Load Image");
    const shown = loader.locator("img");
    await expect(shown).toBeVisible();
    const before = (await shown.getAttribute("src")) ?? "";

    await loader.getByRole("button", { name: "Picture from the web" }).click();
    const dialog = page.getByRole("dialog", { name: "Picture from the web" });
    const fetchButton = dialog.getByRole("button", { name: "Fetch", exact: true });
    await dialog.getByRole("textbox", { name: "Address of the picture" }).fill("a cat");
    await expect(fetchButton).toBeDisabled();
    await dialog.getByRole("textbox", { name: "Address of the picture" }).fill(`http://127.0.0.1:${port}/cat.png`);
    await expect(dialog.getByText(`Heddle will ask 127.0.0.1:${port}`, { exact: false })).toBeVisible();
    expect(asked).toEqual([]);
    await fetchButton.click();
    await expect(shown).not.toHaveAttribute("src", before);
    expect(asked).toEqual(["/cat.png"]);
  } finally {
    server.close();
  }
});

test("every run counts the seed on, where that is asked for", async ({ studio }) => {
  const sampler = node(studio, "Sampler");
  const seed = sampler.getByRole("textbox", { name: "Seed" });
  await seed.fill("9007199254740992");
  await seed.press("Enter");
  await sampler.getByRole("button", { name: /^At every run/ }).click();
  await studio.getByRole("menuitemradio", { name: "One more than the last" }).click();
  await expect(studio.getByRole("menu")).toBeHidden();
  await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(seed).toHaveValue("9007199254740993");
  await expect(node(studio, "Save Image").getByRole("button", { name: /^Open picture/ })).toBeVisible({
    timeout: 90_000,
  });
  await expect(seed).toHaveValue("9007199254740993");

  // Locked, it stays as it is, and so does the picture.
  await sampler.getByRole("button", { name: /^At every run/ }).click();
  await studio.getByRole("menuitemradio", { name: "Keep this seed" }).click();
  await expect(studio.getByRole("menu")).toBeHidden();
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(studio.getByText("Nothing has changed since the last run, so the result is the same.")).toBeVisible();
  await expect(seed).toHaveValue("9007199254740993");
});
