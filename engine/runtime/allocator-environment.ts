const MIB = 2 ** 20;

/**
 * Memory of intermediate values is given back after every layer (`SessionSettings.releaseMemory`). glibc returns blocks of
 * that size to the system at once and fetches fresh pages for the next layer, which cost up to a third of a step
 * (docs/performance.md). These settings let it keep up to 1 GiB for the next layer instead.
 */
const TUNABLES = [
  `glibc.malloc.mmap_threshold=${1024 * MIB}`,
  `glibc.malloc.trim_threshold=${1024 * MIB}`,
  // Blocks above 64 MiB fit only the first arena.
  "glibc.malloc.arena_max=1",
].join(":");

/**
 * `environment` with settings for the C library of a process that runs models. They are read when a process starts, so a
 * host gives them to the engine's process. Whatever the user has set stays; other systems than Linux take no notice.
 */
export function withAllocatorSettings(environment: NodeJS.ProcessEnv, platform = process.platform): NodeJS.ProcessEnv {
  if (platform !== "linux" || environment.GLIBC_TUNABLES !== undefined) return environment;
  return { ...environment, GLIBC_TUNABLES: TUNABLES };
}

/**
 * Starts this program again with {@link withAllocatorSettings}, in the same process; does nothing when it already has them
 * or the system has no such thing. Call it before anything else is done.
 */
export function restartWithAllocatorSettings(): void {
  const environment = withAllocatorSettings(process.env);
  if (environment === process.env || process.execve === undefined) return;
  const [, ...args] = process.argv;
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...args], environment);
}
