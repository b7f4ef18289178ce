#!/usr/bin/env node
// @ts-check
// What users start. Plain JavaScript: Node takes 60 ms to make itself ready for TypeScript.
import { existsSync, readdirSync, statSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED_MAJOR = 24;
// Also in a Node that is too old: it is to say so below.
const root = fileURLToPath(new URL("..", import.meta.url));
/** What the bundle is made of, besides packages. */
const STOREYS = ["cli", "server", "engine", "nodes", "graph", "protocol", "common"];

/**
 * Whether the bundle is there and no source is younger, so that whoever changes a file runs what they changed. An installed
 * package has no build script, and its bundle is all there is.
 */
function isBundleCurrent() {
  const built = statSync(join(root, "dist/command.stamp"), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined || !existsSync(join(root, "dist/command/heddle.js"))) return false;
  if (!existsSync(join(root, "scripts/build.ts"))) return true;
  const sources = STOREYS.flatMap((storey) =>
    readdirSync(join(root, storey), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => join(root, storey, name)),
  );
  return [join(root, "package-lock.json"), ...sources].every(
    (file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) <= built,
  );
}

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(`Heddle needs Node ${NEEDED_MAJOR} or newer; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
// Before anything is loaded that is worth keeping compiled.
module.enableCompileCache();
await import(isBundleCurrent() ? "../dist/command/heddle.js" : "./heddle.ts");
