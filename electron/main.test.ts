import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import type { ContractRouterClient } from "@orpc/contract";
import type { BrowserWindow } from "electron";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DesktopContract } from "../protocol/desktop.ts";
import { CONNECT_CHANNEL, DRAG_CHANNEL, PLACE_CHANNEL } from "../protocol/desktop-bridge.ts";
import { fromWireError } from "../protocol/errors.ts";
import { createElectron } from "./testing.ts";

type FakeElectron = ReturnType<typeof createElectron>;

let electron: FakeElectron;
let home: string;
/** Whether a host loads or runs behind the window. */
let isStarted = false;
const ports: MessagePort[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "heddle-desktop-"));
  vi.stubEnv("HEDDLE_HOME", home);
  vi.stubEnv("HEDDLE_OUTPUT", join(home, "output"));
  vi.resetModules();
  electron = createElectron();
  vi.doMock("electron", () => electron);
});

afterEach(async () => {
  for (const port of ports.splice(0)) port.close();
  // What still loads behind the window would find the real Electron, and the person's own folders, once this test is over.
  if (isStarted) {
    isStarted = false;
    electron.app.emit("will-quit", { preventDefault: () => {} });
    await vi.waitFor(() => {
      // The engine is a fake, which does not end by itself when it is told to.
      electron.fake.utility.emit("exit", 0);
      expect(electron.app.exit).toHaveBeenCalled();
    }, 9_000);
  }
  vi.doUnmock("electron");
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

async function start() {
  isStarted = true;
  await import("./main.ts");
  await vi.waitFor(() => expect(electron.fake.windows).toHaveLength(1));
  return electron.fake.windows[0]!;
}

/** Connects as the page at `address` would through the preload script. */
function connect(
  window: FakeElectron["fake"]["windows"][number],
  address: string,
): ContractRouterClient<DesktopContract> {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  electron.ipcMain.emit(CONNECT_CHANNEL, { sender: window.webContents, senderFrame: { url: address }, ports: [port1] });
  const client: ContractRouterClient<DesktopContract> = createORPCClient(new RPCLink({ port: port2 }));
  port2.start();
  return client;
}

test("the window is sandboxed and isolated, and shows the app's own page only", async () => {
  const window = await start();
  expect(electron.app.enableSandbox).toHaveBeenCalled();
  expect(window.options.webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    preload: expect.stringMatching(/preload\.cjs$/),
  });
  expect(window.loadURL).toHaveBeenCalledWith("heddle://app/");
  window.emit("ready-to-show");
  expect(window.show).toHaveBeenCalled();
});

test("who starts it without a sandbox keeps it so, or its page would end at once", async () => {
  electron.app.commandLine.hasSwitch.mockImplementation((name) => name === "no-sandbox");
  const window = await start();
  expect(electron.app.enableSandbox).not.toHaveBeenCalled();
  expect(window.options.webPreferences).toMatchObject({ sandbox: true });
});

test("the window's memory is in Heddle's folder, not in one that all programs share", async () => {
  await start();
  expect(electron.app.setName).toHaveBeenCalledWith("Heddle");
  expect(electron.app.setPath).toHaveBeenCalledWith("userData", join(home, "window"));
  expect(existsSync(join(home, "window"))).toBe(true);
  const [named] = electron.app.setPath.mock.invocationCallOrder;
  expect(named).toBeLessThan(electron.app.requestSingleInstanceLock.mock.invocationCallOrder[0]!);
});

test("the window does not wait for the host behind it", async () => {
  vi.doMock("./desktop-host.ts", () => ({ openDesktopHost: () => new Promise(() => {}) }));
  try {
    const window = await start();
    expect(window.loadURL).toHaveBeenCalledWith("heddle://app/");
  } finally {
    isStarted = false;
    vi.doUnmock("./desktop-host.ts");
  }
});

test("navigation, new windows, webviews and permissions are denied", async () => {
  const { webContents } = await start();
  for (const name of ["will-navigate", "will-redirect", "will-frame-navigate"]) {
    const away = { url: "https://evil.example/", preventDefault: vi.fn() };
    webContents.emit(name, away);
    expect(away.preventDefault, name).toHaveBeenCalled();
    const disguised = { url: "heddle://app.evil.example/", preventDefault: vi.fn() };
    webContents.emit(name, disguised);
    expect(disguised.preventDefault, name).toHaveBeenCalled();
    const home = { url: "heddle://app/", preventDefault: vi.fn() };
    webContents.emit(name, home);
    expect(home.preventDefault, name).not.toHaveBeenCalled();
  }
  const attach = { preventDefault: vi.fn() };
  webContents.emit("will-attach-webview", attach);
  expect(attach.preventDefault).toHaveBeenCalled();
  for (const url of ["https://example.org/licence", "file:///etc/passwd", "ms-word:ofe|u|x", "javascript:0", "x"]) {
    expect(webContents.windowOpenHandler?.({ url })).toEqual({ action: "deny" });
  }
  // Links to the web open in the person's browser; nothing else is handed to the system.
  expect(electron.shell.openExternal.mock.calls).toEqual([["https://example.org/licence"]]);

  const answer = vi.fn();
  const { session } = electron.fake;
  const request = session.setPermissionRequestHandler.mock.calls[0]![0];
  const check = session.setPermissionCheckHandler.mock.calls[0]![0];
  const elsewhere = { getURL: () => "https://evil.example/" };
  request(webContents, "media", answer);
  expect(answer).toHaveBeenLastCalledWith(false);
  expect(check(null, "media", "heddle://app")).toBe(false);
  for (const permission of ["notifications", "clipboard-read", "clipboard-sanitized-write"]) {
    request(webContents, permission, answer);
    expect(answer, permission).toHaveBeenLastCalledWith(true);
    request(elsewhere, permission, answer);
    expect(answer, permission).toHaveBeenLastCalledWith(false);
    // With and without the slash that an address ends in.
    expect(check(null, permission, "heddle://app"), permission).toBe(true);
    expect(check(null, permission, "heddle://app/"), permission).toBe(true);
    expect(check(null, permission, "https://evil.example"), permission).toBe(false);
  }
  expect(session.setDevicePermissionHandler.mock.calls[0]![0]()).toBe(false);
});

test("pages come over the app's own protocol with a strict policy; other hosts of it have nothing", async () => {
  await start();
  expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([
    { scheme: "heddle", privileges: expect.objectContaining({ standard: true, secure: true }) },
  ]);
  const respond = electron.fake.handlers.get("heddle")!;
  const missing = await respond(new Request(`heddle://app/images/${"0".repeat(64)}`));
  expect(missing.status).toBe(404);
  expect(missing.headers.get("content-security-policy")).toContain("script-src 'self';");
  expect(
    (await respond(new Request("heddle://elsewhere/index.html"))).headers.get("content-security-policy"),
  ).toBeNull();
});

test("the page talks to the services over its port, and the engine starts with its first subscription", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  expect(await client.info()).toMatchObject({ kind: "desktop", outputFolder: join(home, "output") });
  expect((await client.templates.list()).map(({ id }) => id)).toContain("text-to-image");
  expect(electron.utilityProcess.fork).not.toHaveBeenCalled();
  const events = await client.events();
  expect((await events.next()).value).toMatchObject({ type: "engine-state" });
  expect(electron.utilityProcess.fork).toHaveBeenCalledWith(
    expect.stringMatching(/engine\.js$/),
    [],
    expect.anything(),
  );
  await events.return?.();
});

