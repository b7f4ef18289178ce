import jsep from "jsep";
import { type ErrorPayload, HeddleError } from "../../common/errors.ts";

type Variables = Readonly<Record<string, number>>;
type Parsed = ReturnType<typeof jsep>;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Name, function, least and most numbers of arguments. */
const functions = new Map<string, [work: (...values: number[]) => number, least: number, most: number]>([
  ...(["abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "cbrt", "exp", "log", "log2", "log10"] as const).map(
    (name) => [name, [Math[name], 1, 1]] as [string, [(...values: number[]) => number, number, number]],
  ),
  ...(["sin", "cos", "tan", "asin", "acos", "atan"] as const).map(
    (name) => [name, [Math[name], 1, 1]] as [string, [(...values: number[]) => number, number, number]],
  ),
  ["pow", [Math.pow, 2, 2]],
  ["atan2", [Math.atan2, 2, 2]],
  ["min", [Math.min, 1, 100]],
  ["max", [Math.max, 1, 100]],
  ["hypot", [Math.hypot, 1, 100]],
  ["clamp", [clamp as (...values: number[]) => number, 3, 3]],
]);

const constants = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
  ["true", 1],
  ["false", 0],
]);

const binary = new Map<string, (left: number, right: number) => number>([
  ["+", (left, right) => left + right],
  ["-", (left, right) => left - right],
  ["*", (left, right) => left * right],
  ["/", (left, right) => left / right],
  ["%", (left, right) => left % right],
  ["**", (left, right) => left ** right],
  ["<", (left, right) => Number(left < right)],
  ["<=", (left, right) => Number(left <= right)],
  [">", (left, right) => Number(left > right)],
  [">=", (left, right) => Number(left >= right)],
  ["==", (left, right) => Number(left === right)],
  ["!=", (left, right) => Number(left !== right)],
  ["&&", (left, right) => Number(left !== 0 && right !== 0)],
  ["||", (left, right) => Number(left !== 0 || right !== 0)],
]);

/**
 * The value of an expression. It is parsed to a tree, of which only numbers, the variables and what is listed above count:
 * nothing of the program can be reached from it.
 *
 * @throws HeddleError `expression-unreadable`, `expression-unknown-name`, `expression-arguments`, `expression-no-number`
 *   (a division by zero, a root of something negative)
 */
export function evaluate(expression: string, variables: Variables): number {
  const value = compute(parse(expression), variables);
  if (Number.isFinite(value)) return value;
  throw failure({
    code: "expression-no-number",
    message: `"${expression}" has no finite result (${value}).`,
    help: "Look for a division by zero, or a root or logarithm of something that is not above 0.",
    details: { expression, value: String(value) },
  });
}

function parse(expression: string): Parsed {
  try {
    return jsep(expression);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const index = error instanceof Error && "index" in error ? Number(error.index) : expression.length;
    throw failure({
      code: "expression-unreadable",
      message: `"${expression}" cannot be read: ${reason}.`,
      help: "Write it as round(a * 1.5 / 16) * 16.",
      details: { cause: "syntax", expression, position: index + 1 },
    });
  }
}

function compute(node: Parsed, variables: Variables): number {
  const value = (child: unknown) => compute(child as Parsed, variables);
  switch (node.type) {
    case "Literal":
      if (typeof node.value === "number" || typeof node.value === "boolean") return Number(node.value);
      throw unsupported(String(node.raw), "value", String(node.raw));
    case "Identifier":
      return named(String(node.name), variables);
    case "UnaryExpression":
      return unary(String(node.operator), value(node.argument));
    case "BinaryExpression": {
      const work = binary.get(String(node.operator));
      if (!work) throw unsupportedOperator(String(node.operator));
      return work(value(node.left), value(node.right));
    }
    case "ConditionalExpression":
      return value(node.test) === 0 ? value(node.alternate) : value(node.consequent);
    case "CallExpression":
      return call(node.callee as Parsed, node.arguments as Parsed[], value);
    default:
      throw node.type === "Compound"
        ? unsupported("More than one expression", "several", "")
        : unsupported(`A ${node.type}`, "form", node.type);
  }
}

function named(name: string, variables: Variables): number {
  const value = Object.hasOwn(variables, name) ? variables[name] : constants.get(name);
  if (value !== undefined) return value;
  const known = [...Object.keys(variables), ...constants.keys()].join(", ");
  throw failure({
    code: "expression-unknown-name",
    message: `There is no number "${name}".`,
    help: `Known are ${known}.`,
    details: { cause: "number", name, known },
  });
}

function unary(operator: string, value: number): number {
  if (operator === "-") return -value;
  if (operator === "+") return value;
  if (operator === "!") return Number(value === 0);
  throw unsupportedOperator(operator);
}

function call(callee: Parsed, parameters: readonly Parsed[], value: (node: unknown) => number): number {
  const name = callee.type === "Identifier" ? String(callee.name) : "";
  const [work, least, most] = functions.get(name) ?? [];
  if (!work || least === undefined || most === undefined) {
    const known = [...functions.keys()].join(", ");
    throw failure({
      code: "expression-unknown-name",
      message: `There is no function "${name}".`,
      help: `Known are ${known}.`,
      details: { cause: "function", name, known },
    });
  }
  if (parameters.length < least || parameters.length > most) {
    throw failure({
      code: "expression-arguments",
      message: `"${name}" takes ${least === most ? least : `at least ${least}`} values, but has ${parameters.length}.`,
      help: "Separate values with commas.",
      details: { cause: least === most ? "exactly" : "at-least", name, wanted: least, given: parameters.length },
    });
  }
  return work(...parameters.map(value));
}

const unsupportedOperator = (operator: string) => unsupported(`The operator ${operator}`, "operator", operator);

function unsupported(what: string, cause: "value" | "operator" | "several" | "form", found: string): HeddleError {
  return failure({
    code: "expression-unreadable",
    message: `${what} has no place in an expression.`,
    help: "Use numbers, a to d, operators and functions.",
    details: { cause, found },
  });
}

function failure(error: ErrorPayload): HeddleError {
  return new HeddleError({ ...error, field: "expression" });
}
