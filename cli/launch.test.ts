import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;

/** A project in which the command only says which of its forms it is. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-launch-"));
  for (const storey of [
    "cli",
    "server",
    "engine",
    "nodes",
    "graph/deep",
    "protocol",
    "common",
    "scripts",
    "dist/command",
  ])
    await mkdir(join(folder, storey), { recursive: true });
  await copyFile(join(import.meta.dirname, "launch.js"), join(folder, "cli/launch.js"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "scripts/build.ts"), "");
  await write("cli/heddle.ts", 'const form: string = "sources";\nconsole.log(form);', 1_000);
  await write("graph/deep/part.ts", "", 1_000);
});
afterAll(() => rm(folder, { recursive: true }));

async function write(file: string, text: string, seconds: number): Promise<void> {
  await writeFile(join(folder, file), text);
  await utimes(join(folder, file), seconds, seconds);
}

async function started(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "cli/launch.js")]);
  return stdout.trim();
}

test("the bundle runs while no source is younger, and the sources do otherwise", async () => {
  expect(await started()).toBe("sources");
  await write("dist/command/heddle.js", 'console.log("bundle");', 2_000);
  await write("dist/command.stamp", "", 2_000);
  expect(await started()).toBe("bundle");
  await write("graph/deep/part.test.ts", "", 3_000);
  expect(await started()).toBe("bundle");
  await write("graph/deep/part.ts", "", 3_000);
  expect(await started()).toBe("sources");
  // An installed package cannot build itself: there is only the bundle.
  await rm(join(folder, "scripts"), { recursive: true });
  expect(await started()).toBe("bundle");
});
