/** Which pictures of a list are chosen, as file managers do it: pure. */
export interface Selection {
  /** In the order in which they were chosen: the first two are compared. */
  readonly chosen: readonly string[];
  /** Where the keyboard is. */
  readonly active: string | undefined;
  /** Where a range begins. */
  readonly anchor: string | undefined;
}

export const NOTHING: Selection = { chosen: [], active: undefined, anchor: undefined };

export interface How {
  /** From the anchor to here (Shift). */
  readonly extend?: boolean;
  /** Besides what is chosen (Ctrl). */
  readonly toggle?: boolean;
  /** The keyboard goes on, what is chosen stays (Ctrl and arrows). */
  readonly moveOnly?: boolean;
}

/** What is chosen after going to `to`, which is in `order`. */
export function goTo(selection: Selection, order: readonly string[], to: string, how: How = {}): Selection {
  if (how.moveOnly) return { ...selection, active: to, anchor: to };
  if (how.extend) {
    const anchor = selection.anchor !== undefined && order.includes(selection.anchor) ? selection.anchor : to;
    const [a, b] = [order.indexOf(anchor), order.indexOf(to)];
    const range = order.slice(Math.min(a, b), Math.max(a, b) + 1);
    return { chosen: a <= b ? range : range.toReversed(), active: to, anchor };
  }
  if (how.toggle) {
    const chosen = selection.chosen.includes(to)
      ? selection.chosen.filter((one) => one !== to)
      : [...selection.chosen, to];
    return { chosen, active: to, anchor: to };
  }
  return { chosen: [to], active: to, anchor: to };
}

/** After pictures are gone: what is left of the choice, and the next one in their place for the keyboard. */
export function without(selection: Selection, order: readonly string[], gone: ReadonlySet<string>): Selection {
  const chosen = selection.chosen.filter((one) => !gone.has(one));
  const { active } = selection;
  if (active === undefined || !gone.has(active)) return { ...selection, chosen };
  const at = order.indexOf(active);
  const next =
    order.slice(at).find((one) => !gone.has(one)) ?? order.slice(0, Math.max(0, at)).findLast((one) => !gone.has(one));
  return { chosen: chosen.length === 0 && next !== undefined ? [next] : chosen, active: next, anchor: next };
}

/** The index that a key leads to in a grid of `columns`, of which `rows` are in view; `undefined` for other keys. */
export function indexAfter(key: string, at: number, count: number, columns: number, rows: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * rows,
    PageDown: columns * rows,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  if (step === undefined || count === 0) return undefined;
  const to = at + step;
  // Up and down keep their column where there is one.
  if ((key === "ArrowUp" || key === "PageUp") && to < 0) return key === "ArrowUp" ? at : at % columns;
  if (key === "ArrowDown" && to >= count) {
    const lastRow = Math.floor((count - 1) / columns);
    return Math.floor(at / columns) < lastRow ? count - 1 : at;
  }
  return Math.max(0, Math.min(count - 1, to));
}
