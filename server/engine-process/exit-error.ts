import { constants } from "node:os";
import { HeddleError } from "../../common/errors.ts";
import type { EngineExit } from "./engine-child.ts";

type Cause = "out-of-memory" | "crash" | "unresponsive" | "exit";

/** 128 + SIGKILL, the raw wait status of SIGKILL, and Windows' STATUS_NO_MEMORY, COMMITMENT_LIMIT and Chromium's own. */
const KILLED_CODES = new Set([128 + constants.signals.SIGKILL, constants.signals.SIGKILL]);
const WINDOWS_OUT_OF_MEMORY_CODES = new Set([0xc0000017, 0xc000012d, 0xe0000008]);
const CRASH_SIGNALS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP"] as const;
const CRASH_CODES = new Set<number>(
  CRASH_SIGNALS.flatMap((signal) => [constants.signals[signal], 128 + constants.signals[signal]]),
);
const OUT_OF_MEMORY_TEXT = /out of memory|bad_alloc|cannot allocate memory/i;

function causeOf({ code, signal, errorOutput }: EngineExit): Cause {
  if (signal === "SIGKILL" || (code !== null && KILLED_CODES.has(code))) return "out-of-memory";
  if (code !== null && WINDOWS_OUT_OF_MEMORY_CODES.has(code >>> 0)) return "out-of-memory";
  if (OUT_OF_MEMORY_TEXT.test(errorOutput)) return "out-of-memory";
  const crashed = CRASH_SIGNALS.some((name) => name === signal) || (code !== null && CRASH_CODES.has(code));
  return crashed || (code !== null && code >>> 0 >= 0xc0000000) ? "crash" : "exit";
}

const messages: Record<Cause, { message: string; help: string }> = {
  "out-of-memory": {
    message: "The engine was stopped by the system, most likely because memory ran out.",
    help: "The engine restarts by itself. Close other programs, or choose a smaller picture or a smaller model, and run again.",
  },
  crash: {
    message: "The engine crashed.",
    help: "The engine restarts by itself: run again. If it happens again, update the graphics driver, or file an issue with the log.",
  },
  unresponsive: {
    message: "The engine did not answer any more and was stopped.",
    help: "The engine restarts by itself: run again, with a smaller picture if it happens again.",
  },
  exit: {
    message: "The engine stopped unexpectedly.",
    help: "The engine restarts by itself: run again. If it happens again, file an issue with the log.",
  },
};

/** Why a run ended with its engine process. `details.cause` tells the causes apart. */
export function engineStoppedError(exit: EngineExit, wasUnresponsive: boolean): HeddleError {
  const cause = wasUnresponsive ? "unresponsive" : causeOf(exit);
  return new HeddleError({ code: "engine-stopped", ...messages[cause], details: { cause, ...exit } });
}

/** The process ended before it could serve its first run. */
export function engineStartError(exit: EngineExit): HeddleError {
  const reason = exit.errorOutput
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => /error|cannot|not found/i.test(line));
  return new HeddleError({
    code: "engine-start-failed",
    message: `The engine could not start${reason ? `: ${reason}` : "."}`,
    help: "Install Heddle’s packages again (npm ci) and restart it. If that does not help, file an issue with the log.",
    details: { ...exit, reason, cause: reason ? "said" : undefined },
  });
}
