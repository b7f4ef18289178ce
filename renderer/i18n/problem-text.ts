import i18next, { type TOptions } from "i18next";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import { type TextKey, translate } from "./i18n.ts";
import { spokenValues } from "./term-text.ts";

/** What a component or `translate` says texts with. */
type Say = (key: TextKey, options?: TOptions) => string;

/**
 * A failure in the language of the interface. English failures say exactly what happened; other languages have a
 * sentence for each code they know, or for a code and its cause, and fall back to English for the rest.
 */
export function problemText(text: Say, problem: ErrorPayload): { message: string; help: string } {
  if (i18next.language === "en") return problem;
  const code = [`${problem.code}_${problem.details?.cause}`, problem.code].find((one) =>
    i18next.exists(`problems.${one}.message`),
  );
  if (code === undefined) return problem;
  const values = { field: problem.field ?? "", node: problem.nodeId ?? "", ...spokenValues(problem.details) };
  return {
    message: text(`problems.${code}.message` as TextKey, values),
    help: text(`problems.${code}.help` as TextKey, values),
  };
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
