import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const heddle = join(import.meta.dirname, "../cli/launch.js");

/** `heddle serve` in a process of its own, always on the same port. */
export class ServedHost {
  /** The address with the token. */
  url = new URL("http://127.0.0.1");
  readonly port: number;
  readonly #home: string;
  #child: ChildProcess | undefined;

  constructor(home: string, port: number) {
    this.port = port;
    this.#home = home;
  }

  async start(): Promise<void> {
    const env = { ...process.env, HEDDLE_HOME: this.#home, HEDDLE_OUTPUT: join(this.#home, "output") };
    const child = spawn(process.execPath, [heddle, "serve", "--no-open", "--port", String(this.port)], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /http:\S+/.exec(line)?.[0];
      if (address === undefined) continue;
      this.url = new URL(address);
      return;
    }
    throw new Error("The host did not start.");
  }

  get headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.url.searchParams.get("token")}`,
      "content-type": "application/json",
    };
  }

  fetch(path: string): Promise<Response> {
    return fetch(new URL(path, this.url), { headers: this.headers });
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** `false` when there is none at the moment. */
  async killEngine(): Promise<boolean> {
    const found = await promisify(execFile)("pgrep", ["-P", String(this.#child?.pid)]).catch(() => ({ stdout: "" }));
    const pids = found.stdout.split("\n").filter(Boolean).map(Number);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    return pids.length > 0;
  }

  async restart(): Promise<void> {
    const ended = new Promise((resolve) => this.#child?.once("close", resolve));
    this.kill();
    await ended;
    await this.start();
  }
}

/** Free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
