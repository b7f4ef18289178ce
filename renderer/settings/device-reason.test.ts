import { expect, test } from "vitest";
import { shellEn } from "../locales/shell.en.ts";
import { deviceReasonKey } from "./device-reason.ts";

test("what drivers say is told as something that a person can do", () => {
  const words = [
    ["webgpu", "Failed to get a WebGPU adapter: No supported adapters", "devices.why_none"],
    ["cuda", "Failed to load shared library", "devices.why_cudaLibrary"],
    ["webgpu", "libvulkan.so.1: cannot open shared object file", "devices.why_library"],
    ["webgpu", "its attention is wrong", "devices.why_wrong"],
    ["webgpu", "its driver did not answer within 60 seconds", "devices.why_driver"],
    ["cuda", "its driver ended the process (SIGSEGV)", "devices.why_driver"],
    ["webgpu", "it ended the engine in the middle of 2 runs within a week", "devices.why_crashes"],
    ["coreml", "Something nobody has seen", "devices.why_other"],
    ["coreml", null, "devices.why_other"],
  ] as const;
  for (const [device, reason, key] of words) {
    expect(deviceReasonKey(device, reason)).toBe(key);
    expect(shellEn, key).toHaveProperty(key);
  }
});
