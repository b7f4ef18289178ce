/** What the terminal's exit code says. */
export const ExitCode = {
  done: 0,
  failed: 1,
  /** The file, an option or the workflow is wrong; nothing was run. */
  badInput: 2,
  /** 128 + SIGINT, as shells expect. */
  cancelled: 130,
} as const;

/** The process ends by itself when all is written: `process.exit` could cut off what a pipe has not taken yet. */
export function setExitCode(code: (typeof ExitCode)[keyof typeof ExitCode]): void {
  process.exitCode = code;
}
