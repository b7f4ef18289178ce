import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page, WebSocketRoute } from "@playwright/test";
import { drawLarge, node, openByKeys } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, test } from "./fixtures.ts";
import { makePicture } from "./pictures.ts";
import { command, openFresh, screens } from "./screens.ts";

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
    const found = await faults(page);
    await screen.leave?.(page);
    expect(found).toEqual([]);
    await page.context().close();
  });
}

/** Looks at what is in view, and says at the end what was wrong where. */
function inspector(page: Page) {
  const found: object[] = [];
  return {
    found,
    async look(at: string, within?: string) {
      found.push(...(await faults(page, within)).map((fault) => ({ at, ...fault })));
    },
  };
}

const heading = (page: Page, title: string) => node(page, title).getByRole("heading");
/** Each look takes moments here and seconds on a machine that others share. */
const MANY_LOOKS_MS = 600_000;
const MENU = "[role=menu]";
const DIALOG = "[role=dialog]";

test("axe finds nothing in what opens over the canvas", async ({ browser, host }) => {
  test.setTimeout(MANY_LOOKS_MS);
  const page = await openFresh(browser, host, {});
  const { found, look } = inspector(page);
  const press = (keys: string) => page.keyboard.press(keys);
  const menuOf = async (at: string, open: () => Promise<void>) => {
    await open();
    await expect(page.getByRole("menu").first()).toBeVisible();
    await look(at, MENU);
    await press("Escape");
    await expect(page.getByRole("menu")).toHaveCount(0);
  };
  const sampler = node(page, "Sampler");
  await menuOf("the shapes of a size", () =>
    node(page, "Image Size")
      .getByRole("button", { name: /Choose a shape/ })
      .click(),
  );
  await menuOf("the seed at every run", () => sampler.getByRole("button", { name: /^At every run/ }).click());
  await menuOf("quick settings", () => page.getByRole("button", { name: "Settings", exact: true }).click());
  await menuOf("the menu of a tab", () => page.getByRole("tab", { name: "Text to image" }).click({ button: "right" }));
  await menuOf("the menu of the canvas", async () => {
    await page.locator(".react-flow__pane").click({ position: { x: 8, y: 120 } });
    await press("Shift+F10");
  });
  await menuOf("the menu of a link", async () => {
    await page.getByRole("group", { name: "model model → sampler model" }).focus();
    await press("Shift+F10");
  });
  // While a link is drawn, what cannot take it steps back; where it does not fit it says why.
  const socket = (title: string, side: "source" | "target", port: string) =>
    node(page, title).locator(`.react-flow__handle.${side}[data-handleid="${port}"]`);
  await socket("Prompt", "source", "conditioning").hover();
  await page.mouse.down();
  await socket("Sampler", "target", "model").hover();
  await expect(socket("Sampler", "target", "latent")).toHaveCSS("opacity", "0.2");
  await expect(socket("Sampler", "target", "negative")).toHaveCSS("opacity", "1");
  await look("a link that is drawn to where it does not fit", '[data-linking="conditioning"]');
  await page.mouse.up();
  await expect(page.getByText(/^These two do not fit/)).toBeVisible();
  await look("a link that was refused", "[aria-live=polite]");
  await page.getByRole("button", { name: "Dismiss" }).click();

  await heading(page, "VAE Decode").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Colour" }).click();
  await expect(page.getByRole("menuitem", { name: "Teal" })).toBeVisible();
  await look("colours", MENU);
  await page.getByRole("menuitem", { name: "Teal" }).click();

  await node(page, "Load Model").getByRole("combobox").first().click();
  await page.getByPlaceholder("Search models").fill("none of the kind");
  await expect(page.getByText("No model matches.")).toBeVisible();
  await look("no model found", ':has(> * > [placeholder="Search models"])');
  await press("Escape");
  await sampler.getByRole("button", { name: "Connect input Negative" }).click();
  await look("what fits a socket", DIALOG);
  await page.getByRole("combobox", { name: "Search nodes" }).fill("none of the kind");
  await expect(page.getByText("No node matches.")).toBeVisible();
  await look("no node found", DIALOG);
  await press("Escape");

  await heading(page, "Sampler").click();
  await press("F2");
  await expect(page.getByRole("textbox", { name: "Name of the node" })).toBeFocused();
  await look("a node being named", ".react-flow__node.selected");
  await press("Escape");
  await press("ControlOrMeta+g");
  await expect(page.getByRole("textbox", { name: "Title of the frame" })).toBeFocused();
  await look("a frame being named", "[data-id*=frame]");
  await press("Enter");
  await node(page, "Note").dblclick();
  await look("a note being written", '[data-id="note"]');
  await press("Escape");
  await page.getByRole("tab", { name: /^Text to image/ }).dblclick();
  await expect(page.getByRole("textbox", { name: "Workflow title" })).toBeFocused();
  await look("a workflow being named", "header");
  await press("Escape");

  for (const [title, keys] of [
    ["Load Model", "Shift+P"],
    ["Prompt", "p"],
    ["Image Size", "Alt+c"],
    ["VAE Decode", "ControlOrMeta+b"],
    ["Save Image", "ControlOrMeta+m"],
  ] as const) {
    await heading(page, title).click();
    await press(keys);
  }
  await page.getByRole("toolbar").getByRole("button", { name: "Minimap" }).click();
  await page.getByRole("button", { name: "Queue", exact: true }).click();
  await Promise.all([page.waitForEvent("download"), press("ControlOrMeta+s")]);
  await expect(page.getByText(/^Saved as/)).toBeVisible();
  await look("cards locked, pinned, folded, bypassed and muted, a frame, the map, an empty queue and a notice");
  expect(found).toEqual([]);
  await page.context().close();
});

