import type { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";

/** One failure, in Runware's form. */
export interface RunwareError {
  code: string;
  message: string;
  parameter?: string;
  taskType?: string;
  taskUUID?: string;
}

/** A task that is answered with these failures. */
export class RunwareProblem extends Error {
  readonly errors: RunwareError[];

  constructor(errors: RunwareError[]) {
    super(errors.map(({ message }) => message).join(" "));
    this.errors = errors;
  }
}

/** One failure per parameter that is wrong. */
export function errorsOfIssues(issues: readonly z.core.$ZodIssue[]): RunwareError[] {
  const byParameter = new Map<string, RunwareError>();
  for (const issue of issues) {
    for (const error of describe(issue)) {
      const key = error.parameter ?? "";
      if (!byParameter.has(key)) byParameter.set(key, error);
    }
  }
  return [...byParameter.values()];
}

function describe(issue: z.core.$ZodIssue): RunwareError[] {
  const parameter = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const name = [...issue.path.map(String), key].join(".");
      return {
        code: "unsupportedParameter",
        message: `The parameter '${name}' is not available here.`,
        parameter: name,
      };
    });
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return [{ code: "missingParameter", message: `The parameter '${parameter}' is required.`, parameter }];
  }
  return [
    {
      code: "invalidParameter",
      message: `Invalid value for the parameter '${parameter}': ${issue.message}.`,
      parameter,
    },
  ];
}

/** A failure of the host, told about one parameter. */
export function errorOf(error: unknown, parameter?: string): RunwareError {
  if (!(error instanceof HeddleError)) throw error;
  const code = error.code.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { code, message: `${error.message} ${error.help}`, ...(parameter ? { parameter } : {}) };
}