test("a frame that is not the app's gets no port", async () => {
  const window = await start();
  const { port1 } = new MessageChannel();
  ports.push(port1);
  const listen = vi.spyOn(port1, "start");
  for (const url of ["https://evil.example/", "heddle://app.evil.example/", "about:blank"]) {
    electron.ipcMain.emit(CONNECT_CHANNEL, { sender: window.webContents, senderFrame: { url }, ports: [port1] });
  }
  electron.ipcMain.emit(CONNECT_CHANNEL, { sender: window.webContents, senderFrame: null, ports: [port1] });
  expect(listen).not.toHaveBeenCalled();
});

test("files are opened and saved with the system's dialogs", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  expect(await client.dialogs.openFile()).toBeNull();
  const path = join(home, "workflow.json");
  await writeFile(path, "{}");
  electron.dialog.showOpenDialog.mockResolvedValueOnce({ filePaths: [path] });
  const opened = await client.dialogs.openFile();
  expect(opened?.name).toBe("workflow.json");
  expect(await opened?.bytes.text()).toBe("{}");
  electron.dialog.showOpenDialog.mockResolvedValueOnce({ filePaths: [join(home, "gone.json")] });
  expect(await client.dialogs.openFile().catch(fromWireError)).toMatchObject({ code: "file-not-readable" });

  const bytes = new Blob(["saved"]);
  const request = { suggestedName: "../../picture.png", bytes, mimeType: "image/png" };
  expect(await client.dialogs.saveFile(request)).toBeNull();
  expect(electron.dialog.showSaveDialog).toHaveBeenCalledWith(window, { defaultPath: "picture.png" });
  electron.dialog.showSaveDialog.mockResolvedValueOnce({ filePath: join(home, "mine.png") });
  expect(await client.dialogs.saveFile(request)).toBe("mine.png");
  expect(await readFile(join(home, "mine.png"), "utf8")).toBe("saved");
  // A workflow is saved where it was opened from, without a question; what the page makes up is no place.
  const asked = electron.dialog.showSaveDialog.mock.calls.length;
  const workflow = { suggestedName: "workflow.json", bytes: new Blob(["{ }"]) };
  const saved = await client.files.saveTo({ ...workflow, place: opened?.place });
  expect(saved).toEqual({ name: "workflow.json", place: opened?.place });
  expect(await readFile(path, "utf8")).toBe("{ }");
  expect(electron.dialog.showSaveDialog).toHaveBeenCalledTimes(asked);
  expect(await client.files.saveTo({ ...workflow, place: path })).toBeNull();
  expect(electron.dialog.showSaveDialog).toHaveBeenCalledTimes(asked + 1);
  // What another program wrote there since is not overwritten before a person said so.
  await writeFile(path, "by another program");
  const again = { ...workflow, place: opened?.place };
  expect(await client.files.saveTo(again).catch(fromWireError)).toMatchObject({ code: "file-changed" });
  expect(await readFile(path, "utf8")).toBe("by another program");
  expect(await client.files.saveTo({ ...again, overwrites: true })).toMatchObject({ place: opened?.place });
  expect(await client.files.saveTo(again)).toMatchObject({ place: opened?.place });

  electron.dialog.showSaveDialog.mockResolvedValueOnce({ filePath: join(home, "no", "folder.png") });
  expect(await client.dialogs.saveFile(request).catch(fromWireError)).toMatchObject({ code: "file-not-writable" });
});