test("axe finds nothing in what opens over pictures", async ({ browser, host }) => {
  test.setTimeout(MANY_LOOKS_MS);
  const page = await openFresh(browser, host, {});
  const { found, look } = inspector(page);
  const press = (keys: string) => page.keyboard.press(keys);
  await press("g");
  const gallery = page.getByRole("dialog", { name: "Gallery" });
  const tile = (name: string) => page.getByRole("option", { name: new RegExp(`^Picture ${name}`) });
  await gallery.getByRole("searchbox").fill("none of the kind");
  await expect(gallery.getByText("No picture matches.")).toBeVisible();
  await look("no picture found", DIALOG);
  await gallery.getByRole("button", { name: "Clear search and filters" }).click();
  await tile("0.png").click();
  await tile("1.png").click({ modifiers: ["ControlOrMeta"] });
  await look("chosen pictures", DIALOG);
  await press("c");
  const compare = page.getByRole("dialog", { name: "Compare" });
  for (const mode of ["Side by side", "Blink"]) {
    await compare.getByRole("button", { name: mode, exact: true }).first().click();
    await look(mode, DIALOG);
  }
  await press("Escape");
  await tile("0.png").click();
  await gallery.getByRole("button", { name: "Send to" }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await look("send to", MENU);
  await press("Escape");
  await tile("0.png").dblclick();
  await expect(page.getByRole("dialog").getByRole("application")).toBeVisible();
  await look("a picture of the gallery, large", DIALOG);
  await press("Escape");

  await tile("0.png").click();
  await press("Delete");
  await expect(gallery.getByText(/ in the trash\./)).toBeVisible();
  await look("a picture deleted", DIALOG);
  await gallery.getByRole("button", { name: "Trash", exact: true }).click();
  await tile("0.png").click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("heading", { name: /^Delete 1 picture for good/ })).toBeVisible();
  await look("the question before deleting for good", DIALOG);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Put back" }).click();
  await expect(page.getByText("The trash is empty.")).toBeVisible();
  await press("Escape");

  await page.keyboard.press("ControlOrMeta+k");
  await page.getByPlaceholder("Search commands", { exact: true }).fill("New from template");
  await press("Enter");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Image to image/ })
    .first()
    .click();
  const loader = node(page, "Load Image");
  await loader.getByRole("button", { name: "Picture from the web" }).click();
  await page.getByRole("textbox", { name: "Address of the picture" }).fill("https://example.org/cat.png");
  await expect(page.getByText(/^Heddle will ask example\.org/)).toBeVisible();
  await look("a picture from the web", DIALOG);
  await press("Escape");
  await loader.getByRole("button", { name: "Paint a mask on this picture" }).click();
  await page.getByRole("dialog").getByRole("application").focus();
  await press("Space");
  await press("Escape");
  await expect(page.getByRole("button", { name: "Discard" })).toBeVisible();
  await look("the question before a mask is discarded", DIALOG);
  await page.getByRole("button", { name: "Discard" }).click();

  await press("Alt+a");
  await page.getByRole("button", { name: "Arrange the form…" }).click();
  const ticked = page.getByRole("dialog").getByRole("checkbox", { checked: true });
  while ((await ticked.count()) > 0) await ticked.first().uncheck();
  await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
  await expect(page.getByText(/^This form has no fields yet/)).toBeVisible();
  await look("a form without fields");
  expect(found).toEqual([]);
  await page.context().close();
});

