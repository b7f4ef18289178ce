import { join } from "node:path";
import { app, BrowserWindow, session, shell } from "electron";
import { APP_ORIGIN, isOfApp } from "./app-protocol.ts";

/**
 * What the app's page may do: tell on the desktop that a run ended, which it does when a person has switched that on, and copy and
 * paste from menus.
 */
const granted = new Set(["notifications", "clipboard-read", "clipboard-sanitized-write"]);

/**
 * Pages of this app stay in this app: no other page is ever shown, no window opened, no device or sensor granted. A link to the web
 * that a person follows (in a note, to a model's licence) opens in their browser.
 */
export function confinePages(): void {
  app.on("web-contents-created", (_event, contents) => {
    const stay = (event: { preventDefault(): void }, address: string) => {
      if (!isOfApp(address)) event.preventDefault();
    };
    contents.on("will-navigate", (event) => stay(event, event.url));
    contents.on("will-redirect", (event) => stay(event, event.url));
    contents.on("will-frame-navigate", (event) => stay(event, event.url));
    contents.on("will-attach-webview", (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isOfWeb(url)) void shell.openExternal(url).catch(() => {});
      return { action: "deny" };
    });
  });
  session.defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(granted.has(permission) && isOfApp(contents.getURL())),
  );
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => granted.has(permission) && isOfApp(`${origin}/`),
  );
  session.defaultSession.setDevicePermissionHandler(() => false);
}

/** Other schemes may start programs. */
function isOfWeb(address: string): boolean {
  return URL.canParse(address) && ["https:", "http:"].includes(new URL(address).protocol);
}

export function openWindow(bundleFolder: string): BrowserWindow {
  const window = new BrowserWindow({
    title: "Heddle",
    width: 1440,
    height: 900,
    minWidth: 720,
    minHeight: 480,
    show: false,
    // The renderer's dark background, so that nothing flashes before its first paint.
    backgroundColor: "#141517",
    webPreferences: {
      preload: join(bundleFolder, "preload.cjs"),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    },
  });
  window.once("ready-to-show", () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
  return window;
}
