import { app, BrowserWindow, dialog, ipcMain } from "electron";
import { toHeddleError } from "../common/errors.ts";
import { CONNECT_CHANNEL, DRAG_CHANNEL, PLACE_CHANNEL } from "../protocol/desktop-bridge.ts";
import { heddleFolders } from "../server/services/home.ts";
import { declareAppProtocol, isOfApp, serveAppProtocol } from "./app-protocol.ts";
import { placeOfDropped } from "./dialogs.ts";
import { dragFile } from "./drag-file.ts";
import { language, said } from "./language.ts";
import { installMenu } from "./menu.ts";
import { keepOwnProfile } from "./profile.ts";
import { confinePages, openWindow } from "./window.ts";

/** Entry of the desktop host: a window on the same renderer and the same services as the web host, without a port. */
const bundleFolder = import.meta.dirname;

async function start(): Promise<void> {
  // The window opens meanwhile: what it asks for waits for the host.
  const opening = import("./desktop-host.ts").then(({ openDesktopHost }) => openDesktopHost(bundleFolder));
  // Whoever waits for it hears of it too; the end of this function tells the person.
  opening.catch(() => {});

  serveAppProtocol(async (request) => (await opening).fetch(request));
  ipcMain.on(CONNECT_CHANNEL, (event) => {
    const window = BrowserWindow.fromWebContents(event.sender);
    const [port] = event.ports;
    if (!window || !port || !isOfApp(event.senderFrame?.url ?? "")) return;
    void opening.then((host) => host.connect(port, window)).catch(() => {});
  });
  ipcMain.on(DRAG_CHANNEL, (event, hash: unknown) => {
    if (!isOfApp(event.senderFrame?.url ?? "")) return;
    void opening
      .then(({ services }) => dragFile(event.sender, services, hash))
      .catch(() => {
        // The picture vanished while it was dragged: there is nothing to drop.
      });
  });
  ipcMain.handle(PLACE_CHANNEL, (event, path: unknown) =>
    isOfApp(event.senderFrame?.url ?? "") ? placeOfDropped(path) : null,
  );
  confinePages();
  installMenu(process.platform, language());
  openWindow(bundleFolder);

  app.on("activate", () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(bundleFolder);
  });
  app.on("second-instance", () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on("window-all-closed", () => {
    if (process.platform !== "darwin") app.quit();
  });
  // The engine has to let go of its sessions before the process may end.
  app.once("will-quit", (event) => {
    event.preventDefault();
    void opening.then(({ services }) => services.close()).finally(() => app.exit(0));
  });
  await opening;
}

keepOwnProfile(heddleFolders().home);
// Who starts it without a sandbox has none that works (root in a container). Enabling it all the same would only take that switch
// away from the pages' processes, which then end at once.
if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
declareAppProtocol();
if (app.requestSingleInstanceLock()) {
  // Electron gets ready only after this module has run to its end: waiting for it here would wait forever.
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      const { message, help } = toHeddleError(error);
      dialog.showErrorBox(said().couldNotStart, `${message}\n${help}`);
      app.exit(1);
    });
} else app.quit();
