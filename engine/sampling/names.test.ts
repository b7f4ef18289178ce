import { describe, expect, it } from "vitest";
import { findCombined, findSchedule, findSolver, SCHEDULES, SOLVERS } from "./names.ts";

describe.each([
  ["solvers", SOLVERS],
  ["schedules", SCHEDULES],
])("the table of %s", (_kind, entries) => {
  it("gives every name to one entry only", () => {
    const names = entries.flatMap((entry) => [entry.name, ...entry.aliases].map((name) => name.toLowerCase()));
    expect(new Set(names).size).toBe(names.length);
  });

  it("has a label for each", () => {
    const labels = entries.map((entry) => entry.label);
    expect(labels.every((label) => label.length > 0)).toBe(true);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe("finding by name", () => {
  it.each([
    ["euler", "euler"],
    ["Euler a", "euler_ancestral"],
    ["FlowMatchEulerDiscreteScheduler", "euler"],
    ["dpmpp_2m", "dpmpp_2m"],
    ["DPM++ 2M", "flow_dpmpp_2m"],
    ["dpmpp-sde-gpu", "dpmpp_sde"],
    ["UniPCMultistepScheduler", "flow_unipc_2"],
    ["UniPC", "flow_unipc_2"],
    ["uni_pc", "uni_pc"],
  ])("knows the solver %s", (name, canonical) => {
    expect(findSolver(name).name).toBe(canonical);
  });

  it("lists what there is when a name is unknown", () => {
    expect(() => findSolver("warp drive")).toThrow(
      expect.objectContaining({ code: "unknown-solver", field: "solver", help: expect.stringContaining("euler") }),
    );
    expect(() => findSchedule("linear")).toThrow(expect.objectContaining({ code: "unknown-schedule" }));
  });

  it.each([
    ["Default", "euler", "flow_match"],
    ["Euler Karras", "euler", "flow_match_karras"],
    ["DPM++ 2M SDE Karras", "flow_dpmpp_2m_sde", "flow_match_karras"],
    ["DPM++ 3M Uniform Exponential", "flow_dpmpp_3m", "flow_match_exponential"],
    ["UniPC 3M Uniform", "flow_unipc_3", "flow_match"],
    ["IPNDM Beta", "ipndm", "flow_match_beta"],
  ])("takes %s apart", (name, solver, schedule) => {
    const found = findCombined(name);
    expect([found.solver.name, found.schedule.name]).toEqual([solver, schedule]);
  });

  it("refuses a combined name whose solver is unknown", () => {
    expect(() => findCombined("TCDScheduler")).toThrow(expect.objectContaining({ code: "unknown-solver" }));
  });
});
