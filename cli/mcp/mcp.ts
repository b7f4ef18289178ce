import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Command } from "commander";
import { HeddleClient } from "../../client/heddle-client.ts";
import { packageFacts } from "../../server/package-facts.ts";
import { serveStudio } from "../../server/serve-studio.ts";
import { note } from "../print.ts";
import { parseServer } from "../run-on-server.ts";
import { createMcpTools } from "./tools.ts";

export function registerMcp(program: Command): void {
  program
    .command("mcp")
    .description(
      "offer the workflows as tools to an assistant, over the Model Context Protocol on standard input and output",
    )
    .option("--server <url>", "use the Heddle that serves there, instead of starting one")
    .action((options: { server?: string }) => serveTools(options));
}

/** Serves until the assistant closes its end. Standard output belongs to the protocol. */
async function serveTools({ server }: { server?: string }): Promise<void> {
  const studio = server === undefined ? await serveStudio({ port: 0 }) : undefined;
  try {
    const client = new HeddleClient(parseServer(studio?.url ?? server!));
    // Asked for once before anything is promised: an address where nobody answers is an error of the command line.
    await createMcpTools(client, packageFacts().version);
    const handle = serveStdio(() => createMcpTools(client, packageFacts().version), {
      onerror: (error) => note(`mcp: ${error.message}`),
    });
    await untilClosed();
    await handle.close();
  } finally {
    await studio?.close();
  }
}

function untilClosed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once("end", resolve).once("close", resolve);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
