import i18next, { type TOptions } from "i18next";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import { NAMESPACE, type TextKey, translate } from "./i18n.ts";
import { spokenValues } from "./term-text.ts";

/** What a component or `translate` says texts with. */
type Say = (key: TextKey, options?: TOptions) => string;

/**
 * A failure in the language of the interface. English failures say exactly what happened; other languages have a
 * sentence for each code they know, or for a code and its cause, and fall back to English for the rest, and for failures that
 * an earlier Heddle kept without what the sentence says of them. `details.about` is one of many, such as a file of a folder, that
 * the sentence is about.
 */
export function problemText(text: Say, problem: ErrorPayload): { message: string; help: string } {
  if (i18next.language === "en") return problem;
  const values = { field: problem.field ?? "", node: problem.nodeId ?? "", ...spokenValues(problem.details) };
  const codes = [`${problem.code}_${problem.details?.cause}`, problem.code];
  const code = codes.find((one) => isSayable(`problems.${one}.message`, values));
  if (code === undefined || !isSayable(`problems.${code}.help`, values)) return problem;
  const { about } = problem.details ?? {};
  return {
    message: (typeof about === "string" ? `${about}：` : "") + text(`problems.${code}.message` as TextKey, values),
    help: text(`problems.${code}.help` as TextKey, values),
  };
}

/** Whether there is such a text, and all values that it has places for. */
function isSayable(key: string, values: Readonly<Record<string, unknown>>): boolean {
  if (!i18next.exists(key)) return false;
  const places = String(i18next.getResource(i18next.language, NAMESPACE, key)).matchAll(/\{\{(\w+)\}\}/g);
  return [...places].every(([, name = ""]) => values[name] !== undefined && values[name] !== null);
}

/** What went wrong and what helps, as one paragraph. */
export function problemLine(text: Say, problem: ErrorPayload): string {
  const { message, help } = problemText(text, problem);
  // A Chinese full stop brings its own space.
  return message.endsWith("。") ? message + help : `${message} ${help}`;
}

/** Of whatever was thrown, for code outside of components. */
export function failureText(error: unknown): { message: string; help: string } {
  return problemText(translate, toHeddleError(error));
}
