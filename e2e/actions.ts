import { type BrowserContext, expect, type Page } from "@playwright/test";

export const node = (page: Page, title: string) => page.getByRole("article", { name: title, exact: true });

/** Types a number into a field of a node. */
export async function setNumber(page: Page, title: string, label: string, value: number): Promise<void> {
  const field = node(page, title).getByRole("spinbutton", { name: label });
  await field.fill(String(value));
  await field.press("Enter");
  await expect(field).toHaveValue(String(value));
}

export const setSteps = (page: Page, steps: number) => setNumber(page, "Sampler", "Steps", steps);

/** Makes the run of the default template last for seconds on any machine, so that there is time to do something to it. */
export async function drawLarge(page: Page, pictures = 1): Promise<void> {
  await setSteps(page, 50);
  await setNumber(page, "Image Size", "Width", 256);
  await setNumber(page, "Image Size", "Height", 256);
  await setNumber(page, "Image Size", "Pictures", pictures);
}

/** Whether the workflow of this title is the one that is shown: the name of its tab begins with it. */
export async function expectWorkflow(page: Page, title: string): Promise<void> {
  const name = new RegExp(`^${title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
  await expect(page.getByRole("tab", { name, selected: true })).toBeVisible();
}

/**
 * Answers the browser's dialog for a file, which `open` asks for. The page has to have heard that the dialog is answered
 * here before `open`: the driver does not wait for that, and a key press may overtake it.
 */
export async function chooseFile(page: Page, file: string, open: () => Promise<void>): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.evaluate(() => undefined);
  await open();
  await (await chooser).setFiles(file);
}

export const openByKeys = (page: Page, file: string) =>
  chooseFile(page, file, () => page.keyboard.press("ControlOrMeta+o"));

/** As in browsers that give pages no way back to a file: files are chosen as copies and saved as downloads. */
export const withoutFileHandles = (context: BrowserContext) =>
  context.addInitScript(() => {
    Object.assign(globalThis, { showOpenFilePicker: undefined, showSaveFilePicker: undefined });
  });
