/** Runware's names (and those of diffusers, which it knows too), without blanks and in small letters, as solvers. */
const solvers: Readonly<Record<string, string>> = {
  default: "euler",
  euler: "euler",
  flowmatcheuler: "euler",
  eulera: "euler_ancestral",
  eulerancestral: "euler_ancestral",
  heun: "heun",
  flowmatchheun: "heun",
  dpm2: "dpm_2",
  kdpm2: "dpm_2",
  dpm2a: "dpm_2_ancestral",
  kdpm2ancestral: "dpm_2_ancestral",
  lms: "lms",
  "dpm++2sa": "dpmpp_2s_ancestral",
  "dpm++sde": "dpmpp_sde",
  dpmsolversde: "dpmpp_sde",
  "dpm++2m": "dpmpp_2m",
  "dpm++": "dpmpp_2m",
  dpmsolver: "dpmpp_2m",
  "dpm++2msde": "dpmpp_2m_sde",
  "dpm++3m": "flow_dpmpp_3m",
  "dpm++3msde": "dpmpp_3m_sde",
  lcm: "lcm",
  ipndm: "ipndm",
  deis: "deis",
  ddim: "ddim",
  unipc: "flow_unipc_2",
  resmultistep: "res_multistep",
  ersde: "er_sde",
  sasolver: "sa_solver",
};

/** What may stand behind the name. */
const schedules: Readonly<Record<string, string>> = {
  karras: "flow_match_karras",
  exponential: "flow_match_exponential",
  beta: "flow_match_beta",
};

export interface Sampling {
  solver: string;
  schedule: string;
}

/** Solver and schedule of a scheduler's name, such as `DPM++ 2M Karras`; `undefined` for one that there is not. */
export function sampling(scheduler: string): Sampling | undefined {
  const words = scheduler
    .toLowerCase()
    .replace(/(discrete|multistep|singlestep)?scheduler$/, "")
    .replace(/[\s_-]+/g, "");
  const suffix = Object.keys(schedules).find((name) => words.endsWith(name)) ?? "";
  const name = words.slice(0, words.length - suffix.length) || "default";
  const solver = Object.hasOwn(solvers, name) ? solvers[name] : undefined;
  return solver === undefined ? undefined : { solver, schedule: schedules[suffix] ?? "flow_match" };
}
