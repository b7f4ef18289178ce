import type { ErrorPayload } from "../common/errors.ts";
import type { Problem } from "../graph/problems.ts";

/** Words for people go to the error output, so that the output itself stays clean for programs. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printError(error: ErrorPayload): void {
  note(`error: ${sentence(error)}`);
}

export function printWarning(warning: ErrorPayload): void {
  note(`warning: ${sentence(warning)}`);
}

export function printProblems(problems: readonly Problem[]): void {
  for (const problem of problems) (problem.severity === "error" ? printError : printWarning)(problem);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function sentence({ nodeId, field, message, help }: ErrorPayload): string {
  const place = nodeId === undefined ? "" : `${field === undefined ? nodeId : `${nodeId}.${field}`}: `;
  return `${place}${message} ${help}`;
}
