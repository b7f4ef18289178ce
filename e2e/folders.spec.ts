import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faults } from "./axe.ts";
import { expect, test } from "./fixtures.ts";

test("a models folder is found by looking through folders, with the keyboard alone", async ({ studio, host }) => {
  const installed = join(host.homeFolder, "programs", "ComfyUI");
  for (const name of ["comfy", "models/checkpoints", "models/loras", ".git", "custom_nodes"])
    await mkdir(join(installed, name), { recursive: true });
  await writeFile(join(installed, "models", "loras", "sketch.safetensors"), "");
  await symlink(installed, join(host.homeFolder, "programs", "linked"));

  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await studio.keyboard.press("m");
  const manager = studio.getByRole("dialog", { name: "Models" });
  await manager.getByRole("button", { name: "Folders and disk" }).click();
  await manager.getByRole("textbox", { name: "Path of a folder" }).fill(join(host.homeFolder, "programs", "gone"));
  await manager.getByRole("button", { name: "Browse…" }).click();

  const dialog = studio.getByRole("dialog", { name: "Choose a folder" });
  const here = dialog.getByRole("navigation", { name: "Where you are" }).locator("[aria-current]");
  const field = dialog.getByRole("combobox", { name: "Filter folders, or type a path" });
  const folder = (name: string) => dialog.getByRole("option", { name, exact: true });
  await expect(here).toHaveText("programs");
  await expect(dialog.getByText("cannot be opened: this is the nearest folder above it")).toBeVisible();
  await expect(field).toBeFocused();
  await expect(folder("linked (link)")).toBeVisible();
  expect(await faults(studio, '[role="dialog"]')).toEqual([]);

  // Typing filters, Enter opens what fits, Backspace goes up to where one was.
  await studio.keyboard.type("comfy");
  await expect(folder("linked (link)")).toBeHidden();
  await expect(folder("ComfyUI")).toHaveAttribute("aria-selected", "true");
  await studio.keyboard.press("Enter");
  await expect(here).toHaveText("ComfyUI");
  await expect(dialog.getByText("This looks like an installation of ComfyUI.")).toBeVisible();
  await expect(folder("custom_nodes")).toBeVisible();
  await expect(folder(".git")).toBeHidden();
  await dialog.getByRole("button", { name: "Hidden folders" }).click();
  await expect(folder(".git")).toBeVisible();
  await field.press("Backspace");
  await expect(folder("ComfyUI")).toHaveAttribute("aria-selected", "true");

  // A path goes there; one that is gone is told, and what was open stays.
  await field.fill(join(installed, "models", "loras"));
  await field.press("Enter");
  await expect(here).toHaveText("loras");
  await expect(dialog.getByText("1 model file lies here.")).toBeVisible();
  await field.fill("/no/such/folder");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("it does not exist");
  await field.fill("");
  await expect(here).toHaveText("loras");
  await field.press("Alt+ArrowUp");
  await field.press("Alt+ArrowUp");
  await expect(here).toHaveText("ComfyUI");
  await field.press("Control+Enter");

  await expect(dialog).toBeHidden();
  await expect(manager.getByText(installed, { exact: true })).toBeVisible();
  await expect(manager.getByText(/ComfyUI, read in place/)).toBeVisible();
});