test("axe finds nothing in what is wrong, empty or being asked", async ({ browser, host }) => {
  test.setTimeout(MANY_LOOKS_MS);
  const page = await openFresh(browser, host, {});
  const { found, look } = inspector(page);
  const press = (keys: string) => page.keyboard.press(keys);
  const row = (title: string, param: string) => node(page, title).locator(`[data-socket-row="${param}"]`);
  const choose = (name: string | RegExp) => page.getByRole("menuitem", { name }).click();
  const dialog = page.getByRole("dialog");
  const pane = () => page.locator(".react-flow__pane").click({ position: { x: 8, y: 120 } });

  await row("Sampler", "steps").click({ button: "right" });
  await choose("Try several values…");
  const values = dialog.getByRole("textbox", { name: "Values of Sampler: Steps" });
  await values.fill("2, 900");
  await expect(dialog.getByRole("alert")).toContainText("Steps is 900");
  await look("a matrix with a value that does not fit", DIALOG);
  await press("Escape");

  for (const setting of ["steps", "guidance"]) {
    await row("Sampler", setting).click({ button: "right" });
    await choose("Show in the form");
  }
  await command(page, "Workflow properties…");
  await dialog.getByRole("textbox", { name: "API name of Sampler · Steps" }).fill("sampler.guidance");
  await expect(dialog.getByText("Another input has this name.")).toHaveCount(2);
  await look("one name for two inputs", DIALOG);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await press("ControlOrMeta+k");
  await page.getByPlaceholder("Search commands", { exact: true }).fill("none of the kind");
  await expect(page.getByText("No command matches.")).toBeVisible();
  await look("no command found", DIALOG);
  await press("Escape");
  for (const name of ["Settings", "Keyboard shortcuts"]) {
    await command(page, name);
    await dialog.getByRole("searchbox").fill("none of the kind");
    await expect(dialog.getByRole("checkbox")).toHaveCount(0);
    await look(`nothing found in ${name}`, DIALOG);
    await press("Escape");
    await expect(dialog).toHaveCount(0);
  }
  await command(page, "Keyboard shortcuts");
  await dialog.getByRole("searchbox").fill("queue");
  await dialog.getByRole("button", { name: "Change Q of Show or hide the queue" }).click();
  await look("a shortcut that is asked for", DIALOG);
  await press("Escape");
  await press("Escape");
  await expect(dialog).toHaveCount(0);
  await press("m");
  await dialog.getByRole("searchbox").fill("none of the kind");
  await expect(dialog.getByText("No model matches.")).toBeVisible();
  await look("no model found in the manager", DIALOG);
  await press("Escape");

  await node(page, "Save Image").getByRole("combobox").first().click();
  await expect(page.getByRole("listbox")).toBeVisible();
  await look("the choices of a setting", "[role=listbox]");
  await press("Escape");
  await heading(page, "VAE Decode").click();
  await heading(page, "Save Image").click({ modifiers: ["Shift"] });
  await press("Shift+F10");
  await page.getByRole("menuitem", { name: /^Align/ }).click();
  await expect(page.getByRole("menuitem", { name: "Distribute horizontally" })).toBeVisible();
  await look("how to align", MENU);
  await press("Escape");
  await press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);

  await drawLarge(page, 20);
  await pane();
  await press("q");
  for (let times = 0; times < 4; times++) await press("ControlOrMeta+Enter");
  const panel = page.getByRole("complementary", { name: "Queue" });
  const waiting = panel.getByRole("region", { name: "Waiting" }).getByRole("listitem");
  await expect(waiting).toHaveCount(3);
  // The last: those before it may begin meanwhile.
  await waiting.last().getByRole("button", { name: "More" }).click();
  await expect(page.getByRole("menuitemradio", { name: "High" })).toBeVisible();
  await look("the menu of a run that waits", MENU);
  await press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await command(page, "Cancel all");
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeVisible();

  // What cannot run, in the graph and in the form; a file that was refused; a button's name beside it.
  const broken = join(host.homeFolder, "broken.json");
  await writeFile(broken, "milk, bread");
  await openByKeys(page, broken);
  await expect(page.getByText(/workflow file is not JSON/)).toBeVisible();
  await page.getByRole("toolbar").getByRole("button", { name: "Add node" }).click();
  await page.getByRole("combobox", { name: "Search nodes" }).fill("Load Image");
  await press("Enter");
  await expect(node(page, "Load Image").getByText("has no picture yet", { exact: false })).toBeVisible();
  await page.getByRole("group", { name: "model model → sampler model" }).focus();
  await press("Enter");
  await press("Delete");
  await press("ControlOrMeta+Enter");
  await expect(page.getByRole("paragraph").filter({ hasText: /keeps? this workflow from running\./ })).toBeVisible();
  await page.getByRole("button", { name: "Command palette" }).hover();
  await expect(page.getByText(/^Command palette/)).toBeVisible();
  await look("a workflow that cannot run, a refused file, an empty picture and a button's name");
  await press("Alt+a");
  await expect(page.getByRole("form").getByRole("alert")).toContainText("Sampler needs a link");
  await expect(page.getByRole("form").getByRole("button", { name: "Run" })).toBeDisabled();
  await look("a form that cannot run");
  await press("Alt+h");
  await page.getByRole("searchbox", { name: "Search templates" }).fill("none of the kind");
  await expect(page.getByText(/^No template says/)).toBeVisible();
  await look("no template found");
  expect(found).toEqual([]);
  await page.context().close();
});

