import type { CDPSession, Locator, Page } from "@playwright/test";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

test.use({ hasTouch: true });

type Point = { x: number; y: number };
const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
const link = (page: Page, name: string) => page.getByRole("group", { name });
const socket = (page: Page, id: string, handle: string, side: "source" | "target") =>
  page.locator(`.react-flow__node[data-id="${id}"] .react-flow__handle.${side}[data-handleid="${handle}"]`);
const zoom = async (page: Page) =>
  Number(
    /\d+/.exec(
      (await page
        .getByRole("toolbar")
        .getByText(/^\d+%$/)
        .textContent()) ?? "",
    )?.[0],
  );

async function centre(locator: Locator): Promise<Point> {
  const box = (await locator.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Fingers on the screen, by the browser's own protocol. */
async function fingers(page: Page): Promise<(type: "Start" | "Move" | "End", ...points: Point[]) => Promise<void>> {
  const devtools: CDPSession = await page.context().newCDPSession(page);
  return async (type, ...points) => {
    const touchPoints = points.map(({ x, y }, id) => ({ x, y, id }));
    await devtools.send("Input.dispatchTouchEvent", { type: `touch${type}`, touchPoints });
  };
}

async function swipe(page: Page, from: Point, to: Point): Promise<void> {
  const touch = await fingers(page);
  await touch("Start", from);
  for (let step = 1; step <= 8; step++) {
    await touch("Move", { x: from.x + ((to.x - from.x) * step) / 8, y: from.y + ((to.y - from.y) * step) / 8 });
  }
  await touch("End");
}

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("one finger pans, two zoom, a tap chooses and a held finger opens the menu", async ({ studio }) => {
  const empty = { x: 900, y: 780 };
  const before = await centre(heading(studio, "Sampler"));
  await swipe(studio, empty, { x: empty.x - 120, y: empty.y - 90 });
  await expect
    .poll(async () => {
      const after = await centre(heading(studio, "Sampler"));
      return [Math.round((before.x - after.x) / 10), Math.round((before.y - after.y) / 10)];
    })
    .toEqual([12, 9]);

  const small = await zoom(studio);
  // Also where nodes lie: the node under the first finger stays where it is.
  const touch = await fingers(studio);
  const { x, y } = await centre(heading(studio, "Sampler"));
  await touch("Start", { x: x - 20, y });
  await touch("Start", { x: x - 20, y }, { x: x + 20, y });
  for (let step = 1; step <= 8; step++) await touch("Move", { x: x - 20 - step * 2, y }, { x: x + 20 + step * 2, y });
  await touch("End");
  await expect.poll(() => zoom(studio)).toBeGreaterThan(small * 1.3);
  await expect(studio.getByRole("toolbar").getByRole("button", { name: "Undo" })).toBeDisabled();
  await studio.keyboard.press("Shift+1");
  await expect.poll(() => zoom(studio)).toBeLessThanOrEqual(100);

  const sampler = await centre(heading(studio, "Sampler"));
  const frame = () =>
    node(studio, "Sampler").evaluate((card) => {
      const { borderColor, outline, boxShadow } = getComputedStyle(card as never);
      return [borderColor, outline, boxShadow].join();
    });
  const atRest = await frame();
  await studio.touchscreen.tap(sampler.x, sampler.y);
  await expect.poll(frame).not.toBe(atRest);

  await touch("Start", await centre(heading(studio, "VAE Decode")));
  await expect(studio.getByRole("menuitem", { name: /^Bypass/ })).toBeVisible();
  await touch("End");
  await studio.getByRole("menuitem", { name: /^Bypass/ }).tap();
  await expect(node(studio, "VAE Decode").getByText("Bypassed")).toBeVisible();
  await expect(studio.getByRole("menu")).toHaveCount(0);
});

test("nodes and links are dragged with a finger", async ({ studio }) => {
  const from = await centre(heading(studio, "VAE Decode"));
  await swipe(studio, from, { x: from.x + 30, y: from.y + 160 });
  // The first pixels say that it is a drag.
  await expect.poll(async () => (await centre(heading(studio, "VAE Decode"))).y - from.y).toBeGreaterThan(120);
  await studio.getByRole("toolbar").getByRole("button", { name: "Undo" }).tap();
  await expect.poll(async () => Math.round((await centre(heading(studio, "VAE Decode"))).y - from.y)).toBe(0);

  await swipe(
    studio,
    await centre(socket(studio, "prompt", "conditioning", "source")),
    await centre(socket(studio, "sampler", "negative", "target")),
  );
  await expect(link(studio, "prompt conditioning → sampler negative")).toBeAttached();
});

test("a field that is scrubbed stands still once a second finger zooms", async ({ studio }) => {
  const steps = node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" });
  const { x, y } = await centre(steps.locator(".."));
  const touch = await fingers(studio);
  await touch("Start", { x, y });
  await touch("Start", { x, y }, { x, y: y + 80 });
  for (let step = 1; step <= 8; step++) await touch("Move", { x: x + step * 8, y }, { x: x + step * 8, y: y + 80 });
  await touch("End");
  await expect(steps).toHaveValue("8");
  // One finger alone does scrub it.
  const now = await centre(steps.locator(".."));
  await swipe(studio, now, { x: now.x + 40, y: now.y });
  await expect(steps).not.toHaveValue("8");
});

test("a pen paints as thick as it is pressed", async ({ studio }) => {
  await studio.getByRole("button", { name: "Main menu" }).tap();
  await studio.getByRole("menuitem", { name: "New from template…" }).tap();
  await studio
    .getByRole("dialog")
    .getByRole("button", { name: /^Image to image/ })
    .first()
    .tap();
  await node(studio, "Load Image").getByRole("button", { name: "Paint a mask on this picture" }).tap();
  const editor = studio.getByRole("dialog", { name: "Mask" });
  const stage = editor.getByRole("application");
  await expect(stage).toBeVisible();
  const painted = async () =>
    Number(/([\d.]+)% painted/.exec((await editor.getByText(/% painted/).textContent()) ?? "")?.[1]);
  await expect.poll(painted).toBe(0);

  const devtools = await studio.context().newCDPSession(studio);
  const middle = await centre(stage);
  const stroke = async (force: number) => {
    const pen = { pointerType: "pen" as const, button: "left" as const, buttons: 1, force, clickCount: 1 };
    const at = (step: number) => ({ x: middle.x - 100 + step * 25, y: middle.y });
    await devtools.send("Input.dispatchMouseEvent", { type: "mousePressed", ...pen, ...at(0) });
    for (let step = 1; step <= 8; step++) {
      await devtools.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...pen, ...at(step) });
    }
    await devtools.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...pen, buttons: 0, ...at(8) });
    await expect.poll(painted).toBeGreaterThan(0);
    const share = await painted();
    await editor.getByRole("button", { name: "Clear" }).tap();
    await expect.poll(painted).toBe(0);
    return share;
  };
  const light = await stroke(0.1);
  const firm = await stroke(1);
  expect(firm).toBeGreaterThan(light * 2);
});
