import type { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";

/** One entry of the `detail` of fal's 422 answers (the form of FastAPI and Pydantic). */
export interface FalDetail {
  loc: (string | number)[];
  msg: string;
  type: string;
  ctx?: Record<string, string | number>;
}

/** A request that cannot be carried out as it stands. */
export class FalInputError extends Error {
  readonly detail: FalDetail[];

  constructor(detail: FalDetail[]) {
    super(detail.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; "));
    this.detail = detail;
  }
}

/** One entry per field that is wrong. */
export function detailOfIssues(issues: readonly z.core.$ZodIssue[], body: unknown): FalDetail[] {
  const byField = new Map<string, FalDetail>();
  for (const issue of issues) {
    const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
    const key = JSON.stringify(path);
    if (!byField.has(key)) byField.set(key, { loc: ["body", ...path], ...describe(issue, valueAt(body, path)) });
  }
  return [...byField.values()];
}

function describe(issue: z.core.$ZodIssue, value: unknown): Omit<FalDetail, "loc"> {
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined) return { msg: "Field required", type: "missing" };
      return { msg: `Input should be a valid ${issue.expected}`, type: `${issue.expected}_type` };
    case "too_small": {
      const min = Number(issue.minimum);
      if (issue.origin === "string") {
        return {
          msg: `String should have at least ${min} characters`,
          type: "string_too_short",
          ctx: { min_length: min },
        };
      }
      return { msg: `Input should be greater than or equal to ${min}`, type: "greater_than_equal", ctx: { ge: min } };
    }
    case "too_big": {
      const max = Number(issue.maximum);
      if (issue.origin === "string") {
        return {
          msg: `String should have at most ${max} characters`,
          type: "string_too_long",
          ctx: { max_length: max },
        };
      }
      if (issue.origin === "array") {
        return { msg: `List should have at most ${max} items`, type: "too_long", ctx: { max_length: max } };
      }
      return { msg: `Input should be less than or equal to ${max}`, type: "less_than_equal", ctx: { le: max } };
    }
    case "invalid_value": {
      const expected = issue.values.map((option) => `'${String(option)}'`).join(", ");
      const isOwnText = !issue.message.startsWith("Invalid");
      return {
        msg: isOwnText ? issue.message : `Input should be ${expected}`,
        type: "literal_error",
        ctx: { expected },
      };
    }
    case "invalid_union":
      return describeUnion(issue, value);
    default:
      return { msg: issue.message, type: "value_error" };
  }
}

/** Of several forms, the one that the client seems to have meant says what is wrong. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion, value: unknown): Omit<FalDetail, "loc"> {
  const meant = issue.errors.find((errors) => errors.some(({ path }) => path.length > 0));
  const first = meant?.find(({ path }) => path.length > 0);
  if (typeof value === "object" && value !== null && first) {
    const path = first.path.map((key) => (typeof key === "number" ? key : String(key)));
    const { msg, ...rest } = describe(first, valueAt(value, path));
    return { msg: `${path.join(".")}: ${msg}`, ...rest };
  }
  const options = issue.errors.flat().find(({ code }) => code === "invalid_value");
  return options ? describe(options, value) : { msg: "Input is of none of the forms it may have", type: "value_error" };
}

function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** A failure that lies in what one field says. */
export function detailOfError(error: unknown, loc: (string | number)[]): FalDetail {
  if (!(error instanceof HeddleError)) throw error;
  const type = error.code.startsWith("fetch-") ? "file_download_error" : (typesByCode[error.code] ?? "value_error");
  return { loc: ["body", ...loc], msg: `${error.message} ${error.help}`, type };
}

const typesByCode: Readonly<Record<string, string>> = {
  "picture-unreadable": "image_load_error",
  "picture-too-large": "image_too_large",
  "picture-not-found": "file_download_error",
};
