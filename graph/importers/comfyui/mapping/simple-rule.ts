import type { JsonValue } from "../../../document.ts";
import { MAX_SEED, seedToJson } from "../../../values.ts";
import type { ComfyNode } from "../graph.ts";
import type { Mapping, MappingRule, OutputTarget, Setting } from "./types.ts";

/**
 * A widget's value as a Heddle param: copied, or read by a function (`undefined` leaves the param at its default). What a
 * link brings is read by nobody: `takesLinks` where it may go into the param as it is.
 */
export type ParamOrigin =
  | string
  | { widget: string; read: (value: JsonValue) => JsonValue | undefined; takesLinks?: boolean };

export interface SimpleMapping {
  to: string;
  /** Heddle param: where its value comes from. */
  params?: Readonly<Record<string, ParamOrigin>>;
  /** Params that always have this value. */
  fixed?: Readonly<Record<string, JsonValue>>;
  /** Heddle input: ComfyUI input. */
  inputs?: Readonly<Record<string, string>>;
  /** Heddle outputs in the order of ComfyUI's; null where Heddle has none. */
  outputs?: readonly (string | null)[];
  silent?: readonly string[];
  notes?: (node: ComfyNode) => NonNullable<Mapping["notes"]>;
}

/** A ComfyUI node that is one Heddle node. */
export function rule(classes: string | readonly string[], simple: SimpleMapping): MappingRule {
  return { classes: typeof classes === "string" ? [classes] : classes, map: (node) => mapSimply(node, simple) };
}

export function mapSimply(node: ComfyNode, simple: SimpleMapping): Mapping {
  const { to, params = {}, fixed = {}, inputs = {}, outputs = [], silent = [] } = simple;
  const values: Record<string, JsonValue> = { ...fixed };
  const settings: Record<string, Setting> = {};
  for (const [param, origin] of Object.entries(params)) {
    const widget = typeof origin === "string" ? origin : origin.widget;
    const isRead = typeof origin !== "string" && origin.takesLinks !== true;
    settings[widget] = { part: 0, param, ...(isRead ? { isRead } : {}) };
    const raw = node.values[widget];
    const value = raw === undefined || typeof origin === "string" ? raw : origin.read(raw);
    if (value !== undefined) values[param] = value;
  }
  return {
    parts: [
      {
        type: to,
        params: values,
        inputs: Object.fromEntries(Object.entries(inputs).map(([port, input]) => [port, { input }])),
      },
    ],
    outputs: outputs.map((port): OutputTarget => (port === null ? undefined : { part: 0, port })),
    settings,
    silent,
    notes: simple.notes?.(node) ?? [],
  };
}

/** A file's name: Windows writes `\` between folders. */
export function file(widget: string): ParamOrigin {
  return {
    widget,
    read: (value) => (typeof value === "string" ? value.replaceAll("\\", "/") : value),
    takesLinks: true,
  };
}

/**
 * A seed of up to 64 bits, of which Heddle has 63: torch's CPU generator uses the lower 32 only, so the noise is the same
 * without the highest one. Below zero (some packs' "a new one every time") becomes 0.
 */
export function seed(widget: string): ParamOrigin {
  return { widget, read: readSeed, takesLinks: true };
}

export function readSeed(value: JsonValue): JsonValue {
  const isWhole =
    typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && /^-?\d+$/.test(value);
  if (!isWhole) return value;
  const exact = BigInt(value as string | number);
  return exact < 0n ? 0 : seedToJson(exact <= MAX_SEED ? exact : BigInt.asUintN(63, exact));
}

const changes: Readonly<Record<string, string>> = {
  randomize: "drew a new seed",
  increment: "raised the seed",
  decrement: "lowered the seed",
};

/** What people should know about the seed in a widget of a node: a run draws the same picture, be it random there or not. */
export function seedNotes({ values }: ComfyNode, widget: string): NonNullable<Mapping["notes"]> {
  const { [widget]: value, control_after_generate: control } = values;
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : 0;
  if (!(number < 0)) {
    if (typeof control !== "string" || !Object.hasOwn(changes, control)) return [];
    return [
      {
        code: "import-seed",
        message: `ComfyUI ${changes[control]} after every run; here it stays, so that this picture can be drawn again.`,
        help: "Choose beside the seed what each run does to it.",
        field: "seed",
        details: { cause: control },
      },
    ];
  }
  return [
    {
      code: "import-seed",
      message: "The seed was set to a new one every time; it is 0 now.",
      help: "Choose a seed, or have a new one drawn for each run.",
      field: "seed",
      details: { cause: "negative" },
    },
  ];
}
