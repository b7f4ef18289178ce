/** Set in the process that computes where another one watches it (`run-apart.ts`). */
const VARIABLE = "HEDDLE_RUN_APART";

export const watchedEnvironment = { [VARIABLE]: "1" };

/** Whether the process that watches this one has read the same workflow, and told what there is to say of it. */
export const isWatched = (environment: NodeJS.ProcessEnv = process.env): boolean => environment[VARIABLE] !== undefined;
