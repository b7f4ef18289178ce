import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

async function expectNoViolation(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([]);
}

for (const theme of ["dark", "light"] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.beforeEach(async ({ page, host }) => {
      await page.addInitScript(
        (chosen) => localStorage.setItem("heddle.settings", JSON.stringify({ theme: chosen })),
        theme,
      );
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.goto(host.url);
      await expect(page.getByRole("article", { name: "Sampler" })).toBeVisible();
    });

    test("axe finds nothing on the canvas", async ({ page }) => {
      await expectNoViolation(page);
    });

    test("axe finds nothing in the palettes", async ({ page }) => {
      await page.keyboard.press("ControlOrMeta+k");
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectNoViolation(page);
      await page.keyboard.press("Escape");
      await page.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectNoViolation(page);
    });

    test("axe finds nothing on an empty workflow, in menus and dialogs", async ({ page }) => {
      await page.getByRole("button", { name: "Main menu" }).click();
      await expectNoViolation(page);
      await page.getByRole("menuitem", { name: "New empty workflow" }).click();
      await expect(page.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
      await expectNoViolation(page);
      await page
        .getByRole("main")
        .getByRole("button", { name: /template/ })
        .click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectNoViolation(page);
    });

    test("axe finds nothing on a node with a problem, and on results", async ({ page }) => {
      await page.keyboard.press("ControlOrMeta+Enter");
      const picture = page.getByRole("button", { name: /^Open picture/ });
      await expect(picture).toBeVisible({ timeout: 40_000 });
      await expectNoViolation(page);
      await picture.click();
      await expect(page.getByRole("dialog").getByRole("img")).toBeVisible();
      await expectNoViolation(page);
      await page.keyboard.press("Escape");
      await page.getByRole("group", { name: "model model → sampler model" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Delete");
      await expect(page.getByText("Connect Model to run this node.")).toBeVisible();
      await expectNoViolation(page);
    });
  });
}
