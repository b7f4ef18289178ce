import type { Page } from "@playwright/test";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

/**
 * Files with a way back (File System Access API). The browser's dialogs cannot be driven: the ones here take the file that
 * `window.chosen` names in the page's private folder, whose handles are like any others, and note what they were asked.
 */
interface Dialogs {
  chosen: string | undefined;
}
const prompt = (page: Page) => node(page, "Prompt").getByRole("textbox", { name: "Prompt" });
const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });
const asked = (page: Page) => page.evaluate(() => (localStorage.getItem("asked") ?? "").split("|").filter(Boolean));
const choose = (page: Page, name: string | undefined) =>
  page.evaluate((file) => {
    (globalThis as unknown as Dialogs).chosen = file;
  }, name);

function onDisk(page: Page, name: string, change?: { replace: string; by: string } | "remove"): Promise<string> {
  return page.evaluate(
    async ([fileName, edit]) => {
      const folder = await navigator.storage.getDirectory();
      if (edit === "remove") {
        await folder.removeEntry(fileName);
        return "";
      }
      const handle = await folder.getFileHandle(fileName);
      const text = await (await handle.getFile()).text();
      if (!edit) return text;
      const file = await handle.createWritable();
      await file.write(text.replace(edit.replace, edit.by));
      await file.close();
      return text;
    },
    [name, change] as const,
  );
}

test.beforeEach(async ({ page, host }) => {
  await page.addInitScript(() => {
    const note = (what: string) => localStorage.setItem("asked", `${localStorage.getItem("asked") ?? ""}|${what}`);
    const chosen = async (options: { create: boolean }) => {
      const { chosen: name } = globalThis as unknown as Dialogs;
      if (name === undefined) throw new DOMException("The user aborted a request.", "AbortError");
      return (await navigator.storage.getDirectory()).getFileHandle(name, options);
    };
    const isAllowed = () => sessionStorage.getItem("allowed") === "yes";
    Object.assign(globalThis, {
      showOpenFilePicker: async () => {
        note("open");
        return [await chosen({ create: false })];
      },
      showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
        note(`save ${suggestedName}`);
        sessionStorage.setItem("allowed", "yes");
        return chosen({ create: true });
      },
    });
    Object.assign(FileSystemFileHandle.prototype, {
      queryPermission: async () => (isAllowed() ? "granted" : "prompt"),
      requestPermission: async ({ mode }: { mode: string }) => {
        note(`may ${mode}`);
        sessionStorage.setItem("allowed", "yes");
        return "granted";
      },
    });
  });
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();
});

test("saving goes into the same file without asking, also after a reload; Save as asks", async ({ page }) => {
  await prompt(page).fill("a first cat");
  await page.keyboard.press("ControlOrMeta+s");
  await expect.poll(() => asked(page)).toEqual(["save Text to image.json"]);
  await expect(tab(page, "Text to image, Unsaved changes")).toBeVisible();

  await choose(page, "Cats.json");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("Saved as Cats.json")).toBeVisible();
  await expect(tab(page, "Text to image")).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("a first cat");

  await prompt(page).fill("a second cat");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(tab(page, "Text to image")).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("a second cat");
  expect(await asked(page)).toHaveLength(2);

  await choose(page, "Dogs.json");
  await prompt(page).fill("a dog");
  await page.keyboard.press("ControlOrMeta+Shift+s");
  await expect(page.getByText("Saved as Dogs.json")).toBeVisible();
  expect(await onDisk(page, "Dogs.json")).toContain("a dog");
  expect(await onDisk(page, "Cats.json")).toContain("a second cat");

  await page.evaluate(() => sessionStorage.removeItem("allowed"));
  await page.reload();
  await expect(prompt(page)).toHaveValue("a dog");
  await prompt(page).fill("a third dog");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(tab(page, "Text to image")).toBeVisible();
  expect(await onDisk(page, "Dogs.json")).toContain("a third dog");
  expect((await asked(page)).slice(3)).toEqual(["may readwrite"]);
});

test("what somebody else wrote into the file is not overwritten without a word", async ({ page }) => {
  await choose(page, "Cats.json");
  await prompt(page).fill("my cat");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(tab(page, "Text to image")).toBeVisible();
  await onDisk(page, "Cats.json", { replace: "my cat", by: "the cat of somebody else" });
  await prompt(page).fill("my other cat");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText(/“Cats.json” was changed by another window or program/)).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("the cat of somebody else");
  // Neither a reload nor reading it again for the tab that has changes makes that forgotten.
  await page.reload();
  await expect(prompt(page)).toHaveValue("my other cat");
  await choose(page, "Cats.json");
  await page.keyboard.press("ControlOrMeta+o");
  await expect(page.getByText("“Cats.json” is open already")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+s");
  await page.getByRole("button", { name: "Overwrite" }).click();
  await expect(tab(page, "Text to image")).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("my other cat");
  await prompt(page).fill("my third cat");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(tab(page, "Text to image")).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("my third cat");

  // A tab that waits for it closes once it is saved after all; what keeps it from being saved is told.
  await onDisk(page, "Cats.json", { replace: "my third cat", by: "the cat of somebody else" });
  await prompt(page).fill("my last cat");
  await page.evaluate(() => {
    const { createWritable } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.createWritable = async () => {
      FileSystemFileHandle.prototype.createWritable = createWritable;
      throw new DOMException("The disk is full.", "QuotaExceededError");
    };
  });
  await page.keyboard.press("Alt+w");
  const question = page.getByRole("dialog", { name: "Save “Text to image” first?" });
  await question.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Overwrite" }).click();
  await expect(page.getByText("Cats.json could not be saved: The disk is full.")).toBeVisible();
  await question.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Overwrite" }).click();
  await expect(page.getByRole("main", { name: "Start page" })).toBeVisible();
  expect(await onDisk(page, "Cats.json")).toContain("my last cat");
});

