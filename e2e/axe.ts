import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { showTheme } from "./screens.ts";

/** What axe finds wrong in a page, or in the part of it that a selector names, in each theme; it is left in the dark one. */
export async function faults(page: Page, within?: string): Promise<object[]> {
  const found: object[] = [];
  for (const theme of ["light", "contrast", "dark"] as const) {
    await showTheme(page, theme);
    // Axe is half a megabyte, which the builder brings twice for each look; it stays in a page until that is left.
    const isThere = await page.evaluate<boolean>("'axe' in globalThis");
    const builder = new AxeBuilder({ page, ...(isThere && { axeSource: ";" }) })
      // Else it also tells of each element under each rule that it found nothing wrong there.
      .options({ resultTypes: ["violations"] })
      // Else it sums up in a page of its own each time, for the sake of frames, which there are none of here.
      .setLegacyMode(true)
      // The focus guards of Base UI are focusable on purpose: they send the focus on at once.
      .exclude("[data-base-ui-focus-guard]");
    if (within !== undefined) builder.include(within);
    // Only colours differ between the themes. Menus open at the end of the page, outside its landmarks, as the ARIA
    // practices show them.
    const { violations } = await (theme === "dark"
      ? builder.disableRules(["region"])
      : builder.withRules(["color-contrast"])
    ).analyze();
    found.push(...violations.map(({ id, nodes }) => ({ theme, id, at: nodes.map(({ html }) => html) })));
  }
  return found;
}
