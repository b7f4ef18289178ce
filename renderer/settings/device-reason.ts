import type { DevicePreferences } from "../../protocol/devices.ts";
import type { TextKey } from "../i18n/i18n.ts";

/**
 * What runtimes and drivers say where a device does not work, as causes that a person can do something about. Their own words are
 * English, and mean something to those who make drivers.
 */
const causes: readonly (readonly [pattern: RegExp, cause: string])[] = [
  [/ended the engine in the middle/i, "crashes"],
  [/driver ended the process|did not answer/i, "driver"],
  [/is wrong|are wrong|differs/i, "wrong"],
  [/shared library|cannot open shared object|LoadLibrary|\.so\b|\.dll\b/i, "library"],
  [/adapter|no supported|no device|no CUDA-capable/i, "none"],
];

/** The sentence, with what to do, for a device that cannot be used. */
export function deviceReasonKey(device: DevicePreferences["device"], reason: string | null): TextKey {
  const cause = causes.find(([pattern]) => pattern.test(reason ?? ""))?.[1] ?? "other";
  if (cause === "library" && device === "cuda") return "devices.why_cudaLibrary";
  return `devices.why_${cause}` as TextKey;
}
