import { existsSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { examineMachine, tryDevice } from "./try-device.ts";

/** Each starts a process that loads the runtime. */
vi.setConfig({ testTimeout: 70_000 });
afterEach(() => void vi.unstubAllEnvs());

it("finds that the processor computes", async () => {
  expect(await tryDevice("cpu")).toMatchObject({
    works: true,
    milliseconds: expect.any(Number),
    chainMilliseconds: expect.any(Number),
  });
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
// Its products are right; the runtime's attention kernel is not, and pictures would be wrong.
it.skipIf(missing !== "")(`refuses a graphics processor whose attention is wrong, and says so${missing}`, async () => {
  vi.stubEnv("VK_ICD_FILENAMES", SWIFTSHADER);
  vi.stubEnv("LD_LIBRARY_PATH", "/usr/lib/chromium");
  expect(await tryDevice("webgpu")).toEqual({ works: false, reason: "its attention is wrong" });
});

it("tells every device of the runtime with the processor's facts, whatever one driver does", async () => {
  const folder = await temporaryFolder();
  const machine = await folder.write(
    "machine.mjs",
    Buffer.from(`
      const [device] = process.argv.slice(2);
      if (!device) console.error("[I:onnxruntime] Discovered OrtHardwareDevice {vendor_id:0x1022, device_id:0x0, vendor:AMD, type:0, metadata: []}\\n"
        + "Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2330, vendor:NVIDIA, type:1, metadata: [Discrete=1]}");
      if (device === "webgpu") process.kill(process.pid, "SIGSEGV");
      else console.log(JSON.stringify(device
        ? { works: true, milliseconds: 1, halfPrecision: false, chainMilliseconds: 9 }
        : { devices: [{ name: "cpu", bundled: true }, { name: "webgpu", bundled: true }],
            integerProducts: { saturates: false, speedup: 3 } }));
      if (device === "webgpu") setTimeout(() => {}, 1e4);`),
  );
  expect(await examineMachine(machine)).toEqual({
    integerProducts: { saturates: false, speedup: 3 },
    graphics: [{ vendor: "NVIDIA" }],
    devices: [
      { device: "cpu", bundled: true, works: true, milliseconds: 1, halfPrecision: false, chainMilliseconds: 9 },
      { device: "webgpu", bundled: true, works: false, reason: "its driver ended the process (SIGSEGV)" },
    ],
  });
});

it("says so when the runtime itself cannot be loaded", async () => {
  const folder = await temporaryFolder();
  const broken = await folder.write("broken.mjs", Buffer.from("process.stderr.write('no library'); process.exit(1)"));
  await expect(examineMachine(broken)).rejects.toMatchObject({
    code: "runtime-not-found",
    message: expect.stringContaining("no library"),
  });
});