test("a folder is chosen with the system's dialog", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  expect(await client.folders.choose()).toBeNull();
  electron.dialog.showOpenDialog.mockResolvedValueOnce({ filePaths: [home] });
  expect(await client.folders.choose()).toBe(home);
  expect(electron.dialog.showOpenDialog).toHaveBeenLastCalledWith(window, { properties: ["openDirectory"] });
});

test("a workflow is opened again in its place, also in a later run; one that is gone is told", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  const path = join(home, "cats.json");
  await writeFile(path, "{}");
  electron.dialog.showOpenDialog.mockResolvedValueOnce({ filePaths: [path] });
  const { place } = (await client.dialogs.openFile())!;
  await writeFile(path, "{ }");
  expect(await (await client.files.openAgain({ place }))?.bytes.text()).toBe("{ }");
  // What the page makes up is no place.
  expect(await client.files.openAgain({ place: path })).toBeNull();

  vi.resetModules();
  const later = await import("./dialogs.ts");
  expect(await later.openPlace(place)).toMatchObject({ name: "cats.json", place });
  const saved = await later.saveToPlace(window as unknown as BrowserWindow, "x.json", new Blob(["later"]), place);
  expect(saved).toEqual({ name: "cats.json", place });
  expect(await readFile(path, "utf8")).toBe("later");

  await rm(path);
  expect(await client.files.openAgain({ place }).catch(fromWireError)).toMatchObject({
    code: "file-gone",
    details: { name: "cats.json" },
  });
});

