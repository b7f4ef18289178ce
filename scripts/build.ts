import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Bundle, buildBundle, bundles } from "./bundles.ts";

/**
 * Builds what cannot run from its sources: the renderer and the desktop host's bundles. Runs after `npm ci` and before
 * `npm start`; a part whose inputs are unchanged is left alone.
 *
 *     node scripts/build.ts [--force]
 */
const root = resolve(import.meta.dirname, "..");

/** SHA-256 over the names and contents of everything that a bundle is made of. */
async function hashOf(bundle: Bundle): Promise<string> {
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

/** Builds what is missing or stale. Returns the names of what was built. */
export async function build(options: { force?: boolean } = {}): Promise<string[]> {
  const built: string[] = [];
  for (const bundle of bundles) {
    const stampFile = join(root, "dist", `${bundle.name}.stamp`);
    const hash = await hashOf(bundle);
    const stamp = await readFile(stampFile, "utf8").catch(() => undefined);
    if (!options.force && stamp === hash && existsSync(join(root, bundle.folder, bundle.proof))) continue;
    await rm(stampFile, { force: true });
    await rm(join(root, bundle.folder), { recursive: true, force: true });
    await buildBundle(bundle, root);
    await writeFile(stampFile, hash);
    built.push(bundle.name);
  }
  return built;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const startedAt = performance.now();
  const built = await build({ force: process.argv.includes("--force") });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(built.length > 0 ? `Built ${built.join(" and ")} in ${seconds} s.` : "Everything is built already.");
}
