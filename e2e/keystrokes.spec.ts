import type { Page } from "@playwright/test";
import { node, setSteps } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const MOST_KEYSTROKES = 40;
const PROMPT = "a red house on green hills";

/** A keyboard that counts: a chord such as Ctrl+Enter is one stroke per key that is held or pressed. */
function countingKeyboard(page: Page) {
  let strokes = 0;
  return {
    get strokes() {
      return strokes;
    },
    async press(...keys: string[]) {
      for (const key of keys) {
        strokes += key === "+" ? 1 : key.split("+").length;
        await page.keyboard.press(key);
      }
    },
    /** Letters of a search. */
    async search(text: string) {
      strokes += text.length;
      await page.keyboard.type(text);
    },
    /** The prompt does not count: it is as long as it has to be. */
    async write(text: string) {
      await page.keyboard.type(text);
    },
  };
}

test("text to image with a LoRA is built from an empty canvas by keyboard alone, in under 40 keystrokes", async ({
  studio,
}) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await studio.keyboard.press("Alt+n");
  await expect(studio.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
  const keyboard = countingKeyboard(studio);
  const link = (name: string) => studio.getByRole("group", { name, exact: true });

  /** Tab, the beginning of a name as ComfyUI knows it, Enter. */
  const add = async (letters: string, title: string) => {
    await keyboard.press("Tab");
    await expect(studio.getByRole("combobox", { name: "Search nodes" })).toBeFocused();
    await keyboard.search(letters);
    await expect(studio.getByRole("option", { selected: true })).toHaveText(new RegExp(`^${title}`));
    await keyboard.press("Enter");
    await expect(node(studio, title)).toBeVisible();
    await expect(studio.getByRole("dialog")).toBeHidden();
  };

  await add("ch", "Load Model");
  await add("lo", "Load LoRA");
  await keyboard.press("Enter");
  await expect(node(studio, "Load LoRA").getByRole("combobox")).toBeFocused();
  await keyboard.press("Enter");
  await expect(studio.getByRole("combobox", { name: "Search models" })).toBeFocused();
  await keyboard.search("in");
  await expect(studio.getByRole("option", { name: /ink/i })).toBeVisible();
  await keyboard.press("Enter");
  await expect(node(studio, "Load LoRA").getByRole("combobox", { name: /ink/i })).toBeFocused();
  await keyboard.press("Escape");

  await add("em", "Image Size");
  await add("pro", "Prompt");
  await keyboard.press("Enter");
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toBeFocused();
  await keyboard.write(PROMPT);
  await keyboard.press("Escape");
  await add("ks", "Sampler");
  await add("v", "VAE Decode");
  await add("sa", "Save Image");
  await keyboard.press("Control+Enter");

  await expect(node(studio, "Save Image").getByRole("button", { name: /^Open picture/ })).toBeVisible({
    timeout: 50_000,
  });
  // What was drawn is text to image with the LoRA between model and sampler.
  for (const name of [
    "load-model model → load-lora model",
    "load-lora model → image-size model",
    "load-lora textEncoder → prompt textEncoder",
    "load-lora model → sampler model",
    "prompt conditioning → sampler positive",
    "image-size latent → sampler latent",
    "sampler latent → vae-decode latent",
    "load-model vae → vae-decode vae",
    "vae-decode image → save-image image",
  ])
    await expect(link(name)).toBeAttached();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue(PROMPT);
  test.info().annotations.push({ type: "keystrokes", description: String(keyboard.strokes) });
  expect(keyboard.strokes).toBeLessThan(MOST_KEYSTROKES);
});

test("a new node is linked to what is chosen, and one undo takes both back", async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  await setSteps(studio, 2);
  const nodes = studio.getByRole("article");
  const before = await nodes.count();
  await node(studio, "VAE Decode").getByRole("heading").click();
  await studio.keyboard.press("Shift+A");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("preview");
  await studio.keyboard.press("Enter");
  await expect(studio.getByRole("group", { name: "decode image → preview-image image" })).toBeAttached();
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(nodes).toHaveCount(before);
});
