import type { Command } from "commander";
import open from "open";
import { HeddleError } from "../common/errors.ts";
import { isLoopback } from "../server/http/access.ts";
import { serveStudio } from "../server/serve-studio.ts";
import { openApiKeys } from "./keys.ts";

export function registerServe(program: Command): void {
  program
    .command("serve")
    .description("serve the studio to a browser, on this machine or (with --host) to others")
    .option("--port <number>", "exactly this port; 0 takes any free one", readPort)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--no-open", "do not open a browser")
    .action((options: { port?: number; host: string; open: boolean }) => serveUntilStopped(options));
}

/** Prints one line with the address, and returns when the studio listens; it then serves until a signal ends it. */
export async function serveUntilStopped(options: { port?: number; host?: string; open: boolean }): Promise<void> {
  const { open: shouldOpen, host = "127.0.0.1", port } = options;
  if (!isLoopback(host) && openApiKeys().list().length === 0) {
    throw new HeddleError({
      code: "api-key-needed",
      message: `Listening on ${host} lets the network in, and there is no API key yet.`,
      help: "Make one for each program: heddle keys create NAME. Or leave --host away to serve this machine only.",
      field: "host",
    });
  }
  const studio = await serveStudio({ host, ...(port === undefined ? {} : { port }) });
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
  if (shouldOpen) await open(studio.url).catch(() => {});
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