test("a recent workflow is the file as it is now, or what was kept when the file is gone", async ({ page }) => {
  await prompt(page).fill("a red boat");
  await choose(page, "Boat.json");
  await page.keyboard.press("ControlOrMeta+s");
  await expect(page.getByText("Saved as Boat.json")).toBeVisible();
  await onDisk(page, "Boat.json", { replace: "a red boat", by: "a boat that another program painted" });
  const recent = page.getByRole("region", { name: "Recent workflows" }).getByRole("button", { name: /Boat\.json/ });

  // The tab that has the file comes to the front, and gives way to what the file holds when the file is opened again.
  await page.keyboard.press("Alt+h");
  await recent.click();
  await expect(prompt(page)).toHaveValue("a red boat");
  await page.keyboard.press("ControlOrMeta+o");
  await expect(prompt(page)).toHaveValue("a boat that another program painted");
  await expect(page.getByRole("tab", { name: /^Text to image/ })).toHaveCount(1);

  await page.keyboard.press("Alt+w");
  await recent.click();
  await expect(prompt(page)).toHaveValue("a boat that another program painted");
  await expect(tab(page, "Text to image")).toBeVisible();

  await page.keyboard.press("Alt+w");
  await onDisk(page, "Boat.json", "remove");
  await recent.click();
  await expect(page.getByText("“Boat.json” is not where it was any more.")).toBeVisible();
  await expect(prompt(page)).toHaveValue("a boat that another program painted");
  await expect(tab(page, "Text to image, Unsaved changes")).toBeVisible();
});

test("a dropped workflow is saved into its own file, and what is undone is no unsaved change", async ({ page }) => {
  await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle("Dropped.json", { create: true });
    const file = await handle.createWritable();
    const workflow = { format: "heddle-workflow", version: 1, title: "Dropped", links: [] };
    const note = { id: "n", type: "note", typeVersion: 1, position: { x: 0, y: 0 }, params: { text: "first" } };
    await file.write(JSON.stringify({ ...workflow, nodes: [note] }));
    await file.close();
    // What a real drop of this file gives, which a made up one does not.
    Object.assign(DataTransferItem.prototype, { getAsFileSystemHandle: async () => handle });
    const data = new DataTransfer();
    data.items.add(await handle.getFile());
    const init = { bubbles: true, cancelable: true, dataTransfer: data, clientX: 400, clientY: 300 };
    document.querySelector(".react-flow")?.dispatchEvent(new DragEvent("drop", init));
  });
  await expect(tab(page, "Dropped")).toHaveAttribute("aria-selected", "true");

  const rename = async (title: string) => {
    await page.getByRole("tab", { name: /^(Dropped|Caught)/ }).dblclick();
    await page.getByRole("textbox", { name: "Workflow title" }).fill(title);
    await page.keyboard.press("Enter");
  };
  await rename("Caught");
  await expect(tab(page, "Caught, Unsaved changes")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+s");
  await expect(tab(page, "Caught")).toBeVisible();
  expect(await onDisk(page, "Dropped.json")).toContain("Caught");
  expect(await asked(page)).toEqual(["may readwrite"]);

  // Undoing goes away from what is in the file, redoing back to it; also after a reload.
  await page.locator(".react-flow__pane").click({ position: { x: 8, y: 300 } });
  await page.keyboard.press("ControlOrMeta+z");
  await expect(tab(page, "Dropped, Unsaved changes")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await expect(tab(page, "Caught")).toBeVisible();
  await rename("Dropped");
  await page.reload();
  await expect(tab(page, "Dropped, Unsaved changes")).toBeVisible();
  await page.locator(".react-flow__pane").click({ position: { x: 8, y: 300 } });
  await page.keyboard.press("ControlOrMeta+z");
  await expect(tab(page, "Caught")).toBeVisible();
});

test("a picture is saved where a person chooses, and not at all when they change their mind", async ({ page }) => {
  await page.keyboard.press("ControlOrMeta+Enter");
  await node(page, "Save Image")
    .getByRole("button", { name: /^Open picture/ })
    .click({ timeout: 90_000 });
  const save = page.getByRole("dialog").getByRole("button", { name: "Save picture" });
  await save.click();
  await expect.poll(() => asked(page)).toEqual([expect.stringMatching(/^save heddle-\d+\.png$/)]);
  await choose(page, "mushroom.png");
  await save.click();
  await expect(page.getByText("Saved as mushroom.png")).toBeVisible();
  expect(await onDisk(page, "mushroom.png")).toContain("PNG");
});
