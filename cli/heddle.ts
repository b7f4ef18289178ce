#!/usr/bin/env node
const NEEDED_MAJOR = 24;

// Nothing else may be imported before this check: an older Node would stop at the first import, without a clear word.
if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  process.stderr.write(`Heddle needs Node ${NEEDED_MAJOR} or newer; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}

// Keeps compiled code from one start to the next: half of the time until a command begins.
const { enableCompileCache } = await import("node:module");
enableCompileCache();
// A run computes in this process; the other commands leave that to the engine's, or compute nothing.
if (process.argv[2] === "run") {
  (await import("../engine/runtime/allocator-environment.ts")).restartWithAllocatorSettings();
}
const { main } = await import("./main.ts");
await main(process.argv);

export {};
