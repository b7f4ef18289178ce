import { HeddleError } from "../../common/errors.ts";
import type { PortValues } from "./runner.ts";

/** What the items of a list differ in: the list that a node made, told apart from those of other nodes. */
export interface ListAxis {
  /** Id of the node that made the list: lists of one axis go together item by item, those of several are crossed. */
  readonly id: string;
  /** "Steps"; may be empty. */
  readonly title: string;
  /** One for each item along the axis. */
  readonly labels: readonly string[];
}

/**
 * Several values at one output: a node that is given a list runs once for each item, and gives lists in turn, until a node
 * takes the list as a whole.
 */
export interface ListValue {
  readonly kind: "list";
  /** The outermost first. */
  readonly axes: readonly ListAxis[];
  /** In row order of the axes. */
  readonly items: readonly unknown[];
  /** Content keys of the items; equal keys mean equal items. */
  readonly keys: readonly string[];
}

/** More runs of a node than anybody waits for are a mistake. */
export const MAX_ITEMS = 1000;

export function isListValue(value: unknown): value is ListValue {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "list";
}

/** A list as a node makes it; the executor adds what tells it apart from others. */
export function newList(items: readonly unknown[], title: string, labels: readonly string[]): ListValue {
  return { kind: "list", axes: [{ id: "", title, labels }], items, keys: [] };
}

/** The outputs of a node that makes lists, with their axis and their keys. `key` is the node's content key. */
export function anchorLists(outputs: PortValues, nodeId: string, key: string): PortValues {
  return Object.fromEntries(
    Object.entries(outputs).map(([port, value]) => {
      if (!isListValue(value)) return [port, value];
      const axes = value.axes.map((axis) => ({ ...axis, id: nodeId }));
      // Plain values are known by what they are, so that a longer list leaves the results of the others as they were.
      const keys = value.items.map((item, i) =>
        typeof item === "object" ? `${key} ${port} ${i}` : `value ${JSON.stringify(item)}`,
      );
      return [port, { ...value, axes, keys } satisfies ListValue];
    }),
  );
}

/**
 * What a node gave at one output when it was run for each item: a list along the same axes. What gave lists itself, run by
 * run, adds its own axis as the innermost.
 * @throws HeddleError `lists-uneven` when those are not equally long
 */
export function listOfRuns(axes: readonly ListAxis[], items: readonly unknown[], keys: readonly string[]): ListValue {
  const lists = items.filter(isListValue);
  const [first] = lists;
  if (first === undefined || lists.length < items.length) return { kind: "list", axes, items, keys };
  if (lists.some((list) => list.items.length !== first.items.length)) {
    const lengths = [...new Set(lists.map((list) => list.items.length))].join(", ");
    throw new HeddleError({
      code: "lists-uneven",
      message: `This node made lists of different lengths (${lengths}).`,
      help: "Give it the same number of things for each item of the list that it is given.",
      details: { lengths },
    });
  }
  return {
    kind: "list",
    axes: [...axes, ...first.axes],
    items: lists.flatMap((list) => list.items),
    keys: lists.flatMap((list) => list.keys),
  };
}

export interface ItemRun {
  /** "Steps 8, Guidance 2". */
  readonly label: string;
  readonly inputs: PortValues;
  /** Content keys of the inputs that are items of lists. */
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * What a node is run with, item by item, when some of its inputs are lists; `undefined` when none is.
 * @throws HeddleError `too-many-items`
 */
export function itemRuns(inputs: PortValues): { axes: readonly ListAxis[]; runs: readonly ItemRun[] } | undefined {
  const lists = Object.entries(inputs).filter((entry): entry is [string, ListValue] => isListValue(entry[1]));
  if (lists.length === 0) return undefined;
  const axes = [...new Map(lists.flatMap(([, list]) => list.axes.map((axis) => [axis.id, axis]))).values()];
  const count = axes.reduce((product, { labels }) => product * labels.length, 1);
  if (count > MAX_ITEMS) throw tooManyItems(count, axes);
  const runs = Array.from({ length: count }, (_, index): ItemRun => {
    const places = placesOf(index, axes);
    const at = (list: ListValue) =>
      list.axes.reduce((flat, axis) => flat * axis.labels.length + (places.get(axis.id) ?? 0), 0);
    return {
      label: axes.map(({ id, title, labels }) => `${title} ${labels[places.get(id) ?? 0]}`.trim()).join(", "),
      inputs: { ...inputs, ...Object.fromEntries(lists.map(([name, list]) => [name, list.items[at(list)]])) },
      keys: Object.fromEntries(lists.map(([name, list]) => [name, list.keys[at(list)] ?? ""])),
    };
  });
  return { axes, runs };
}

/** Where on each axis an index in row order lies. */
function placesOf(index: number, axes: readonly ListAxis[]): Map<string, number> {
  const places = new Map<string, number>();
  let rest = index;
  for (const { id, labels } of axes.toReversed()) {
    places.set(id, rest % labels.length);
    rest = Math.floor(rest / labels.length);
  }
  return places;
}

function tooManyItems(count: number, axes: readonly ListAxis[]): HeddleError {
  const lengths = axes.map(({ labels }) => labels.length).join(" × ");
  return new HeddleError({
    code: "too-many-items",
    message: `This node would run ${count} times (${lengths}); at most ${MAX_ITEMS} are run.`,
    help: "Make the lists shorter, or cross fewer of them.",
    details: { cause: "runs", count, lengths, limit: MAX_ITEMS },
  });
}
