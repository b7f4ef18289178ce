import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { node } from "./actions.ts";
import { expect, test } from "./fixtures.ts";

const row = (page: Page, title: string, param: string) => node(page, title).locator(`[data-socket-row="${param}"]`);
const choose = (page: Page, name: string | RegExp) => page.getByRole("menuitem", { name }).click();
const menuPlace = (page: Page) => page.getByRole("menu").boundingBox();

test.beforeEach(async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("any setting becomes a socket and a value again, with the mouse and from the keyboard", async ({ studio }) => {
  const steps = node(studio, "Sampler").getByRole("spinbutton", { name: "Steps" });
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await expect(studio.getByRole("menu").getByRole("group", { name: "Steps" })).toBeVisible();
  await expect(row(studio, "Sampler", "steps")).toHaveAttribute("data-menu", "true");
  // The value that it is of is still seen.
  const [rowBox, menuBox] = [await row(studio, "Sampler", "steps").boundingBox(), await menuPlace(studio)];
  expect(menuBox?.y ?? 0).toBeGreaterThanOrEqual(Math.floor((rowBox?.y ?? 0) + (rowBox?.height ?? 0)));
  await choose(studio, "Make it an input socket");
  const socket = row(studio, "Sampler", "steps").locator(".react-flow__handle");
  await expect(socket).toBeVisible();
  await expect(steps).toHaveValue("8");

  await row(studio, "Sampler", "steps").click({ button: "right" });
  await choose(studio, "Connect…");
  await studio.getByRole("combobox", { name: "Search nodes" }).fill("Integer");
  await studio.keyboard.press("Enter");
  await expect(studio.getByRole("group", { name: "integer value → sampler steps" })).toBeAttached();
  await expect(node(studio, "Sampler").getByRole("button", { name: "Steps, from Integer" })).toBeVisible();
  await expect(steps).toHaveCount(0);

  await node(studio, "Sampler").getByRole("button", { name: "Steps, from Integer" }).focus();
  await studio.keyboard.press("Shift+F10");
  await choose(studio, "Back to a value");
  await expect(steps).toHaveValue("8");
  await expect(socket).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(node(studio, "Sampler").getByRole("button", { name: "Steps, from Integer" })).toBeVisible();
});

test("a link is dropped on the row of a setting", async ({ studio }) => {
  const from = studio.locator('.react-flow__node[data-id="size"] .react-flow__handle[data-handleid="width"]');
  await from.hover();
  await studio.mouse.down();
  const target = await row(studio, "Sampler", "steps").boundingBox();
  await studio.mouse.move((target?.x ?? 0) + 60, (target?.y ?? 0) + 12, { steps: 8 });
  await expect(row(studio, "Sampler", "steps")).toHaveCSS("outline-style", "dashed");
  await expect(row(studio, "Save Image", "format")).not.toHaveCSS("outline-style", "dashed");
  await studio.mouse.up();
  await expect(studio.getByRole("group", { name: "size width → sampler steps" })).toBeAttached();
  // Of several outputs the row names the one, as the search does.
  await expect(node(studio, "Sampler").getByRole("button", { name: "Steps, from Image Size Width" })).toBeVisible();
});

test("an input's API name is given where the input is, and no name twice", async ({ studio }) => {
  for (const setting of ["steps", "guidance"]) {
    await row(studio, "Sampler", setting).click({ button: "right" });
    await choose(studio, "Show in the form");
  }
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await choose(studio, "API name…");
  const properties = studio.getByRole("dialog", { name: "Workflow properties" });
  const steps = properties.getByRole("textbox", { name: "API name of Sampler · Steps" });
  await expect(steps).toBeFocused();
  await studio.keyboard.type("sampler.guidance");
  await expect(properties.getByText("Another input has this name.")).toHaveCount(2);
  await expect(properties.getByRole("button", { name: "Done" })).toBeDisabled();
  await steps.fill("rounds");
  await properties.getByRole("textbox", { name: "Description" }).fill("Draws what is asked for.");
  await studio.keyboard.press("Escape");
  await expect(properties).toBeHidden();

  await studio.getByRole("button", { name: "Main menu" }).click();
  await studio.getByRole("menuitem", { name: "Workflow properties…" }).click();
  await steps.fill("rounds");
  await properties.getByRole("textbox", { name: "Description" }).fill("Draws what is asked for.");
  await steps.press("Enter");
  await expect(properties).toBeHidden();
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await expect(studio.getByRole("menuitem", { name: "Copy “rounds”" })).toBeVisible();
  await studio.keyboard.press("Escape");
  await studio.getByRole("button", { name: "Form", exact: true }).click();
  await expect(studio.getByRole("form").getByText("Draws what is asked for.")).toBeVisible();
});

test("a workflow is used as a form, which is arranged, kept with it and linked to", async ({
  studio,
  host,
  request,
}) => {
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await choose(studio, "Show in the form");
  await studio.getByRole("button", { name: "Form", exact: true }).click();
  const form = studio.getByRole("form", { name: "Text to image" });
  await expect(form.getByRole("group").getByRole("spinbutton")).toHaveCount(1);

  await studio.getByRole("button", { name: "Arrange the form…" }).click();
  const dialog = studio.getByRole("dialog", { name: "Arrange the form" });
  await dialog.getByRole("checkbox", { name: "Prompt", exact: true }).check();
  await dialog.getByRole("textbox", { name: "Label of Prompt" }).fill("What to draw");
  await dialog.getByRole("textbox", { name: "Help for What to draw" }).fill("In a few words.");
  await dialog.getByRole("combobox", { name: "Group of Steps" }).fill("Quality");
  await dialog.getByRole("textbox", { name: "API name of Steps" }).fill("steps");
  // By its grip: with the keyboard down and up again, then with the mouse.
  const grip = (place: number) => dialog.getByRole("button", { name: `Move What to draw, ${place} of 2` });
  await grip(2).focus();
  await studio.keyboard.press("Home");
  await expect(grip(1)).toBeFocused();
  await studio.keyboard.press("ArrowDown");
  await expect(grip(2)).toBeFocused();
  await dialog.getByRole("button", { name: "Move What to draw up" }).click();
  await dialog.getByRole("button", { name: "Move What to draw down" }).click();
  await grip(2).hover();
  await studio.mouse.down();
  const first = await dialog.getByRole("listitem").first().boundingBox();
  await studio.mouse.move((first?.x ?? 0) + 10, (first?.y ?? 0) + 4, { steps: 6 });
  await studio.mouse.up();
  await expect(grip(1)).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();

  const words = form.getByRole("textbox", { name: "What to draw" });
  await expect(form.getByText("In a few words.")).toBeVisible();
  await expect(form.getByRole("group", { name: "Quality" }).getByRole("spinbutton", { name: "Steps" })).toHaveValue(
    "8",
  );
  // All that was done in the dialog is one step.
  await studio.keyboard.press("ControlOrMeta+z");
  await expect(words).toHaveCount(0);
  await studio.keyboard.press("ControlOrMeta+Shift+z");
  await words.fill("a yellow star on a purple background");
  // The form has the one button that runs.
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toHaveCount(1);
  await form.getByRole("button", { name: "Run" }).click();
  const shown = studio.getByRole("region", { name: "Result" }).getByRole("img", { name: /^Picture|^Result|seed/i });
  await expect(shown.first()).toBeVisible({ timeout: 90_000 });
  await expect(form.getByRole("button", { name: "Run" })).toBeVisible({ timeout: 90_000 });
  // The picture has the rest of the window.
  const { width = 0, height = 0 } = (await shown.first().boundingBox()) ?? {};
  expect(Math.min(width, height)).toBeGreaterThan(500);

  await studio.getByRole("button", { name: "Graph", exact: true }).click();
  await expect(node(studio, "Prompt").getByRole("textbox", { name: "Prompt" })).toHaveValue(/yellow star/);
  await studio.keyboard.press("Alt+a");
  await expect(words).toBeVisible();
  expect(studio.url()).toContain("#app");
  await studio.reload();
  await expect(words).toHaveValue(/yellow star/);

  const [download] = await Promise.all([studio.waitForEvent("download"), studio.keyboard.press("ControlOrMeta+s")]);
  const saved = JSON.parse(await readFile(await download.path(), "utf8"));
  expect(saved.exposed).toEqual([
    { node: "prompt", param: "text", label: "What to draw", description: "In a few words." },
    { node: "sampler", param: "steps", group: "Quality", name: "steps" },
  ]);
  const address = new URL(host.url);
  // What the form shows is what programs set.
  await mkdir(join(host.homeFolder, "workflows"), { recursive: true });
  await writeFile(join(host.homeFolder, "workflows", "made-in-the-form.json"), JSON.stringify(saved));
  const token = address.searchParams.get("token") ?? "";
  const answer = await request.get(`${address.origin}/api/workflows`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { workflows } = await answer.json();
  const own = workflows.find(({ name }: { name: string }) => name === "made-in-the-form");
  expect(Object.keys(own.inputs)).toEqual(["prompt.text", "steps"]);
  await studio.goto("about:blank");
  await studio.goto(`${address.origin}/#app/upscale`);
  await expect(studio.getByRole("form", { name: "Upscale" })).toBeVisible();
});

test("a matrix of runs is set up, checked, queued, shown in a table and saved as a sheet", async ({ studio }) => {
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await choose(studio, "Try several values…");
  const dialog = studio.getByRole("dialog", { name: "Try several values" });
  const steps = dialog.getByRole("textbox", { name: "Values of Sampler: Steps" });
  await steps.fill("2, 900");
  await expect(dialog.getByRole("alert")).toContainText("Steps is 900, which is more than");
  await expect(dialog.getByRole("button", { name: "Queue 2 runs" })).toBeDisabled();
  const steppers = dialog.getByRole("region", { name: "Sampler: Steps" });
  await steppers.getByRole("button", { name: "Random" }).click();
  await steppers.getByRole("spinbutton", { name: "From" }).fill("4");
  await steppers.getByRole("spinbutton", { name: "To", exact: true }).fill("40");
  await steppers.getByRole("spinbutton", { name: "How many" }).fill("5");
  await expect(steps).toHaveValue(/^(\d+, ){4}\d+$/);
  const drawn = (await steps.inputValue()).split(", ").map(Number);
  expect(drawn.filter((value) => value >= 4 && value <= 40)).toHaveLength(5);
  await expect(dialog.getByRole("button", { name: "Queue 5 runs" })).toBeEnabled();
  await steppers.getByRole("button", { name: "Range" }).click();
  await steppers.getByRole("spinbutton", { name: "From" }).fill("2");
  await steppers.getByRole("spinbutton", { name: "To", exact: true }).fill("3");
  await steppers.getByRole("spinbutton", { name: "How many" }).fill("2");
  await expect(steps).toHaveValue("2, 3");
  await dialog.getByRole("combobox", { name: "Add a parameter…" }).selectOption("sampler\nseed");
  await dialog.getByRole("textbox", { name: "Values of Sampler: Seed" }).fill("5 6");
  await dialog.getByRole("button", { name: "Queue 4 runs" }).click();

  const table = studio.getByRole("dialog", { name: "Matrix of runs" });
  await expect(table.getByRole("columnheader", { name: "Steps = 3" })).toBeVisible();
  await expect(table.getByRole("rowheader", { name: "Seed = 6" })).toBeVisible();
  await expect(table.getByText("4 of 4 done")).toBeVisible({ timeout: 60_000 });
  await expect(table.getByRole("button", { name: "Open picture for Steps = 3 · Seed = 6" })).toBeVisible();
  const [download] = await Promise.all([
    studio.waitForEvent("download"),
    table.getByRole("button", { name: "Save contact sheet" }).click(),
  ]);
  const sheet = await sharp(await download.path()).metadata();
  expect(sheet.width).toBeGreaterThan(2 * 320);
  expect(sheet.height).toBeGreaterThan(2 * 320);

  // Pictures that cannot be read are said to be gone, wherever they are shown.
  await studio.route(/\/images\//, (route) => route.fulfill({ status: 404 }));
  await studio.reload();
  const results = studio.getByRole("complementary", { name: "Results" });
  const gone = "This picture is no longer stored";
  await expect(results.getByTitle(gone).first()).toBeVisible();
  await results.getByRole("button", { name: "Show the last matrix of runs" }).click();
  await expect(table.getByTitle(gone)).toHaveCount(4);
  await table.getByRole("button", { name: "Close" }).click();
  await studio.keyboard.press("q");
  const queue = studio.getByRole("complementary", { name: "Queue" });
  await expect(queue.getByTitle(gone).first()).toBeVisible();
  await studio.keyboard.press("q");
  await studio.getByRole("button", { name: "Form", exact: true }).click();
  const stage = studio.getByRole("region", { name: "Result", exact: true });
  await expect(stage.getByText(gone)).toBeVisible();
  await expect(stage.getByRole("listitem").first().getByTitle(gone)).toBeVisible();
  await studio.getByRole("button", { name: "Graph", exact: true }).click();
  await studio.unroute(/\/images\//);

  // It is still there when the window is loaded anew, and can be reached from the results and from the queue.
  await studio.reload();
  await results.getByText("Steps = 3 · Seed = 6").waitFor();
  const dragged = await results
    .getByRole("button", { name: /^Picture with seed/ })
    .first()
    .evaluate((thumbnail) => {
      const data = new DataTransfer();
      thumbnail.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer: data }));
      return data.getData("DownloadURL");
    });
  expect(dragged).toMatch(/^image\/png:[^:]+\.png:http:/);
  await studio.getByRole("button", { name: "Show the last matrix of runs" }).click();
  await expect(table.getByText("4 of 4 done")).toBeVisible();
  await table.getByRole("button", { name: "Close" }).click();
  await studio.keyboard.press("q");
  const history = queue.getByRole("listitem");
  const last = history.filter({ hasText: "Steps = 3 · Seed = 6" });
  await last.getByRole("button", { name: "Show in the matrix of runs" }).click();
  await table.getByRole("button", { name: "Open picture for Steps = 2 · Seed = 5" }).click();
  const viewer = studio.getByRole("dialog").filter({ has: studio.getByRole("application") });
  await expect(viewer.getByText("Steps = 2 · Seed = 5")).toBeVisible();
  await studio.keyboard.press("ArrowRight");
  await expect(viewer.getByText("Steps = 3 · Seed = 5")).toBeVisible();
  await studio.keyboard.press("Escape");
  for (const steps of [2, 3]) {
    await table.getByRole("button", { name: `Choose Steps = ${steps} · Seed = 6 for comparing` }).click();
  }
  await table.getByRole("button", { name: "Compare" }).click();
  await expect(studio.getByRole("dialog", { name: "Compare" }).getByRole("slider")).toBeVisible();
});

test("a matrix of runs reaches a parameter inside a subgraph that is not shown outside", async ({ studio }) => {
  await node(studio, "Sampler").getByRole("heading").click();
  await studio.keyboard.press("ControlOrMeta+k");
  await studio.getByPlaceholder("Search commands").fill("Collapse into a subgraph");
  await studio.keyboard.press("Enter");
  await studio.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await node(studio, "Subgraph").getByRole("heading").dblclick();
  await row(studio, "Sampler", "steps").click({ button: "right" });
  await choose(studio, "Try several values…");
  const dialog = studio.getByRole("dialog", { name: "Try several values" });
  await dialog.getByRole("textbox", { name: "Values of Subgraph › Sampler: Steps" }).fill("1, 3");
  await dialog.getByRole("button", { name: "Queue 2 runs" }).click();
  const table = studio.getByRole("dialog", { name: "Matrix of runs" });
  await expect(table.getByText("2 of 2 done")).toBeVisible({ timeout: 60_000 });
  const [one, three] = await table.locator("img").evaluateAll((all) => all.map((img) => img.getAttribute("src")));
  expect(one).toBeTruthy();
  expect(one).not.toBe(three);
});
