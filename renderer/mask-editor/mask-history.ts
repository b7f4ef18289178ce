import { type Area, type Mask, readArea, writeArea } from "./mask.ts";

interface Change {
  readonly area: Area;
  readonly before: Uint8ClampedArray;
  readonly after: Uint8ClampedArray;
}

/** What steps of undo may take, together: a hundred strokes over all of a large picture. */
const BUDGET_BYTES = 256 * 2 ** 20;

/** Undo and redo of a mask: each step is the area that changed, before and after. */
export class MaskHistory {
  readonly #mask: Mask;
  #past: Change[] = [];
  #future: Change[] = [];
  /** The mask as it was at the last step. */
  #before: Uint8ClampedArray;

  constructor(mask: Mask) {
    this.#mask = mask;
    this.#before = Uint8ClampedArray.from(mask.data);
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Ends a step: everything that changed since the last one lies in `area`. */
  commit(area: Area): void {
    const { width, height } = this.#mask;
    const before = readArea({ width, height, data: this.#before }, area);
    const after = readArea(this.#mask, area);
    if (after.every((value, at) => value === before[at])) return;
    this.#past.push({ area, before, after });
    this.#future = [];
    this.#forgetOldest();
    writeArea({ width, height, data: this.#before }, area, after);
  }

  /** @returns what changed */
  undo(): Area | undefined {
    const change = this.#past.pop();
    if (!change) return undefined;
    this.#future.push(change);
    return this.#write(change.area, change.before);
  }

  redo(): Area | undefined {
    const change = this.#future.pop();
    if (!change) return undefined;
    this.#past.push(change);
    return this.#write(change.area, change.after);
  }

  #write(area: Area, values: Uint8ClampedArray): Area {
    const { width, height } = this.#mask;
    writeArea(this.#mask, area, values);
    writeArea({ width, height, data: this.#before }, area, values);
    return area;
  }

  #forgetOldest(): void {
    const bytes = (change: Change) => change.before.length + change.after.length;
    let total = this.#past.reduce((sum, change) => sum + bytes(change), 0);
    while (total > BUDGET_BYTES && this.#past.length > 1) total -= bytes(this.#past.shift()!);
  }
}
