import { expect, it } from "vitest";
import { automaticText, chooseDevice } from "./choose-device.ts";
import type { DeviceReport, MachineReport } from "./try-device.ts";

const works = (device: string, chainMilliseconds: number): DeviceReport => ({
  ...{ device, bundled: true, works: true, milliseconds: 1, halfPrecision: true, chainMilliseconds },
});
const fails = (device: string): DeviceReport => ({ device, bundled: false, works: false, reason: "no driver" });
const machine = (devices: DeviceReport[], graphics?: MachineReport["graphics"]): MachineReport => ({
  ...{ integerProducts: { saturates: false, speedup: 4 }, devices, graphics },
});
const nvidia = [{ vendor: "NVIDIA" }];

it("takes the fastest device that is faster than the processor at its best", () => {
  const devices = [works("cpu", 80), works("webgpu", 5), works("cuda", 2), fails("dml")];
  const choice = chooseDevice(machine(devices, nvidia));
  expect(choice).toEqual({ device: "cuda", reason: "faster", factor: 10 });
  expect(automaticText(choice)).toBe("cuda: it was 10.0 times as fast as the processor");
  expect(chooseDevice(machine([works("cpu", 80), works("webgpu", 5)])).device).toBe("webgpu");
});

it("stays with the processor where nothing gains enough over its 8-bit products", () => {
  expect(chooseDevice(machine([works("cpu", 80), works("webgpu", 18)], nvidia))).toEqual({
    device: "cpu",
    reason: "not-faster",
    factor: 80 / 4 / 18,
  });
});

it("takes no graphics that are done in software, however fast, and says what is missing", () => {
  expect(chooseDevice(machine([works("cpu", 80), works("webgpu", 1)], []))).toMatchObject({
    device: "cpu",
    reason: "software",
  });
  expect(chooseDevice(machine([works("cpu", 80), fails("webgpu")], []))).toMatchObject({
    device: "cpu",
    reason: "no-graphics",
  });
  const unusable = chooseDevice(machine([works("cpu", 80), fails("webgpu")], nvidia));
  expect(unusable).toEqual({ device: "cpu", reason: "none-works", factor: null });
  expect(automaticText(unusable)).toBe("cpu: no graphics processor can be used");
});
