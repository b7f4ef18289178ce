import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { build } from "../scripts/build.ts";
import { runDesktop } from "./app.ts";

// Whole programs start, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

/** The two commands alone, in a process of their own. */
const program = `
  import { Command } from "commander";
  import { registerApp } from "./cli/app.ts";
  import { registerServe } from "./cli/serve.ts";
  const program = new Command();
  registerApp(program);
  registerServe(program);
  await program.parseAsync(["node", "heddle", ...process.argv.slice(1)]).catch((error) => {
    console.error(error.code);
    process.exit(1);
  });
`;

let home: string;
const running: ChildProcess[] = [];

beforeAll(() => build().then(() => {}), 120_000);
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "heddle-serve-"));
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

function heddle(...args: string[]) {
  const env = {
    ...process.env,
    HEDDLE_HOME: home,
    HEDDLE_OUTPUT: join(home, "output"),
    ELECTRON_OVERRIDE_DIST_PATH: home,
    ELECTRON_SKIP_BINARY_DOWNLOAD: "1",
  };
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, lines, ended, errors: () => errors };
}

test("serve prints one line with the address, answers, and ends cleanly", async () => {
  const { child, lines, ended, errors } = heddle("serve", "--port", "0", "--no-open");
  await expect.poll(() => lines, { timeout: 80_000 }).toHaveLength(1);
  const [address] = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(lines[0]!)!;
  expect((await fetch(new URL("/healthz", address))).status).toBe(200);
  expect(await (await fetch(address)).text()).toContain("<title>Heddle</title>");
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(lines).toHaveLength(1);
  expect(errors()).toBe("");
});

test("a port that is taken and one that is none are refused", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const taken = heddle("serve", "--no-open", "--port", String((server.address() as AddressInfo).port));
  expect(await taken.ended).toBe(1);
  expect(taken.errors()).toContain("port-in-use");
  server.close();
  const none = heddle("serve", "--no-open", "--port", "eighty");
  expect(await none.ended).toBe(1);
  expect(none.errors()).toContain("bad-port");
});

test("without Electron's binary, app says why in one line and serves the studio on loopback", async () => {
  const { child, lines, ended } = heddle("app", "--no-open");
  await expect.poll(() => lines, { timeout: 80_000 }).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^Electron cannot be used here: its binary is absent .*\. The studio runs in the browser instead\.$/,
  );
  expect(lines[1]).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?token=/);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
});

test("a desktop app that ends with an error or crashes at once is replaced by the browser, one that ran is not", async () => {
  const script = async (name: string, text: string) => {
    const path = join(home, name);
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  };
  expect(await runDesktop(await script("broken", "exit 127"), "main.js")).toBe(
    "it ended with code 127 when it started",
  );
  // As Electron does where the system forbids its sandbox (Ubuntu 24.04 and later).
  expect(await runDesktop(await script("forbidden", "kill -TRAP $$"), "main.js")).toMatch(
    /^it crashed \(SIGTRAP\) when it started; .*sandbox/,
  );
  expect(await runDesktop(await script("stopped", "kill -TERM $$"), "main.js")).toBeUndefined();
  expect(await runDesktop(await script("fine", "exit 0"), "main.js")).toBeUndefined();
  expect(await runDesktop(join(home, "absent"), "main.js")).toContain("ENOENT");
  process.exitCode = undefined;
});