/** What the host would say of a machine on which nothing but the processor works, in the words of drivers. */
const FAILING_DEVICES = JSON.stringify([
  { device: "cpu", works: true, halfPrecision: true, speed: 1, reason: null },
  {
    device: "webgpu",
    works: false,
    halfPrecision: false,
    speed: null,
    reason: "a product of 64 by 64 is wrong by 0.5",
  },
  { device: "cuda", works: false, halfPrecision: false, speed: null, reason: "Failed to load shared library" },
]);
const TRIAL_PROBLEM = JSON.stringify({
  code: "device-trial-failed",
  message: "Nothing could be tried.",
  help: "Check again.",
});

test("axe finds nothing while the host is slow, fails or is away; the window comes back with it", async ({
  page,
  host,
}) => {
  test.setTimeout(MANY_LOOKS_MS);
  let isUp = true;
  let line: WebSocketRoute | undefined;
  /** Calls of this procedure wait in `held`, or go to one that the host does not have. */
  let disturbed: { call: string; how: "hold" | "fail" } | undefined;
  const held: (() => void)[] = [];
  let answerWith = (message: string) => message;
  await page.routeWebSocket(/\/rpc/, (socket) => {
    if (!isUp) {
      void socket.close();
      return;
    }
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const call = String(message);
      if (!disturbed || !call.includes(`"${disturbed.call}"`)) server.send(message);
      else {
        const fail = () => server.send(call.replace(/"u":"[^"]+"/, '"u":"/nowhere"'));
        if (disturbed.how === "hold") held.push(fail);
        else fail();
      }
    });
    server.onMessage((message) => socket.send(answerWith(String(message))));
    line = socket;
  });
  const { found, look } = inspector(page);
  const dialog = page.getByRole("dialog").last();
  await page.goto(host.url);
  await expect(node(page, "Sampler")).toBeVisible();

  disturbed = { call: "/gallery/search", how: "hold" };
  await page.keyboard.press("g");
  const reading = dialog.getByRole("status").filter({ hasText: "Reading the pictures…" });
  await expect(reading).toHaveCSS("opacity", "1");
  await look("pictures that are being read", DIALOG);
  for (const fail of held) fail();
  await expect(dialog.getByRole("alert")).toContainText("The host refused the request");
  await look("pictures that cannot be read", DIALOG);
  disturbed = undefined;
  await page.route(/\/images\//, (route) => route.fulfill({ status: 404 }));
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.getByRole("option", { name: /^Picture 3\.png/ }).click();
  const details = dialog.getByRole("complementary", { name: "Details" });
  await expect(details.getByTitle("This picture is no longer stored")).toBeVisible();
  disturbed = { call: "/gallery/mark", how: "fail" };
  await page.keyboard.press("f");
  await expect(dialog.getByRole("alert")).toContainText("The host refused the request");
  await look("pictures whose files are gone, and a mark that was not taken", DIALOG);
  disturbed = undefined;
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("application").getByText("This picture is no longer stored")).toBeVisible();
  await look("a picture that is gone, large", DIALOG);
  await page.keyboard.press("Escape");
  await expect(dialog.getByRole("application")).toHaveCount(0);
  await page.unroute(/\/images\//);

  // A browser that gives pages no clipboard.
  await page.evaluate(`Object.defineProperty(navigator, "clipboard", { value: undefined })`);
  await details.getByRole("button", { name: "Copy the prompt" }).click();
  const refusal = page.getByText("The clipboard cannot be reached. Copy the text from here:");
  await expect(refusal).toContainText("picture 3");
  await look("a text to copy by hand", "[aria-live=polite]");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await heading(page, "Sampler").click({ button: "right" });
  await page.getByRole("menuitem", { name: /^Copy/ }).click();
  await expect(page.getByText(/does not let menus write/)).toBeVisible();
  await page.locator(".react-flow__pane").click({ button: "right", position: { x: 8, y: 120 } });
  await page.getByRole("menuitem", { name: /^Paste/ }).click();
  await expect(page.getByText(/does not let menus read/)).toBeVisible();
  await look("keys for the clipboard", "[aria-live=polite]");

  answerWith = (message) =>
    message
      .replace(/"devices":\[.*?\](?=,"automatic")/, `"devices":${FAILING_DEVICES}`)
      .replace('"problem":null', `"problem":${TRIAL_PROBLEM}`)
      .replace('"preferences":{"device":"auto"', '"preferences":{"device":"cuda"')
      .replace('"fallback":null', '"fallback":"Failed to load shared library"');
  await command(page, "Settings");
  await dialog.getByRole("button", { name: "Devices" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Nothing could be tried.");
  const machine = dialog.getByRole("region", { name: "This machine" });
  await machine.locator("summary").last().click();
  await expect(machine.getByText("Failed to load shared library", { exact: true })).toBeVisible();
  await look("devices that failed", DIALOG);
  disturbed = { call: "/devices/change", how: "fail" };
  await dialog.getByRole("combobox", { name: "Compute with" }).selectOption("webgpu");
  await expect(dialog.getByRole("alert")).toContainText("The host refused the request");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  disturbed = undefined;

  isUp = false;
  await line?.close();
  await expect(page.getByRole("alert").getByText("Connection lost.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeDisabled();
  await look("the connection lost");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Heddle does not answer" })).toBeVisible({ timeout: 60_000 });
  await look("no host at the start");
  isUp = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(node(page, "Sampler")).toBeVisible({ timeout: 60_000 });
  expect(found).toEqual([]);
});
