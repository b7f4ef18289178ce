import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";

const entry = fileURLToPath(new URL("./heddle.ts", import.meta.url));
const template = fileURLToPath(new URL("../resources/templates/text-to-image.json", import.meta.url));
let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "heddle-terminal-"));
});
afterAll(() => rm(home, { recursive: true }));

/** The command as a process of its own, with its real engine. */
function heddle(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: path.join(home, "out") };
    execFile(process.execPath, [entry, ...args], { env, cwd: home }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("help names every command", async () => {
  const { code, stdout } = await heddle("--help");
  expect(code).toBe(0);
  for (const command of ["run", "inspect", "serve", "app"]) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
});

test.each([[["bogus"]], [["run"]], [["run", "x.json", "--bogus"]], [["inspect", "absent.json"]]])(
  "%j is bad input",
  async (args) => {
    const { code, stderr } = await heddle(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
  },
);

test("the starter model draws the same picture for the same seed", async () => {
  const draw = async () => {
    const { code, stdout, stderr } = await heddle(
      ...["run", template, "--json", "--set", "prompt.text=a red circle on a blue background"],
      ...["--set", "sampler.steps=2", "--set", "size.width=128", "--set", "size.height=128", "--out", "pictures"],
    );
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const { images, cachedNodes } = JSON.parse(stdout);
    expect(images).toMatchObject([{ width: 128, height: 128, seed: 3 }]);
    expect(images[0].path.startsWith(path.join(home, "pictures"))).toBe(true);
    expect(cachedNodes).toEqual([]);
    return sharp(images[0].path).raw().toBuffer();
  };
  const [first, second] = [await draw(), await draw()];
  expect(first.equals(second)).toBe(true);
  const { dominant } = await sharp(first, { raw: { width: 128, height: 128, channels: 3 } }).stats();
  expect(dominant.b).toBeGreaterThan(dominant.r + 60);
}, 120_000);
