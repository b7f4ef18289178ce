import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";

const names = ["a", "b", "c", "d"] as const;

export const definition: NodeDefinition = {
  type: "maths",
  version: 1,
  title: "Maths",
  category: "utility",
  description:
    "Works an expression out, with the numbers a, b, c and d: + - * / % **, comparisons, && || !, condition ? x : y, pi, e, and the functions abs, sign, min, max, clamp, floor, ceil, round, trunc, sqrt, cbrt, hypot, exp, log, log2, log10, pow, sin, cos, tan, asin, acos, atan, atan2. True is 1 and false is 0. Example: round(a * 1.5 / 16) * 16.",
  aliases: ["math", "expression", "calculate", "MathExpression", "formula", "arithmetic"],
  inputs: names.map((name) => ({ name, type: "number", label: name, optional: true })),
  outputs: [
    { name: "number", type: "number", label: "Number" },
    { name: "integer", type: "integer", label: "Rounded" },
    { name: "boolean", type: "boolean", label: "Not zero" },
  ],
  params: [
    {
      kind: "text",
      name: "expression",
      label: "Expression",
      placeholder: "round(a * 1.5 / 16) * 16",
      minLength: 1,
      maxLength: 1000,
      default: "a + b",
    },
    ...names.map(
      (name): ParamDefinition => ({
        kind: "number",
        name,
        label: name,
        default: 0,
        min: -1e15,
        max: 1e15,
        step: 0.01,
      }),
    ),
  ],
};
