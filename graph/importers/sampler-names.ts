import type { ChoiceParam, DefinitionLookup } from "../definition.ts";

export interface SamplerNames {
  solver: string;
  schedule: string;
}

/** What other programs call what the Sampler has under another name, in {@link plain} form. */
const solverAliases: Readonly<Record<string, string>> = {
  default: "euler",
  eulera: "euler_ancestral",
  dpm2a: "dpm_2_ancestral",
  dpmpp2sa: "dpmpp_2s_ancestral",
  unipc: "uni_pc",
  flowmatcheulerdiscretescheduler: "euler",
  flowmatchheundiscretescheduler: "heun",
  eulerdiscretescheduler: "euler",
  eulerancestraldiscretescheduler: "euler_ancestral",
  heundiscretescheduler: "heun",
  dpmsolvermultistepscheduler: "flow_dpmpp_2m",
  unipcmultistepscheduler: "flow_unipc_2",
  lcmscheduler: "lcm",
};

const scheduleAliases: Readonly<Record<string, string>> = {
  automatic: "simple",
  uniform: "normal",
  sgm: "sgm_uniform",
  ddim: "ddim_uniform",
};

/**
 * Solver and schedule by the names that other programs give: "DPM++ 2M" with "Karras", or both in one, "DPM++ 2M Karras".
 * `undefined` when the Sampler has no such solver; an unknown schedule becomes `fallback`.
 */
export function findSamplerNames(
  definitions: DefinitionLookup,
  name: string,
  scheduleName: string | undefined,
  fallback: string,
): SamplerNames | undefined {
  const solvers = optionsOf(definitions, "solver");
  const schedules = optionsOf(definitions, "schedule");
  const scheduleFor = (text: string) => find(schedules, scheduleAliases, text);
  const whole = find(solvers, solverAliases, name);
  if (whole !== undefined) {
    return {
      solver: whole,
      schedule: (scheduleName === undefined ? undefined : scheduleFor(scheduleName)) ?? fallback,
    };
  }
  const words = name.split(/\s+/);
  for (let split = words.length - 1; split > 0; split--) {
    const solver = find(solvers, solverAliases, words.slice(0, split).join(" "));
    const schedule = scheduleFor(words.slice(split).join(" "));
    if (solver !== undefined && schedule !== undefined) return { solver, schedule };
  }
  return undefined;
}

function optionsOf(definitions: DefinitionLookup, param: string): ChoiceParam["options"] {
  const found = definitions("sampler")?.params.find(({ name }) => name === param);
  return found?.kind === "choice" ? found.options : [];
}

function find(
  options: ChoiceParam["options"],
  aliases: Readonly<Record<string, string>>,
  text: string,
): string | undefined {
  const wanted = plain(text);
  const byName = options.find(({ value, label }) => plain(value) === wanted || plain(label) === wanted);
  if (byName) return byName.value;
  const alias = Object.hasOwn(aliases, wanted) ? aliases[wanted] : undefined;
  return options.some(({ value }) => value === alias) ? alias : undefined;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("+", "p")
    .replace(/_gpu$/, "")
    .replace(/[^a-z\d]/g, "");
}
