import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "./build.ts";

const root = resolve(import.meta.dirname, "..");
const bundleFolder = join(root, "dist/electron");
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "heddle-bundle-"));
  await build();
}, 120_000);
afterAll(() => rm(home, { recursive: true }));

test("a part is built when it is missing, when an input changed, and when forced; else it is left alone", async () => {
  const project = join(home, "project");
  const part = { name: "part", inputs: ["src/**/*.ts"], folder: "dist/part", proof: "out.js", configs: () => [] };
  const make = async (_part: unknown, _root: string, folder: string) => {
    await mkdir(folder);
    await writeFile(join(folder, "out.js"), await readFile(join(project, "src/in.ts")));
  };
  const run = (force = false) => build({ root: project, parts: [part], make, force });
  const output = () => readFile(join(project, "dist/part/out.js"), "utf8");
  await mkdir(join(project, "src"), { recursive: true });
  await writeFile(join(project, "src/in.ts"), "one");
  expect(await run()).toEqual(["part"]);
  expect(await run()).toEqual([]);
  await writeFile(join(project, "src/in.test.ts"), "tests are no inputs");
  expect(await run()).toEqual([]);
  await writeFile(join(project, "src/in.ts"), "two");
  expect(await run()).toEqual(["part"]);
  expect(await output()).toBe("two");
  expect(await run(true)).toEqual(["part"]);
  await rm(join(project, "dist/part/out.js"));
  expect(await run()).toEqual(["part"]);

  await writeFile(join(project, "src/in.ts"), "broken");
  const failing = () => Promise.reject(new Error("does not compile"));
  await expect(build({ root: project, parts: [part], make: failing })).rejects.toThrow("does not compile");
  expect(await output()).toBe("two");
  expect(await readdir(join(project, "dist"))).toEqual(["part", "part.stamp"]);
});

test("the preload bundle is one CommonJS file that requires electron only", async () => {
  const preload = await readFile(join(bundleFolder, "preload.cjs"), "utf8");
  expect([...preload.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(["electron"]);
  expect(preload).not.toMatch(/^import /m);
});

test("the main bundle leaves Electron and all packages outside", async () => {
  const main = await readFile(join(bundleFolder, "main.js"), "utf8");
  expect(main).toMatch(/from "electron"/);
  expect(main).not.toContain("onnxruntime");
});

test("the command line's bundle has nearly all packages in it, and draws", async () => {
  const folder = join(root, "dist/command");
  const imports = new Set<string>();
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".js"))) {
    const code = await readFile(join(folder, name), "utf8");
    for (const [, from] of code.matchAll(/^(?:import|export)\b[^;\n]*? from "([^."][^"]*)"/gm)) imports.add(from!);
  }
  const packages = [...imports].filter((from) => !isBuiltin(from));
  expect(packages.sort()).toEqual(["onnxruntime-node", "sharp"]);

  const template = join(root, "resources/templates/text-to-image.json");
  const small = ["--set", "sampler.steps=1", "--set", "size.width=128", "--set", "size.height=128"];
  const child = spawn(process.execPath, [join(folder, "heddle.js"), "run", template, "--json", ...small], {
    env: { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "bundle") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  expect(JSON.parse(printed).images).toMatchObject([{ width: 128, height: 128 }]);
}, 180_000);

test("the page has no inline script or style", async () => {
  const page = await readFile(join(root, "dist/renderer/index.html"), "utf8");
  expect(page).toMatch(/<script type="module"[^>]* src="/);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
});

test("the engine bundle runs as a process with a parent port", async () => {
  // Stands in for Electron's utility process: its port, carried by Node's own channel.
  const shim = join(home, "shim.mjs");
  const source = `process.parentPort = {
    postMessage: (message) => process.send(message),
    on: (_name, listener) => process.on("message", (data) => listener({ data })),
  };
  await import(${JSON.stringify(join(bundleFolder, "engine.js"))});`;
  await writeFile(shim, source);
  const engine = spawn(process.execPath, [shim], {
    env: { ...process.env, HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "output") },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  const heard: { type: string; event?: { type: string; status?: string } }[] = [];
  const ended = new Promise<number | null>((resolve) => engine.once("exit", resolve));
  const document = JSON.parse(await readFile(join(root, "resources/templates/text-to-image.json"), "utf8"));
  engine.on("message", (message: (typeof heard)[number]) => {
    heard.push(message);
    if (message.type === "ready") engine.send({ type: "run", runId: "r", document });
    if (message.event?.type === "run-finished") engine.send({ type: "shutdown" });
  });
  expect(await ended).toBe(0);
  expect(heard.map(({ event }) => event?.status).filter(Boolean)).toEqual(["done"]);
  expect(existsSync(join(home, "output"))).toBe(true);
}, 60_000);
