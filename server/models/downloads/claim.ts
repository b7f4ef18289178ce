import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Two that ask in the same moment may both see the other and both step back: they try again after a moment of chance. */
const ATTEMPTS = 5;
const LONGEST_PAUSE_MS = 20;

/** The claims that this process holds. */
const held = new Set<string>();

/**
 * Makes a download this process's own: two Heddles on the same folders must not write the same file. A claim whose
 * process is gone counts for nothing.
 *
 * Each claim is a file of its own that says in its name whose it is (`<id>.<process>-<nonce>.claim`). It counts when there is
 * no other living one after it was made: of two, the one that came later always sees the other. No name is ever used twice, so
 * that removing a dead claim cannot hit a new one.
 * @returns how to give it up; `undefined` when another process has it
 */
export function claim(folder: string, id: string): (() => void) | undefined {
  mkdirSync(folder, { recursive: true });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) pause(Math.random() * LONGEST_PAUSE_MS);
    if (othersOf(folder, id).length > 0) return undefined;
    const own = `${id}.${process.pid}-${randomBytes(8).toString("hex")}.claim`;
    const release = () => {
      held.delete(own);
      rmSync(join(folder, own), { force: true });
    };
    held.add(own);
    try {
      closeSync(openSync(join(folder, own), "wx"));
      if (othersOf(folder, id, own).length === 0) return release;
    } catch (error) {
      release();
      throw error;
    }
    release();
  }
  return undefined;
}

/** The other living claims; dead ones are removed. */
function othersOf(folder: string, id: string, own?: string): string[] {
  const claims = readdirSync(folder).filter((name) => name.startsWith(`${id}.`) && name.endsWith(".claim"));
  return claims.filter((name) => {
    if (name === own) return false;
    if (isAlive(name, Number(name.slice(id.length + 1).split("-")[0]))) return true;
    rmSync(join(folder, name), { force: true });
    return false;
  });
}

function isAlive(name: string, pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  // A claim of this process that it does not know of is left from a process that had the same number.
  if (pid === process.pid) return held.has(name);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
