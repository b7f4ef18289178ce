import { join } from "node:path";
import { RPCHandler } from "@orpc/server/message-port";
import { app, BrowserWindow, dialog, ipcMain } from "electron";
import { toHeddleError } from "../common/errors.ts";
import { CONNECT_CHANNEL, DRAG_CHANNEL } from "../protocol/desktop-bridge.ts";
import { createHttpApp } from "../server/http/http-app.ts";
import { openLocalHost } from "../server/open-local-host.ts";
import { declareAppProtocol, isOfApp, serveAppProtocol } from "./app-protocol.ts";
import { desktopRouter } from "./desktop-router.ts";
import { dragFile } from "./drag-file.ts";
import { installMenu } from "./menu.ts";
import { forkUtilityEngine } from "./utility-engine.ts";
import { confinePages, openWindow } from "./window.ts";

/** Entry of the desktop host: a window on the same renderer and the same services as the web host, without a port. */
const bundleFolder = import.meta.dirname;

async function start(): Promise<void> {
  const services = await openLocalHost("desktop", (environment) =>
    forkUtilityEngine(join(bundleFolder, "engine.js"), environment),
  );
  const pages = createHttpApp({ services, rendererFolder: join(bundleFolder, "../renderer") });
  const rpc = new RPCHandler(desktopRouter);

  serveAppProtocol((request) => pages.fetch(request));
  ipcMain.on(CONNECT_CHANNEL, (event) => {
    const window = BrowserWindow.fromWebContents(event.sender);
    const [port] = event.ports;
    if (!window || !port || !isOfApp(event.senderFrame?.url ?? "")) return;
    rpc.upgrade(port, { context: { services, window } });
    port.start();
  });
  ipcMain.on(DRAG_CHANNEL, (event, hash: unknown) => {
    if (!isOfApp(event.senderFrame?.url ?? "")) return;
    void dragFile(event.sender, services, hash).catch(() => {
      // The picture vanished while it was dragged: there is nothing to drop.
    });
  });
  confinePages();
  installMenu(process.platform);
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
    void services.close().finally(() => app.exit(0));
  });
}

app.enableSandbox();
declareAppProtocol();
if (app.requestSingleInstanceLock()) {
  // Electron gets ready only after this module has run to its end: waiting for it here would wait forever.
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      const { message, help } = toHeddleError(error);
      dialog.showErrorBox("Heddle could not start", `${message}\n${help}`);
      app.exit(1);
    });
} else app.quit();
