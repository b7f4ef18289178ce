import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { listSupportedBackends } from "onnxruntime-node";
import { z } from "zod";

const TRIAL = fileURLToPath(new URL("./device-trial.ts", import.meta.url));
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

export type TrialResult = z.infer<typeof resultSchema>;

export type DeviceReport = TrialResult & {
  /** As the runtime calls it: `cpu`, `webgpu`, `cuda`, `dml`, `coreml`. */
  readonly device: string;
  /** It comes with Heddle; others are set up apart. */
  readonly bundled: boolean;
};

/** Every device that this build of the runtime knows, each tried in a process of its own, one after the other. */
export async function tryDevices(): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const { name, bundled } of listSupportedBackends()) {
    reports.push({ device: name, bundled, ...(await tryDevice(name)) });
  }
  return reports;
}

/**
 * Whether a device computes, tried in a process of its own: whatever its driver does, this process goes on.
 *
 * @param script the process; tests give others
 */
export function tryDevice(device: string, script = TRIAL): Promise<TrialResult> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, device], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const result = readResult(stdout);
      // What was found counts, also when the process did not end cleanly.
      if (result !== undefined) resolve(result);
      else resolve({ works: false, reason: endOf(error, stderr) });
    });
  });
}

function readResult(stdout: string): TrialResult | undefined {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  try {
    return resultSchema.parse(JSON.parse(line));
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
