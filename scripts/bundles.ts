import { join } from "node:path";
import { build, type InlineConfig } from "vite";

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
    inputs: [...shared, "renderer/**/*.{ts,tsx,css,html,json,svg,woff2,png}", "resources/templates/*.json"],
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
      preloadBundle(root, outDir),
    ],
  },
];

export async function buildBundle(bundle: Bundle, root: string, outDir: string): Promise<void> {
  for (const config of bundle.configs(root, outDir)) await build(config);
}
