import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DevicePreferences } from "../../protocol/devices.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { ModelRoots } from "../models/model-roots.ts";
import { DeviceService } from "./device-service.ts";
import { choosePlans, plansOf, smallerOf } from "./model-plans.ts";

const starter = join(import.meta.dirname, "../../resources/starter-model");
const TURBO = { kind: "checkpoint", name: "starter/turbo" } as const;

async function services({ freeDiskBytes }: { freeDiskBytes?: number } = {}) {
  const { path: home } = await temporaryFolder();
  const devices = new DeviceService({
    home,
    memoryBytes: 16e9,
    drivers: { key: "none", mayHaveGraphics: false },
    trials: {
      examine: async () => ({ integerProducts: { saturates: false, speedup: 4 }, devices: [] }),
      integerProducts: async () => ({ saturates: false, speedup: 4 }),
      tryDevice: async () => ({ works: false, reason: "none" }),
    },
  });
  if (freeDiskBytes !== undefined) devices.freeDiskBytes = async () => freeDiskBytes;
  const models = {
    roots: new ModelRoots({ home, models: [join(home, "models")] }),
    async place(_kind: string, name: string) {
      const path = await realpath(join(starter, name.replace("starter/", "")));
      return { path, label: name };
    },
  };
  return { devices, models, turbo: await realpath(join(starter, "turbo")) };
}

test("a model's parts have plans with their costs, and what automatic is here", async () => {
  const { path, parts } = await plansOf(await services(), TURBO);
  expect(path).toBe(await realpath(join(starter, "turbo")));
  expect(parts.map(({ part }) => part)).toEqual(["transformer", "textEncoder", "vae"]);
  const [transformer, , vae] = parts;
  expect(transformer?.automatic).toMatchObject({ plan: "reference", reason: expect.stringContaining("small") });
  expect(transformer?.options.map(({ plan }) => plan)).toEqual(["reference", "w16", "h8", "int8", "int4"]);
  const [exact, , fast] = transformer?.options ?? [];
  expect(exact).toMatchObject({ diskBytes: 0, relativeTime: 1, decibels: null });
  expect(fast).toMatchObject({ memoryBytes: exact!.memoryBytes / 4, diskBytes: exact!.memoryBytes / 4, decibels: 54 });
  expect(vae?.options.map(({ plan }) => plan)).toEqual(["whole", "strips"]);
});

test("without a model, costs are those of a weight", async () => {
  const { path, parts } = await plansOf(await services(), null);
  expect(path).toBeNull();
  expect(parts.map(({ automatic }) => automatic)).toEqual([null, null, null]);
  expect(parts[0]?.options.find(({ plan }) => plan === "int4")).toMatchObject({ memoryBytes: 0.63 });
});

test("one part loaded by itself has the plans of that part only, and what has no parts has none", async () => {
  const all = await services();
  const { parts } = await plansOf(all, { kind: "vae", name: "starter/base/vae" });
  expect(parts.map(({ part }) => part)).toEqual(["vae"]);
  expect((await plansOf(all, { kind: "lora", name: "starter/loras/ink.safetensors" })).parts).toEqual([]);
});

test("plans of one model are kept under its place, part by part, and taken back", async () => {
  const all = await services();
  const { turbo } = all;
  await choosePlans(all, TURBO, { transformer: "h8" });
  await choosePlans(all, TURBO, { vae: "strips" });
  expect(all.devices.state().preferences.models).toEqual({ [turbo]: { transformer: "h8", vae: "strips" } });
  expect(await all.devices.configure()).toMatchObject({
    precision: { transformer: "auto" },
    modelPrecision: { [turbo]: { transformer: "h8", vae: "strips" } },
  });
  await choosePlans(all, TURBO, { transformer: null });
  expect(all.devices.state().preferences.models).toEqual({ [turbo]: { vae: "strips" } });
  await choosePlans(all, TURBO, { vae: null });
  expect(all.devices.state().preferences.models).toEqual({});
});

test("after memory ran out the next smaller plan of what the node uses is offered, until there is none", async () => {
  const all = await services();
  const ask = (parts: ("transformer" | "textEncoder" | "vae")[]) =>
    smallerOf(all, { models: [TURBO], parts, lacks: "memory" });
  const offered: unknown[] = [];
  for (let found = await ask(["transformer", "vae"]); found; found = await ask(["transformer", "vae"])) {
    offered.push([found.part, found.plan]);
    await choosePlans(all, found, { [found.part]: found.plan });
  }
  expect(offered).toEqual([
    ["transformer", "h8"],
    ["transformer", "int4"],
    ["vae", "strips"],
  ]);
  expect(await ask(["textEncoder"])).toMatchObject({
    ...TURBO,
    label: "starter/turbo",
    part: "textEncoder",
    plan: "h8",
  });
});

test("where the disk is full, a plan that fits it is offered, or one that needs none of it", async () => {
  const preferences: Pick<DevicePreferences, "precision"> = {
    precision: { transformer: "h8", textEncoder: "auto", vae: "auto" },
  };
  const roomy = await services({ freeDiskBytes: 1e9 });
  roomy.devices.change({ ...roomy.devices.state().preferences, ...preferences });
  const question = { models: [TURBO], parts: ["transformer" as const], lacks: "disk" as const };
  expect(await smallerOf(roomy, question)).toMatchObject({ plan: "int4" });
  const full = await services({ freeDiskBytes: 1e6 });
  full.devices.change({ ...full.devices.state().preferences, ...preferences });
  expect(await smallerOf(full, question)).toMatchObject({ plan: "reference" });
});
