import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";
import { openFresh, screens, showTheme } from "./screens.ts";

test.beforeAll(async ({ host }) => {
  for (const [at, color] of ["#c33", "#3c3", "#33c", "#cc3"].entries()) {
    await makePicture(host.outputFolder, {
      name: `${at}.png`,
      prompt: `picture ${at}`,
      seed: at,
      steps: 4 + at,
      color,
    });
  }
});

for (const screen of screens) {
  test(`axe finds nothing: ${screen.name}`, async ({ browser, host }) => {
    test.slow();
    const page = await openFresh(browser, host, screen);
    await screen.show(page, host);
    const found: object[] = [];
    for (const theme of ["dark", "light", "contrast"] as const) {
      await showTheme(page, theme);
      const builder = new AxeBuilder({ page })
        // The focus guards of Base UI are focusable on purpose: they send the focus on at once.
        .exclude("[data-base-ui-focus-guard]");
      // Only colours differ between the themes. Menus open at the end of the page, outside its landmarks, as the ARIA
      // practices show them.
      const { violations } = await (theme === "dark"
        ? builder.disableRules(["region"])
        : builder.withRules(["color-contrast"])
      ).analyze();
      found.push(...violations.map(({ id, nodes }) => ({ theme, id, at: nodes.map(({ html }) => html) })));
    }
    await screen.leave?.(page);
    expect(found).toEqual([]);
    await page.context().close();
  });
}
