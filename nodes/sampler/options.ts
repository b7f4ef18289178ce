/**
 * The solvers and schedules to choose from, for people. The renderer bundles this, so it cannot ask the engine for its
 * table; a test keeps the two alike.
 */
export const solverOptions = [
  { value: "euler", label: "Euler", description: "The official solver: one model call a step." },
] as const;

export const scheduleOptions = [
  { value: "simple", label: "Simple", description: "Even steps through the model's own noise levels." },
] as const;
