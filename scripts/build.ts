import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Bundle, buildBundle, bundles } from "./bundles.ts";

/**
 * Builds what cannot run from its sources: the renderer and the desktop host's bundles. Runs after `npm ci` and before
 * `npm start`; a part whose inputs are unchanged is left alone.
 *
 *     node scripts/build.ts [--force]
 */
export interface BuildOptions {
  force?: boolean;
  root?: string;
  parts?: readonly Bundle[];
  /** Writes a part into an empty folder. */
  make?(bundle: Bundle, root: string, folder: string): Promise<void>;
}

/** Builds what is missing or stale. Returns the names of what was built. */
export async function build(options: BuildOptions = {}): Promise<string[]> {
  const { root = resolve(import.meta.dirname, ".."), parts = bundles, make = buildBundle, force = false } = options;
  const built: string[] = [];
  for (const bundle of parts) {
    const folder = join(root, bundle.folder);
    const stampFile = `${folder}.stamp`;
    const lookedAt = new Date();
    const hash = await hashOf(bundle, root);
    const stamp = await readFile(stampFile, "utf8").catch(() => undefined);
    if (force || stamp !== hash || !existsSync(join(folder, bundle.proof))) {
      await replaceFolder(folder, (empty) => make(bundle, root, empty));
      await writeFile(stampFile, hash);
      built.push(bundle.name);
    }
    // What is changed from now on is younger than the stamp: `cli/launch.js` tells by that whether a bundle is up to date.
    await utimes(stampFile, lookedAt, lookedAt);
  }
  return built;
}

/** SHA-256 over the names and contents of everything that a bundle is made of. */
async function hashOf(bundle: Bundle, root: string): Promise<string> {
  const files: string[] = [];
  for await (const file of glob(bundle.inputs, { cwd: root, exclude: ["**/*.test.ts", "**/*.test.tsx"] }))
    files.push(file);
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    hash.update(`${file}\0`);
    hash.update(await readFile(join(root, file)));
  }
  return hash.digest("hex");
}

/** The old folder serves until the new one is complete; a build that fails leaves it, two at a time do no harm. */
async function replaceFolder(folder: string, fill: (empty: string) => Promise<void>): Promise<void> {
  const fresh = `${folder}.new-${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  await rm(fresh, { recursive: true, force: true });
  try {
    await fill(fresh);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await rename(fresh, folder).catch((error: NodeJS.ErrnoException) => {
      // Another build of the same sources was a moment faster.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const startedAt = performance.now();
  const built = await build({ force: process.argv.includes("--force") });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(built.length > 0 ? `Built ${built.join(" and ")} in ${seconds} s.` : "Everything is built already.");
}
