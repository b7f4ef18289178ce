import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";

/** In a bundle the trial's code lies beside the bundle. */
const TRIAL = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./device-trial.ts" : "./device-trial.js", import.meta.url),
);
const TIMEOUT_MS = 60_000;

const resultSchema = z.discriminatedUnion("works", [
  z.object({
    works: z.literal(true),
    /** Of a small product: says that it runs, not how fast it is. */
    milliseconds: z.number(),
    /** It also multiplies in half precision, which the plan `fp16` needs. */
    halfPrecision: z.boolean(),
  }),
  z.object({ works: z.literal(false), reason: z.string() }),
]);

const runtimeFactsSchema = z.object({
  devices: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
  /** How the processor multiplies 8-bit integers, see `integer-kernels.ts`. */
  integerProducts: z.object({ saturates: z.boolean(), speedup: z.number() }),
});

/** What the runtime knows without any driver. */
export type RuntimeFacts = z.infer<typeof runtimeFactsSchema>;

export type TrialResult = z.infer<typeof resultSchema>;

export type DeviceReport = TrialResult & {
  /** As the runtime calls it: `cpu`, `webgpu`, `cuda`, `dml`, `coreml`. */
  readonly device: string;
  /** It comes with Heddle; others are set up apart. */
  readonly bundled: boolean;
};

/** What the runtime is and what of it works here. */
export interface MachineReport {
  readonly integerProducts: RuntimeFacts["integerProducts"];
  readonly devices: readonly DeviceReport[];
}

/**
 * The processor's facts, and every device that this build of the runtime knows, each tried in a process of its own, one
 * after the other. This process loads neither the runtime nor a driver.
 *
 * @param script the process; tests give others
 * @throws HeddleError `runtime-not-found`: not even its list of devices can be had
 */
export async function examineMachine(script = TRIAL): Promise<MachineReport> {
  const { output, reason } = await ask([script]);
  const facts = runtimeFactsSchema.safeParse(output);
  if (!facts.success) {
    throw new HeddleError({
      code: "runtime-not-found",
      message: `The inference runtime cannot be loaded: ${reason}.`,
      help: "Install Heddle's packages again (npm ci) and restart it.",
    });
  }
  const devices: DeviceReport[] = [];
  for (const { name, bundled } of facts.data.devices) {
    devices.push({ device: name, bundled, ...(await tryDevice(name, script)) });
  }
  return { integerProducts: facts.data.integerProducts, devices };
}

/**
 * Whether a device computes, tried in a process of its own: whatever its driver does, this process goes on.
 *
 * @param script the process; tests give others
 */
export async function tryDevice(device: string, script = TRIAL): Promise<TrialResult> {
  const { output, reason } = await ask([script, device]);
  // What was found counts, also when the process did not end cleanly.
  const result = resultSchema.safeParse(output);
  return result.success ? result.data : { works: false, reason };
}

/** The last line that such a process wrote, as JSON, and what to say where that makes no sense. */
function ask(command: string[]): Promise<{ output: unknown; reason: string }> {
  // The desktop host's program is Node only when it is told so.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { timeout: TIMEOUT_MS, env }, (error, stdout, stderr) =>
      resolve({ output: lastLine(stdout), reason: endOf(error, stderr) }),
    );
  });
}

function lastLine(text: string): unknown {
  try {
    return JSON.parse(text.trim().split("\n").at(-1) ?? "");
  } catch {
    return undefined;
  }
}

function endOf(
  error: { killed?: boolean | undefined; signal?: string | null | undefined } | null,
  stderr: string,
): string {
  if (error?.killed === true) return `its driver did not answer within ${TIMEOUT_MS / 1000} seconds`;
  if (typeof error?.signal === "string") return `its driver ended the process (${error.signal})`;
  return stderr.trim().split("\n").at(-1) || "its driver ended the process";
}
