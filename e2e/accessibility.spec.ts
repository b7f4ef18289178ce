import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

async function expectNoViolation(page: Page, screen: string) {
  const { violations } = await new AxeBuilder({ page })
    // The focus guards of Base UI are focusable on purpose: they send the focus on at once.
    .exclude("[data-base-ui-focus-guard]")
    // Menus open at the end of the page, outside its landmarks, as the ARIA practices show them.
    .disableRules(["region"])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) })),
    screen,
  ).toEqual([]);
}

for (const theme of ["dark", "light"] as const) {
  test(`axe finds nothing on any screen of the ${theme} theme`, async ({ page, host }) => {
    test.slow();
    await page.addInitScript(
      (chosen) => localStorage.setItem("heddle.settings", JSON.stringify({ theme: chosen })),
      theme,
    );
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(host.url);
    const dialog = page.getByRole("dialog");
    await expect(page.getByRole("article", { name: "Sampler" })).toBeVisible();
    await expectNoViolation(page, "canvas");

    await page.keyboard.press("ControlOrMeta+k");
    await expect(dialog).toBeVisible();
    await expectNoViolation(page, "command palette");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
    await expect(dialog).toBeVisible();
    await expectNoViolation(page, "node search");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.keyboard.press("ControlOrMeta+Enter");
    const picture = page.getByRole("button", { name: /^Open picture/ });
    await expect(picture).toBeVisible({ timeout: 40_000 });
    await expectNoViolation(page, "results");
    await picture.click();
    await expect(dialog.getByRole("img")).toBeVisible();
    await expectNoViolation(page, "viewer");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.keyboard.press("ControlOrMeta+,");
    await expect(dialog).toBeVisible();
    await expectNoViolation(page, "settings");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.getByRole("article", { name: "Sampler" }).getByRole("heading").click({ button: "right" });
    await expect(page.getByRole("menu")).toBeVisible();
    await expectNoViolation(page, "context menu");
    await page.getByRole("menuitem", { name: "What this node does" }).click();
    await expect(dialog).toBeVisible();
    await expectNoViolation(page, "help of a node");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.getByRole("button", { name: "Main menu" }).click();
    await page.getByRole("menuitem", { name: "Gallery" }).click();
    await expect(dialog.getByRole("button", { name: /^Picture with seed/ }).first()).toBeVisible();
    await expectNoViolation(page, "gallery");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();

    await page.getByRole("group", { name: "model model → sampler model" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Delete");
    await expect(page.getByText("Connect Model to run this node.")).toBeVisible();
    await expectNoViolation(page, "problem on a node");
    await page.keyboard.press("ControlOrMeta+z");

    await page.getByRole("button", { name: "Main menu" }).click();
    await expectNoViolation(page, "main menu");
    await page.getByRole("menuitem", { name: "New empty workflow" }).click();
    await expect(page.getByRole("heading", { name: "An empty workflow" })).toBeVisible();
    await expectNoViolation(page, "empty workflow");
    await page
      .getByRole("main")
      .getByRole("button", { name: /template/ })
      .click();
    await expect(dialog).toBeVisible();
    await expectNoViolation(page, "templates");
  });
}
