import { z } from "zod";
import type { LoraEntry, NodeDefinition, ParamDefinition } from "./definition.ts";
import type { JsonValue, WorkflowNode } from "./document.ts";

/** Param values by name, as a workflow file holds them. */
export type Params = Readonly<Record<string, JsonValue>>;

export const MAX_SEED = 2n ** 63n - 1n;

/** The value that a node has for a param: what the file says, or else the default. */
export function readParam(params: Params, param: ParamDefinition): JsonValue {
  const value = Object.hasOwn(params, param.name) ? params[param.name] : undefined;
  return value === undefined ? param.default : value;
}

/** Every param of the definition with its value. Seeds come as decimal strings, so that equal seeds are equal values. */
export function readParams(definition: NodeDefinition, node: Pick<WorkflowNode, "params">): Record<string, JsonValue> {
  return Object.fromEntries(
    definition.params.map((param) => {
      const value = readParam(node.params, param);
      return [param.name, param.kind === "seed" ? (parseSeed(value)?.toString() ?? value) : value];
    }),
  );
}

/** A seed as it stands in a workflow: a safe integer, or a decimal string; `undefined` for anything else or out of range. */
export function parseSeed(value: JsonValue | undefined): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value)) return undefined;
  const seed = BigInt(value);
  return seed <= MAX_SEED ? seed : undefined;
}

/** The JSON form of a seed: a number while that is exact, else a decimal string. */
export function seedToJson(seed: bigint): number | string {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed.toString();
}

const lorasSchema = z.array(z.object({ name: z.string(), weight: z.number(), enabled: z.boolean().default(true) }));

/** The entries of a `loras` param; `undefined` when the value is no such list. */
export function parseLoras(value: JsonValue | undefined): LoraEntry[] | undefined {
  return lorasSchema.safeParse(value).data;
}

/** The SHA-256 (hex) of the picture that an `image` param names; `undefined` when it names none. */
export function parseImageValue(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? /^sha256:([0-9a-f]{64})$/.exec(value)?.[1] : undefined;
}

export function imageToJson(hash: string): string {
  return `sha256:${hash}`;
}

/** Whether a param counts at present: every param it hangs on is itself visible and has one of the values asked for. */
function isParamVisible(definition: NodeDefinition, params: Params, param: ParamDefinition): boolean {
  const seen = new Set<string>();
  let current: ParamDefinition | undefined = param;
  while (current?.visibleWhen && !seen.has(current.name)) {
    seen.add(current.name);
    const condition: NonNullable<ParamDefinition["visibleWhen"]> = current.visibleWhen;
    const controller: ParamDefinition | undefined = definition.params.find(({ name }) => name === condition.param);
    if (!controller) return true;
    if (!condition.equals.includes(readParam(params, controller))) return false;
    current = controller;
  }
  return true;
}

export function visibleParams(definition: NodeDefinition, params: Params): ParamDefinition[] {
  return definition.params.filter((param) => isParamVisible(definition, params, param));
}
