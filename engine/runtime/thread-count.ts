import { availableParallelism } from "node:os";

/**
 * Threads that a session of the processor computes with: as many as `HEDDLE_THREADS` says, a whole number above 0; else one
 * for each that the machine runs at once. Fewer leave room for other programs: threads of the runtime that have nothing to do
 * wait awake for a while.
 */
export function threadCount(environment: NodeJS.ProcessEnv = process.env): number {
  const asked = Number(environment.HEDDLE_THREADS);
  return Number.isSafeInteger(asked) && asked > 0 ? asked : availableParallelism();
}
