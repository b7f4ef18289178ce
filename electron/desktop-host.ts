import { join } from "node:path";
import { RPCHandler } from "@orpc/server/message-port";
import type { BrowserWindow, MessagePortMain } from "electron";
import { createHttpApp } from "../server/http/http-app.ts";
import { type OpenedHost, openLocalHost } from "../server/open-local-host.ts";
import { desktopRouter } from "./desktop-router.ts";
import { forkUtilityEngine } from "./utility-engine.ts";

/** Everything behind the window: the services of this machine's folders, on the window's own transports. */
export interface DesktopHost {
  readonly services: OpenedHost;
  /** Answers requests for pages and pictures. */
  fetch(request: Request): Response | Promise<Response>;
  /** Speaks the contract over the port that a page gave. */
  connect(port: MessagePortMain, window: BrowserWindow): void;
}

/** Loaded apart from the main module: its modules take longer to load than the window to open. */
export async function openDesktopHost(bundleFolder: string): Promise<DesktopHost> {
  const services = await openLocalHost("desktop", (environment) =>
    forkUtilityEngine(join(bundleFolder, "engine.js"), environment),
  );
  const pages = createHttpApp({ services, rendererFolder: join(bundleFolder, "../renderer") });
  const rpc = new RPCHandler(desktopRouter);
  return {
    services,
    fetch: (request) => pages.fetch(request),
    connect(port, window) {
      rpc.upgrade(port, { context: { services, window } });
      port.start();
    },
  };
}
