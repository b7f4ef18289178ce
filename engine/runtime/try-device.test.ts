import { existsSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tryDevice } from "./try-device.ts";

/** Each starts a process that loads the runtime. */
vi.setConfig({ testTimeout: 70_000 });
afterEach(() => void vi.unstubAllEnvs());

it("finds that the processor computes", async () => {
  expect(await tryDevice("cpu")).toMatchObject({ works: true, milliseconds: expect.any(Number) });
});

it("says what is wrong with a device that is not there", async () => {
  expect(await tryDevice("cuda")).toMatchObject({ works: false, reason: expect.stringMatching(/./) });
});

it("goes on when a driver ends the process", async () => {
  const folder = await temporaryFolder();
  const crashing = await folder.write(
    "crash.mjs",
    Buffer.from("process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 1e4);"),
  );
  expect(await tryDevice("webgpu", crashing)).toEqual({
    works: false,
    reason: "its driver ended the process (SIGSEGV)",
  });
});

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const missing = existsSync(SWIFTSHADER) ? "" : ` (skipped: there is no ${SWIFTSHADER})`;
it.skipIf(missing !== "")(`finds a graphics processor that is done in software${missing}`, async () => {
  vi.stubEnv("VK_ICD_FILENAMES", SWIFTSHADER);
  vi.stubEnv("LD_LIBRARY_PATH", "/usr/lib/chromium");
  expect(await tryDevice("webgpu")).toMatchObject({ works: true, halfPrecision: false });
});
