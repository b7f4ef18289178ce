import { HeddleError } from "../common/errors.ts";
import type { ParamValues } from "../graph/execution/runner.ts";
import { textParam } from "./values.ts";

/** A colour as `#rrggbb`. @throws HeddleError `colour-invalid` */
export function colourParam(params: ParamValues, name: string): string {
  const colour = textParam(params, name);
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour;
  throw new HeddleError({
    code: "colour-invalid",
    message: `"${colour}" is no colour.`,
    help: "Write it as # and six hexadecimal digits: #202024 is a dark grey.",
    field: name,
    details: { colour },
  });
}
