import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { InlineConfig } from "vite";

export interface Bundle {
  name: string;
  /** Globs below the root of the repository; a change in them makes the bundle stale. */
  inputs: string[];
  /** Holds this bundle and nothing else. */
  folder: string;
  /** A file in it whose absence makes the bundle stale. */
  proof: string;
  /** For an output folder that is still empty. */
  configs(root: string, outDir: string): InlineConfig[];
  /** A project of the TypeScript compiler that writes into it, too. */
  project?: string;
}

const shared = [
  "package-lock.json",
  "scripts/bundles.ts",
  "common/**/*.ts",
  "graph/**/*.ts",
  "nodes/**/*.ts",
  "protocol/**/*.ts",
];

/** Node's own format for the main process and the engine, with all packages left in node_modules. */
function nodeBundle(root: string, outDir: string, entry: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: join(root, "electron", `${entry}.ts`),
      outDir,
      emptyOutDir: false,
      target: "node24",
      minify: false,
      rolldownOptions: {
        output: { format: "es", entryFileNames: `${entry}.js`, chunkFileNames: `${entry}-[hash].js` },
      },
    },
    ssr: { external: ["electron"] },
  };
}

/** Packages with libraries of the system's in them, or that look for files of their own: they stay in node_modules. */
const outside = ["onnxruntime-node", "sharp", "open", "yaml", "electron"];

/**
 * The command line with the web host and its engine, and nearly all packages: a few dozen files to load where the sources are
 * several hundred. Names and lines stay readable, so that a report from a user's machine is.
 */
function commandBundle(root: string, outDir: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: true,
      outDir,
      target: "node24",
      minify: false,
      rolldownOptions: {
        input: {
          heddle: join(root, "cli/heddle.ts"),
          "engine-child": join(root, "server/engine-process/child.ts"),
          "derive-worker": join(root, "engine/precision/derive-worker.ts"),
          "hash-worker": join(root, "server/models/hash-worker.ts"),
          "device-trial": join(root, "engine/runtime/device-trial.ts"),
        },
        // All in one folder: paths to resources, and between these files, hold in every one of them.
        output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
      },
    },
    ssr: { noExternal: true, external: outside },
  };
}

/** A sandboxed preload script is one CommonJS file that may require only `electron`. */
function preloadBundle(root: string, outDir: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      lib: { entry: join(root, "electron/preload.ts"), formats: ["cjs"], fileName: () => "preload.cjs" },
      outDir,
      emptyOutDir: false,
      target: "chrome140",
      minify: false,
      rolldownOptions: { external: ["electron"] },
    },
  };
}

export const bundles: readonly Bundle[] = [
  {
    name: "renderer",
    inputs: [...shared, "renderer/**/*.{ts,tsx,css,html,json,svg,woff2,png}", "resources/templates/**/*.{json,webp}"],
    folder: "dist/renderer",
    proof: "index.html",
    configs: (root, outDir) => [
      { configFile: join(root, "renderer/vite.config.ts"), logLevel: "warn", build: { outDir } },
    ],
  },
  {
    name: "electron",
    inputs: [...shared, "electron/**/*.ts", "server/**/*.ts", "engine/**/*.ts"],
    folder: "dist/electron",
    proof: "main.js",
    configs: (root, outDir) => [
      nodeBundle(root, outDir, "main"),
      nodeBundle(root, outDir, "engine"),
      nodeBundle(root, outDir, "derive-worker"),
      nodeBundle(root, outDir, "hash-worker"),
      nodeBundle(root, outDir, "device-trial"),
      preloadBundle(root, outDir),
    ],
  },
  {
    name: "command",
    inputs: [...shared, "cli/**/*.ts", "server/**/*.ts", "engine/**/*.ts"],
    folder: "dist/command",
    proof: "heddle.js",
    configs: (root, outDir) => [commandBundle(root, outDir)],
  },
  {
    // For programs that have Heddle as a dependency: Node runs no TypeScript below node_modules.
    name: "client",
    inputs: ["client/**/*", "tsconfig.json", "scripts/bundles.ts"],
    folder: "dist/client",
    proof: "heddle-client.js",
    configs: () => [],
    project: "client/tsconfig.json",
  },
];

export async function buildBundle(bundle: Bundle, root: string, outDir: string): Promise<void> {
  // Nothing but a build needs the bundler, whose loading would hold up every start.
  const { build } = await import("vite");
  for (const config of bundle.configs(root, outDir)) await build(config);
  if (bundle.project !== undefined) await compile(join(root, bundle.project), outDir);
}

/** JavaScript and declarations, one file each. */
async function compile(project: string, outDir: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), "bin", "tsc");
  const child = spawn(process.execPath, [tsc, "-p", project, "--outDir", outDir], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`The TypeScript compiler found errors in ${project}.`);
}