test("a workflow that is dropped has a place, for the app's own page only; other files have none", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  const path = join(home, "dropped.json");
  await writeFile(path, "{}");
  const ask = (address: string, asked: unknown) =>
    electron.fake.requests.get(PLACE_CHANNEL)!({ senderFrame: { url: address } }, asked);
  const place = await ask("heddle://app/", path);
  expect(place).toEqual(expect.any(String));
  expect(await ask("heddle://app/", path)).toBe(place);
  expect(await client.files.openAgain({ place: String(place) })).toMatchObject({ name: "dropped.json" });
  await writeFile(join(home, "key.pem"), "");
  expect(await ask("https://evil.example/", path)).toBeNull();
  for (const other of [join(home, "key.pem"), join(home, "gone.json"), home, 7]) {
    expect(await ask("heddle://app/", other)).toBeNull();
  }
});

test("a run's progress is shown on the icon, and taken away when it is over", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  await client.window.showProgress({ share: 0.4 });
  await client.window.showProgress({ share: null });
  expect(window.setProgressBar.mock.calls).toEqual([[0.4], [-1]]);
});

test("a stored picture is dragged out as its file, for the app's own page only", async () => {
  const window = await start();
  const client = connect(window, "heddle://app/");
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const { hash } = await client.images.put({ file: new Blob([png as Uint8Array<ArrayBuffer>]) });
  const drag = (address: string, dragged: unknown) =>
    electron.ipcMain.emit(DRAG_CHANNEL, { sender: window.webContents, senderFrame: { url: address } }, dragged);
  drag("https://evil.example/", hash);
  drag("heddle://app/", "../../etc/passwd");
  drag("heddle://app/", hash);
  await vi.waitFor(() => expect(window.webContents.startDrag).toHaveBeenCalled());
  expect(window.webContents.startDrag).toHaveBeenCalledTimes(1);
  expect(window.webContents.startDrag).toHaveBeenCalledWith({
    file: expect.stringContaining(hash),
    icon: expect.anything(),
  });
});

test("a second instance brings the first one's window to the front", async () => {
  const window = await start();
  electron.app.emit("second-instance");
  expect(window.restore).toHaveBeenCalled();
  expect(window.focus).toHaveBeenCalled();
});

test("without the single-instance lock it quits and opens nothing", async () => {
  electron.app.requestSingleInstanceLock.mockReturnValue(false);
  await import("./main.ts");
  expect(electron.app.quit).toHaveBeenCalled();
  expect(electron.app.whenReady).not.toHaveBeenCalled();
});

test("menus and dialogs speak the language of the page, and before it told, the system's", async () => {
  type Menus = { label?: string; role?: string; submenu?: { role?: string; label?: string }[] }[];
  const menus = () => electron.Menu.buildFromTemplate.mock.lastCall?.[0] as Menus;
  electron.app.getLocale.mockReturnValue("zh-CN");
  const window = await start();
  expect(menus().map(({ label }) => label)).toEqual(expect.arrayContaining(["文件", "编辑", "视图", "窗口"]));
  // Electron's own words for what a role does are English.
  for (const { submenu = [] } of menus())
    for (const { role, label } of submenu) if (role !== undefined) expect(label, role).toMatch(/\p{Script=Han}/u);
  const client = connect(window, "heddle://app/");
  const filters = async () => {
    await client.dialogs.openFile();
    const [, { filters }] = electron.dialog.showOpenDialog.mock.lastCall as unknown as [
      unknown,
      { filters: { name: string }[] },
    ];
    return filters.map(({ name }) => name);
  };
  expect(await filters()).toEqual(["工作流和图片", "所有文件"]);
  await client.window.speak({ language: "en" });
  expect(menus().map(({ role }) => role)).toEqual(expect.arrayContaining(["fileMenu", "editMenu"]));
  expect(await filters()).toEqual(["Workflows and pictures", "All files"]);
});

test("quitting waits until the services are closed", async () => {
  await start();
  const event = { preventDefault: vi.fn() };
  electron.app.emit("will-quit", event);
  expect(event.preventDefault).toHaveBeenCalled();
  await vi.waitFor(() => expect(electron.app.exit).toHaveBeenCalledWith(0));
});

test("a start that fails is told in a box, not in silence", async () => {
  await writeFile(join(home, "logs"), "a file where the log's folder should be");
  await import("./main.ts");
  await vi.waitFor(() => expect(electron.app.exit).toHaveBeenCalledWith(1));
  expect(electron.dialog.showErrorBox).toHaveBeenCalledWith("Heddle could not start", expect.any(String));
});
