/**
 * The solvers and schedules to choose from. The renderer bundles this, so it cannot ask the engine for its table; a test
 * keeps the two alike.
 */
export const solverOptions: readonly Option[] = [
  { value: "euler", label: "Euler" },
  { value: "euler_ancestral", label: "Euler ancestral" },
  { value: "euler_cfg_pp", label: "Euler CFG++" },
  { value: "euler_ancestral_cfg_pp", label: "Euler ancestral CFG++" },
  { value: "heun", label: "Heun" },
  { value: "heunpp2", label: "Heun++" },
  { value: "dpm_2", label: "DPM2" },
  { value: "dpm_2_ancestral", label: "DPM2 ancestral" },
  { value: "lms", label: "LMS" },
  { value: "dpmpp_2s_ancestral", label: "DPM++ 2S ancestral" },
  { value: "dpmpp_2s_ancestral_cfg_pp", label: "DPM++ 2S ancestral CFG++" },
  { value: "dpmpp_sde", label: "DPM++ SDE" },
  { value: "dpmpp_2m", label: "DPM++ 2M" },
  { value: "dpmpp_2m_cfg_pp", label: "DPM++ 2M CFG++" },
  { value: "dpmpp_2m_sde", label: "DPM++ 2M SDE" },
  { value: "dpmpp_2m_sde_heun", label: "DPM++ 2M SDE Heun" },
  { value: "dpmpp_3m_sde", label: "DPM++ 3M SDE" },
  { value: "lcm", label: "LCM" },
  { value: "ipndm", label: "iPNDM" },
  { value: "ipndm_v", label: "iPNDM, variable steps" },
  { value: "deis", label: "DEIS" },
  { value: "res_multistep", label: "RES multistep" },
  { value: "res_multistep_ancestral", label: "RES multistep ancestral" },
  { value: "res_multistep_cfg_pp", label: "RES multistep CFG++" },
  { value: "res_multistep_ancestral_cfg_pp", label: "RES multistep ancestral CFG++" },
  { value: "gradient_estimation_cfg_pp", label: "Gradient estimation CFG++" },
  { value: "gradient_estimation", label: "Gradient estimation" },
  { value: "er_sde", label: "ER-SDE" },
  { value: "seeds_2", label: "SEEDS 2" },
  { value: "seeds_3", label: "SEEDS 3" },
  { value: "exp_heun_2_x0", label: "Exponential Heun" },
  { value: "exp_heun_2_x0_sde", label: "Exponential Heun SDE" },
  { value: "sa_solver", label: "SA-Solver" },
  { value: "sa_solver_pece", label: "SA-Solver PECE" },
  { value: "ddim", label: "DDIM" },
  { value: "uni_pc", label: "UniPC (ComfyUI)" },
  { value: "uni_pc_bh2", label: "UniPC bh2 (ComfyUI)" },
  { value: "flow_unipc_1", label: "UniPC, order 1" },
  { value: "flow_unipc_2", label: "UniPC, order 2" },
  { value: "flow_unipc_3", label: "UniPC, order 3" },
  { value: "flow_dpmpp_2m", label: "DPM++ 2M (diffusers)" },
  { value: "flow_dpmpp_2m_heun", label: "DPM++ 2M Heun (diffusers)" },
  { value: "flow_dpmpp_3m", label: "DPM++ 3M (diffusers)" },
  { value: "flow_dpmpp_2m_sde", label: "DPM++ 2M SDE (diffusers)" },
];

export const scheduleOptions: readonly Option[] = [
  { value: "simple", label: "Simple" },
  { value: "sgm_uniform", label: "SGM uniform" },
  { value: "normal", label: "Normal" },
  { value: "beta", label: "Beta" },
  { value: "karras", label: "Karras" },
  { value: "exponential", label: "Exponential" },
  { value: "ddim_uniform", label: "DDIM uniform" },
  { value: "linear_quadratic", label: "Linear-quadratic" },
  { value: "kl_optimal", label: "KL-optimal" },
  { value: "flow_match", label: "FlowMatch (diffusers)" },
  { value: "flow_match_karras", label: "FlowMatch Karras (diffusers)" },
  { value: "flow_match_exponential", label: "FlowMatch exponential (diffusers)" },
  { value: "flow_match_beta", label: "FlowMatch beta (diffusers)" },
  { value: "flow_match_bare", label: "FlowMatch, shifted twice (diffusers Heun)" },
  { value: "flow_unipc", label: "UniPC’s own (diffusers)" },
  { value: "flow_dpmpp", label: "DPM++’s own (diffusers)" },
];

interface Option {
  value: string;
  label: string;
}
