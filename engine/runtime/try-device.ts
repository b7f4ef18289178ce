import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";

/** In a bundle the trial's code lies beside the bundle. */
const TRIAL = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./device-trial.ts" : "./device-trial.js", import.meta.url),
);
const TIMEOUT_MS = 60_000;
/** Drivers and the runtime may be chatty. */
const LARGEST_OUTPUT_BYTES = 16 * 2 ** 20;

const resultSchema = z.discriminatedUnion("works", [
  z.object({
    works: z.literal(true),
    /** Of a small product: says that it runs, not how fast it is. */
    milliseconds: z.number(),
    /** It also multiplies in half precision, which the plan `fp16` needs. */
    halfPrecision: z.boolean(),
    /** Of a chain of products that is large enough to tell how fast the device is, in the faster precision. */
    chainMilliseconds: z.number(),
  }),
  z.object({ works: z.literal(false), reason: z.string() }),
]);

const runtimeFactsSchema = z.object({
  devices: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
  /** How the processor multiplies 8-bit integers, see `integer-kernels.ts`. */
  integerProducts: z.object({ saturates: z.boolean(), speedup: z.number() }),
});

/** A graphics processor that the runtime found in this machine, whether or not a driver makes it usable. */
export interface GraphicsHardware {
  readonly vendor: string;
}

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
  /** undefined where the runtime does not tell. Without any, a graphics device is done in software. */
  readonly graphics?: readonly GraphicsHardware[] | undefined;
  readonly devices: readonly DeviceReport[];
}

/**
 * What the runtime knows by itself, asked in a process of its own.
 *
 * @param script the process; tests give others
 * @throws HeddleError `runtime-not-found`: not even its list of devices can be had
 */
export async function readRuntimeFacts(
  script = TRIAL,
): Promise<RuntimeFacts & { graphics: readonly GraphicsHardware[] | undefined }> {
  const { output, reason, failure, log } = await ask([script]);
  const facts = runtimeFactsSchema.safeParse(output);
  if (facts.success) return { ...facts.data, graphics: graphicsIn(log) };
  throw new HeddleError({
    code: "runtime-not-found",
    message: `The inference runtime cannot be loaded: ${reason}.`,
    help: "Install Heddle’s packages again (npm ci) and restart it.",
    details: failure,
  });
}

/**
 * The processor's facts, and every device that this build of the runtime knows, each tried in a process of its own, one
 * after the other. This process loads neither the runtime nor a driver.
 *
 * @param script the process; tests give others
 * @throws HeddleError what {@link readRuntimeFacts} throws
 */
export async function examineMachine(script = TRIAL): Promise<MachineReport> {
  const { devices: known, integerProducts, graphics } = await readRuntimeFacts(script);
  const devices: DeviceReport[] = [];
  for (const { name, bundled } of known) {
    devices.push({ device: name, bundled, ...(await tryDevice(name, script)) });
  }
  return { integerProducts, graphics, devices };
}

/**
 * The runtime has no call for what hardware it found, but its log says so:
 * `Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2330, vendor:NVIDIA, type:1, metadata: [...]}`; type 0 is a
 * processor, of which there always is one, and 1 a graphics processor.
 */
function graphicsIn(log: string): GraphicsHardware[] | undefined {
  const found = [...log.matchAll(/Discovered OrtHardwareDevice \{vendor_id:(\w+),.*?vendor:([^,]*), type:(\d)/g)];
  if (!found.some(([, , , type]) => type === "0")) return undefined;
  return found.filter(([, , , type]) => type === "1").map(([, id = "", vendor = ""]) => ({ vendor: vendor || id }));
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

interface Answer {
  /** The last line that the process wrote, as JSON; undefined where it wrote none. */
  readonly output: unknown;
  /** What to say where that makes no sense, and the facts of it. */
  readonly reason: string;
  readonly failure: Readonly<Record<string, string | number>>;
  readonly log: string;
}

function ask(command: string[]): Promise<Answer> {
  // The desktop host's program is Node only when it is told so.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { timeout: TIMEOUT_MS, env, maxBuffer: LARGEST_OUTPUT_BYTES },
      (error, stdout, stderr) => resolve({ output: lastLine(stdout), ...endOf(error, stderr), log: stderr }),
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
): Pick<Answer, "reason" | "failure"> {
  const seconds = TIMEOUT_MS / 1000;
  if (error?.killed === true) {
    return { reason: `its driver did not answer within ${seconds} seconds`, failure: { cause: "no-answer", seconds } };
  }
  if (typeof error?.signal === "string") {
    const { signal } = error;
    return { reason: `its driver ended the process (${signal})`, failure: { cause: "signal", signal } };
  }
  const said = stderr.trim().split("\n").at(-1);
  return said
    ? { reason: said, failure: { cause: "said", reason: said } }
    : { reason: "its driver ended the process", failure: { cause: "ended" } };
}
