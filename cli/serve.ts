import type { Command } from "commander";
import { HeddleError } from "../common/errors.ts";
import { isLoopback } from "../server/http/access.ts";
import { serveStudio } from "../server/serve-studio.ts";
import { openApiKeys } from "./keys.ts";

interface ServeOptions {
  port?: number;
  host?: string;
  publicUrl?: URL;
}

export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("serve the studio to a browser, on this machine or (with --host) to others")
    .option("--port <number>", "exactly this port; 0 takes any free one", readPort)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--public-url <url>", "how a proxy or a published port in front of it is spoken to", readPublicUrl)
    .option("--no-open", "do not open a browser")
    .action((options: ServeOptions & { open: boolean }) => serveUntilStopped(options));
}

/** Prints one line with the address, and returns when the studio listens; it then serves until a signal ends it. */
export async function serveUntilStopped(options: ServeOptions & { open: boolean }): Promise<void> {
  const { open: shouldOpen, host = "127.0.0.1", port } = options;
  const publicUrl = options.publicUrl ?? publicUrlOfEnvironment();
  if (!isLoopback(host) && openApiKeys().list().length === 0) {
    throw new HeddleError({
      code: "api-key-needed",
      message: `Listening on ${host} lets the network in, and there is no API key yet.`,
      help: "Make one for each program: heddle keys create NAME. Or leave --host away to serve this machine only.",
      field: "host",
    });
  }
  const studio = await serveStudio({ host, publicUrl, ...(port === undefined ? {} : { port }) });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void studio.close().finally(() => process.exit(0)));
  }
  process.stdout.write(`Heddle is ready at ${studio.url}\n`);
  if (!isLoopback(host)) {
    process.stderr.write(
      "Others on the network can use it with this address; it is not encrypted, so trust that network.\n",
    );
  }
  // Without a browser to open the printed address is enough.
  if (shouldOpen) await openInBrowser(studio.url).catch(() => {});
}

/** Loaded after the studio listens. */
async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import("open");
  await open(url);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new HeddleError({
    code: "bad-port",
    message: `"${text}" is no port.`,
    help: "Give --port a number from 0 to 65535.",
    field: "port",
  });
}

/** Containers and services are told by their environment. */
function publicUrlOfEnvironment(): URL | undefined {
  const { HEDDLE_PUBLIC_URL } = process.env;
  return HEDDLE_PUBLIC_URL ? readPublicUrl(HEDDLE_PUBLIC_URL) : undefined;
}

function readPublicUrl(text: string): URL {
  const url = URL.parse(text);
  if (url && ["http:", "https:"].includes(url.protocol) && url.pathname === "/" && !url.username) return url;
  throw new HeddleError({
    code: "bad-public-url",
    message: `"${text}" is no address that Heddle can be reached at.`,
    help: "Give protocol, name and port only, such as https://studio.example.",
    field: "public-url",
  });
}
