import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HeddleError } from "../common/errors.ts";
import { openInterfaces } from "./api/open-interfaces.ts";
import { forkEngine } from "./engine-process/engine-child.ts";
import type { AccessPolicy } from "./http/access.ts";
import { Turns } from "./http/turns.ts";
import { openLocalHost } from "./open-local-host.ts";
import { packageFacts } from "./package-facts.ts";
import { startWebHost, type WebHost } from "./web-host.ts";

export interface StudioOptions {
  host?: string;
  port?: number;
  publicUrl?: URL | undefined;
}

/** The whole studio on this machine, for browsers. Closing it ends its engine too. */
export async function serveStudio(options: StudioOptions): Promise<WebHost> {
  const rendererFolder = join(packageFacts().folder, "dist", "renderer");
  if (!existsSync(join(rendererFolder, "index.html"))) {
    throw new HeddleError({
      code: "studio-not-built",
      message: "The studio’s pages have not been built.",
      help: "Run `npm run build` in Heddle’s folder, then start it again.",
      details: { rendererFolder },
    });
  }
  const turns = new Turns();
  const services = await openLocalHost("web", (environment) => forkEngine(engineEntry(), [], environment), {
    whenQuiet: (atMostMs) => turns.quiet(atMostMs),
  });
  const createInterfaces = (policy: AccessPolicy, cookie: { name: string }) =>
    openInterfaces(services, policy, cookie, { publicUrl: options.publicUrl });
  const web = await startWebHost({ services, rendererFolder, createInterfaces, turns, ...options }).catch(
    async (error: unknown) => {
      await services.close();
      throw error;
    },
  );
  return {
    ...web,
    async close() {
      await services.close();
      await web.close();
    },
  };
}

/** In a bundle the engine's code lies beside it. */
function engineEntry(): string {
  const name = import.meta.url.endsWith(".ts") ? "./engine-process/child.ts" : "./engine-child.js";
  return fileURLToPath(new URL(name, import.meta.url));
}
