import type { Page } from "@playwright/test";
import sharp from "sharp";
import { expectWorkflow, node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const result = (page: Page) => node(page, "Save Image").getByRole("button", { name: /^Open picture/ });

async function openTemplate(page: Page, title: string) {
  await expect(node(page, "Sampler")).toBeVisible();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "New from template" }).click();
  await page.getByRole("dialog").getByRole("button", { name: title }).first().click();
  await expectWorkflow(page, title);
}

const photo = (background: string) =>
  sharp({ create: { width: 320, height: 200, channels: 3, background } })
    .jpeg()
    .toBuffer();

test("a picture is chosen, dropped and drawn from; what is no picture is refused", async ({ studio }) => {
  await openTemplate(studio, "Image to image");
  const loader = node(studio, "Load Image");
  const shown = loader.locator("img");
  const isPainted = () => shown.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth > 0);
  await expect.poll(isPainted).toBe(true);
  const bundled = await shown.getAttribute("src");

  const [chooser] = await Promise.all([
    studio.waitForEvent("filechooser"),
    loader.getByRole("button", { name: "Picture: Choose another picture" }).click(),
  ]);
  await chooser.setFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: await photo("orange") });
  await expect(shown).not.toHaveAttribute("src", bundled!);
  await expect.poll(isPainted).toBe(true);
  const chosen = await shown.getAttribute("src");

  const drop = async (name: string, type: string, bytes: Buffer) => {
    const files = await studio.evaluateHandle(
      ([fileName, fileType, content]) => {
        const transfer = new DataTransfer();
        const data = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
        transfer.items.add(new File([data], fileName, { type: fileType }));
        return transfer;
      },
      [name, type, bytes.toString("base64")] as const,
    );
    const target = loader.getByRole("button", { name: "Picture: Choose another picture" });
    await target.dispatchEvent("drop", { dataTransfer: files });
  };
  await drop("notes.png", "image/png", Buffer.from("no picture at all"));
  await expect(studio.getByText("The file is no picture that can be read, or it is damaged.")).toBeVisible();
  await expect(shown).toHaveAttribute("src", chosen!);
  await drop("blue.jpg", "image/jpeg", await photo("navy"));
  await expect(shown).not.toHaveAttribute("src", chosen!);
  await expectWorkflow(studio, "Image to image");

  await studio.keyboard.press("ControlOrMeta+Enter");
  await expect(result(studio)).toBeVisible({ timeout: 90_000 });

  await loader.getByRole("button", { name: "Remove the picture" }).click();
  await expect(shown).toBeHidden();
  await expect(loader.getByText("has no picture yet", { exact: false })).toBeVisible();
});

test("LoRAs of a stack are added, moved, switched and removed", async ({ studio }) => {
  await openTemplate(studio, "LoRA, compared");
  const stack = node(studio, "LoRA Stack").first();
  const weight = (number: number) => stack.getByRole("spinbutton", { name: `Weight ${number}` });
  await expect(weight(1)).toHaveValue("0.00");
  await stack.getByRole("button", { name: "Add LoRA" }).click();
  await expect(stack.getByRole("combobox", { name: /^LoRA 2: ink/ })).toBeVisible();
  await weight(2).fill("-2.5");
  await weight(2).press("Enter");
  await stack.getByRole("button", { name: /^Place of LoRA 2/ }).press("ArrowUp");
  await expect(weight(1)).toHaveValue("-2.50");
  await expect(weight(2)).toHaveValue("0.00");
  await stack.getByRole("switch").first().click();
  await expect(stack.getByRole("switch").first()).not.toBeChecked();
  await stack.getByRole("button", { name: "Remove LoRA 1" }).click();
  await expect(weight(1)).toHaveValue("0.00");
  await expect(weight(2)).toBeHidden();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(weight(1)).toHaveValue("-2.50");
});
