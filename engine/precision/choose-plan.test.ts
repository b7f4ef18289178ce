import { describe, expect, it } from "vitest";
import { choosePlan, type PlanSituation, possiblePlans, smallerPlan } from "./choose-plan.ts";
import { planCost } from "./plan-cost.ts";

const GB = 1e9;
const big: PlanSituation = {
  device: "cpu",
  memoryBytes: 12 * GB,
  cpu: { saturates: false, speedup: 4 },
  parameters: 6e9,
  hasCache: true,
};

describe("choosePlan", () => {
  it("runs a small model exactly, in one session", () => {
    expect(choosePlan({ ...big, parameters: 5e6 })).toMatchObject({ plan: "reference", layersPerSession: "all" });
  });

  it("takes h8 where 8-bit integers are fast, one session a layer, weights copied into the fast order", () => {
    expect(choosePlan(big)).toMatchObject({
      plan: "h8",
      layersPerSession: 1,
      session: { mapped: false, exactIntegers: false },
    });
  });

  it("maps weights when they do not fit", () => {
    expect(choosePlan({ ...big, memoryBytes: 4 * GB })).toMatchObject({ plan: "h8", session: { mapped: true } });
  });

  it("computes attention in 8 bits where linear layers do, unless their products saturate", () => {
    expect(choosePlan(big).integerAttention).toBe(true);
    expect(choosePlan(big, "w16").integerAttention).toBe(false);
    expect(choosePlan({ ...big, cpu: { saturates: true, speedup: 2 } }, "h8").integerAttention).toBe(false);
    expect(choosePlan({ ...big, parameters: 5e6 }).integerAttention).toBe(false);
  });

  it("streams float32 weights that do not fit, which only processors can", () => {
    const short = choosePlan(big, "reference");
    expect(short).toMatchObject({ plan: "reference", layersPerSession: 1, session: { mapped: true } });
    expect(short.cost).toContain("widens them anew");
    expect(choosePlan({ ...big, memoryBytes: 30 * GB }, "reference").session.mapped).toBe(false);
    expect(choosePlan({ ...big, device: "webgpu" }, "reference").session.mapped).toBe(false);
    expect(choosePlan({ ...big, parameters: 5e6, memoryBytes: 1e6 }, "reference").session.mapped).toBe(false);
  });

  it("keeps products exact where the fast ones saturate, and goes to 4 bits when their copy does not fit", () => {
    const cpu = { saturates: true, speedup: 2 };
    expect(choosePlan({ ...big, cpu })).toMatchObject({ plan: "h8", session: { exactIntegers: true } });
    expect(choosePlan({ ...big, cpu, memoryBytes: 4 * GB })).toMatchObject({ plan: "int4" });
  });

  it("takes block-quantised weights where integer products gain nothing", () => {
    expect(choosePlan({ ...big, cpu: { saturates: false, speedup: 1 } }).plan).toBe("int8");
  });

  it("takes fp16 on a graphics processor that has it, else the widest weights that fit", () => {
    const gpu = { ...big, device: "webgpu" } as const;
    expect(choosePlan({ ...gpu, halfPrecision: true, memoryBytes: 16 * GB }).plan).toBe("fp16");
    expect(choosePlan({ ...gpu, halfPrecision: true, memoryBytes: 8 * GB }).plan).toBe("int8");
    expect(choosePlan({ ...gpu, memoryBytes: 5 * GB }).plan).toBe("int4");
  });

  it("says so when a plan needs a cache folder and there is none", () => {
    const choice = choosePlan({ ...big, hasCache: false }, "h8");
    expect(choice.plan).toBe("reference");
    expect(choice.reason).toContain("cache folder");
    expect(choosePlan({ ...big, hasCache: false }).plan).toBe("reference");
  });

  it("has no integer products for graphics processors, and says what they get instead", () => {
    const choice = choosePlan({ ...big, device: "webgpu" }, "h8");
    expect(choice.plan).toBe("int8");
    expect(choice.reason).toContain("h8 is a form for processors");
  });

  it("gives fp16 only to graphics processors that were found to have it, also to who asks for it", () => {
    const gpu = { ...big, device: "dml", memoryBytes: 16 * GB } as const;
    expect(choosePlan({ ...gpu, halfPrecision: true }, "fp16").plan).toBe("fp16");
    expect(choosePlan(gpu).plan).toBe("int8");
    const choice = choosePlan(gpu, "fp16");
    expect(choice.plan).toBe("int8");
    expect(choice.reason).toContain("half precision");
    expect(choosePlan({ ...gpu, hasCache: false }, "fp16").plan).toBe("reference");
  });

  it("does what the user wants", () => {
    expect(choosePlan({ ...big, parameters: 5e6 }, "w16")).toMatchObject({ plan: "w16", reason: "Chosen by you." });
  });
});

describe("what a plan costs", () => {
  it("is said with the choice: memory, disk, time and likeness of this model on this machine", () => {
    expect(choosePlan(big).cost).toBe(
      "6.0 GB of memory and of disk, about 0.29 times the time of float32, no visible difference (54 dB).",
    );
    expect(choosePlan({ ...big, parameters: 5e6 }).cost).toBe("20 MB of memory, exact.");
  });

  it("says no time where none was measured: graphics processors, and processors that are like none of those", () => {
    const fast = { saturates: false, speedup: 4 };
    expect(planCost("int8", 1e9, { device: "webgpu", cpu: fast }).relativeTime).toBeNull();
    expect(planCost("h8", 1e9, { device: "cpu", cpu: { saturates: false, speedup: 1.1 } }).relativeTime).toBeNull();
    const times = [15, 4].map((speedup) => planCost("h8", 1e9, { device: "cpu", cpu: { ...fast, speedup } }));
    expect(times[0]!.relativeTime).toBeLessThan(times[1]!.relativeTime!);
    expect(planCost("w16", 1e9, { device: "cpu", cpu: { saturates: true, speedup: 2 } }).relativeTime).toBeGreaterThan(
      1,
    );
  });
});

describe("plans to choose from", () => {
  it("are those of the device; those that are derived need a cache folder", () => {
    expect(possiblePlans(big)).toEqual(["reference", "w16", "h8", "int8", "int4"]);
    expect(possiblePlans({ device: "webgpu", hasCache: true })).toEqual(["reference", "int8", "int4"]);
    expect(possiblePlans({ device: "webgpu", hasCache: false, halfPrecision: true })).toEqual(["reference", "fp16"]);
  });

  it("a smaller one is the fastest that takes clearly less memory", () => {
    expect(smallerPlan("reference", big)).toBe("h8");
    expect(smallerPlan("h8", big)).toBe("int4");
    expect(smallerPlan("int8", big)).toBe("int4");
    expect(smallerPlan("int4", big)).toBeUndefined();
    expect(smallerPlan("reference", { ...big, cpu: { saturates: false, speedup: 1 } })).toBe("int8");
    expect(smallerPlan("fp16", { ...big, device: "webgpu" })).toBe("int8");
    expect(smallerPlan("reference", { ...big, hasCache: false })).toBeUndefined();
  });
});
