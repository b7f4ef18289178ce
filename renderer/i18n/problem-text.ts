import i18next from "i18next";
import type { ErrorPayload } from "../../common/errors.ts";
import type { TextKey } from "./i18n.ts";
import { spokenValues } from "./term-text.ts";
import type { Text } from "./use-text.ts";

/**
 * A failure in the language of the interface. English failures say exactly what happened; other languages have a
 * sentence for each code they know, or for a code and its cause, and fall back to English for the rest.
 */
export function problemText(text: Text, problem: ErrorPayload): { message: string; help: string } {
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
