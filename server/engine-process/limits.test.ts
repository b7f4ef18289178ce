import { execFile, execFileSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { canMountDisks, fillDisk, mountedDisk } from "../../test/support/small-disk.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { forkEngine } from "./engine-child.ts";
import { EngineSupervisor } from "./supervisor.ts";

/**
 * The real engine, under real limits of the system. Where the system has no such limit, or whoever runs this may not set it,
 * the test's name says so.
 */
vi.setConfig({ testTimeout: 60_000 });
afterEach(() => void vi.unstubAllEnvs());

const entry = fileURLToPath(new URL("./child.ts", import.meta.url));
const template = fileURLToPath(new URL("../../resources/templates/text-to-image.json", import.meta.url));
const MB = 1e6;

interface Engine {
  supervisor: EngineSupervisor;
  /** Runs the starter's first template; what failed, or nothing. */
  run(document?: WorkflowDocument): Promise<ErrorPayload | undefined>;
  /** Of the engine process. */
  pid(): number;
  starts(): number;
  output: string;
}

async function startEngine({ output }: { output?: string } = {}): Promise<Engine> {
  const { path: home } = await temporaryFolder();
  const folder = output ?? join(home, "output");
  vi.stubEnv("HEDDLE_HOME", home);
  vi.stubEnv("HEDDLE_OUTPUT", folder);
  let starts = 0;
  const supervisor = new EngineSupervisor({
    spawn(environment) {
      starts++;
      return forkEngine(entry, [], environment);
    },
  });
  onTestFinished(() => supervisor.close());
  supervisor.warmUp();
  await vi.waitFor(() => expect(supervisor.state).toBe("ready"), { timeout: 30_000 });
  const { document: picture } = parseWorkflowText(readFileSync(template, "utf8"));
  let runs = 0;
  return {
    supervisor,
    async run(document = picture) {
      let failure: ErrorPayload | undefined;
      try {
        await supervisor.run({ runId: `run-${++runs}`, document }, (event) => {
          if (event.type === "run-finished") failure = event.error;
        });
        return failure;
      } catch (error) {
        return toHeddleError(error).toPayload();
      }
    },
    pid: () =>
      Number(
        execFileSync("pgrep", ["-P", String(process.pid), "-f", entry])
          .toString()
          .trim()
          .split("\n")[0],
      ),
    starts: () => starts,
    output: folder,
  };
}

const isLackOfMemory = ({ code, details }: ErrorPayload) =>
  code === "out-of-memory" || (code === "engine-stopped" && details?.cause === "out-of-memory");

const canLimit = succeeds("prlimit", ["--version"]) && succeeds("pgrep", ["--version"]);
const withoutPrlimit = canLimit ? "" : " (skipped: there is no prlimit)";

// With little room the process itself ends; with more, it is a session, or the threads of one, that finds none.
test.skipIf(!canLimit).each([4, 60])(
  `with only %i MB of address space left a run fails for lack of memory, and the next one works${withoutPrlimit}`,
  async (margin) => {
    const { run, pid, starts } = await startEngine();
    const engine = pid();
    const limit = (bytes: number | "unlimited") =>
      promisify(execFile)("prlimit", ["--pid", String(engine), `--as=${bytes}:unlimited`]);
    await limit(Math.round(addressSpace(engine) + margin * MB));
    const failure = await run();
    expect(failure).toSatisfy(isLackOfMemory);
    expect(failure?.help).toMatch(/smaller/);
    // What did not end goes on as it is, when there is room again.
    if (failure?.code === "out-of-memory") {
      expect(starts()).toBe(1);
      await limit("unlimited");
    }
    expect(await run()).toBeUndefined();
    expect(starts()).toBe(failure?.code === "out-of-memory" ? 1 : 2);
  },
);

const MEMORY_GROUPS = "/sys/fs/cgroup/memory";
const canGroup = isWritable(MEMORY_GROUPS) && canLimit;
const withoutGroups = canGroup ? "" : ` (skipped: ${MEMORY_GROUPS} cannot be written)`;

test.skipIf(!canGroup)(
  `an engine that the system kills for its memory is told as such, and another one goes on${withoutGroups}`,
  async () => {
    const group = join(MEMORY_GROUPS, `heddle-test-${process.pid}`);
    mkdirSync(group);
    onTestFinished(() => removeGroup(group));
    writeFileSync(join(group, "memory.limit_in_bytes"), String(32 * MB));
    const { run, pid, starts } = await startEngine();
    writeFileSync(join(group, "cgroup.procs"), String(pid()));
    const failure = await run();
    expect(failure).toMatchObject({ code: "engine-stopped", details: { cause: "out-of-memory", signal: "SIGKILL" } });
    expect(await run()).toBeUndefined();
    expect(starts()).toBe(2);
  },
);

const canMount = canMountDisks();
const withoutMount = canMount ? "" : " (skipped: no file system of a given size can be mounted)";

test.skipIf(!canMount)(
  `a picture that no longer fits its disk is not lost: room made, the next run saves it${withoutMount}`,
  async () => {
    const disk = mountedDisk("size=256k");
    const { run, output } = await startEngine({ output: disk });
    await fillDisk(join(disk, "other-file"), 250_000);
    const failure = await run();
    expect(failure).toMatchObject({
      code: "output-not-writable",
      details: { reason: "ENOSPC" },
      message: expect.stringContaining("the disk is full"),
    });
    // Nothing half-written stays.
    expect((await readdir(output, { recursive: true })).filter((name) => name.endsWith(".png"))).toEqual([]);
    await rm(join(disk, "other-file"));
    expect(await run()).toBeUndefined();
    expect((await readdir(output, { recursive: true })).filter((name) => name.endsWith(".png"))).toHaveLength(1);
  },
);

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
    accessSync(join(folder, "memory.limit_in_bytes"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of the address space that a process has taken. */
function addressSpace(pid: number): number {
  return Number(/VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** A group is gone only when its last process is. */
async function removeGroup(group: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      rmdirSync(group);
      return;
    } catch {
      await delay(20);
    }
  }
}
