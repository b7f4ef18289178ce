import jsep from "jsep";
import { HeddleError } from "../../common/errors.ts";

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
  throw failure(
    "expression-no-number",
    `"${expression}" has no finite result (${value}).`,
    "Look for a division by zero, or a root or logarithm of something that is not above 0.",
  );
}

function parse(expression: string): Parsed {
  try {
    return jsep(expression);
  } catch (error) {
    throw failure(
      "expression-unreadable",
      `"${expression}" cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Write it as round(a * 1.5 / 16) * 16.",
    );
  }
}

function compute(node: Parsed, variables: Variables): number {
  const value = (child: unknown) => compute(child as Parsed, variables);
  switch (node.type) {
    case "Literal":
      if (typeof node.value === "number" || typeof node.value === "boolean") return Number(node.value);
      throw unsupported(String(node.raw));
    case "Identifier":
      return named(String(node.name), variables);
    case "UnaryExpression":
      return unary(String(node.operator), value(node.argument));
    case "BinaryExpression": {
      const work = binary.get(String(node.operator));
      if (!work) throw unsupported(`The operator ${String(node.operator)}`);
      return work(value(node.left), value(node.right));
    }
    case "ConditionalExpression":
      return value(node.test) === 0 ? value(node.alternate) : value(node.consequent);
    case "CallExpression":
      return call(node.callee as Parsed, node.arguments as Parsed[], value);
    default:
      throw unsupported(node.type === "Compound" ? "More than one expression" : `A ${node.type}`);
  }
}

function named(name: string, variables: Variables): number {
  const value = Object.hasOwn(variables, name) ? variables[name] : constants.get(name);
  if (value !== undefined) return value;
  throw failure(
    "expression-unknown-name",
    `There is no number "${name}".`,
    `Known are ${[...Object.keys(variables), ...constants.keys()].join(", ")}.`,
  );
}

function unary(operator: string, value: number): number {
  if (operator === "-") return -value;
  if (operator === "+") return value;
  if (operator === "!") return Number(value === 0);
  throw unsupported(`The operator ${operator}`);
}

function call(callee: Parsed, parameters: readonly Parsed[], value: (node: unknown) => number): number {
  const name = callee.type === "Identifier" ? String(callee.name) : "";
  const [work, least, most] = functions.get(name) ?? [];
  if (!work || least === undefined || most === undefined) {
    throw failure(
      "expression-unknown-name",
      `There is no function "${name}".`,
      `Known are ${[...functions.keys()].join(", ")}.`,
    );
  }
  if (parameters.length < least || parameters.length > most) {
    throw failure(
      "expression-arguments",
      `"${name}" takes ${least === most ? least : `at least ${least}`} values, but has ${parameters.length}.`,
      "Separate values with commas.",
    );
  }
  return work(...parameters.map(value));
}

function unsupported(what: string): HeddleError {
  return failure(
    "expression-unreadable",
    `${what} has no place in an expression.`,
    "Use numbers, a to d, operators and functions.",
  );
}

function failure(code: string, message: string, help: string): HeddleError {
  return new HeddleError({ code, message, help, field: "expression" });
}
