import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets pieces of work begin one in each turn of the event loop, in the order in which they came.
 *
 * Node's loop takes in one new connection in a turn, and in the same turn answers whatever the connections have sent that are
 * there already. Under a rush those would be served again and again, while newcomers wait outside; with work put off like
 * this, a turn is short, everybody soon stands in the same line, and waits for those before them only.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #first = 0;

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) - this.#first === 1) setImmediate(this.#step);
    });
  }

  /** Resolves when nobody stands in line any more, or when that takes too long. */
  async quiet(atMostMs: number): Promise<void> {
    const deadline = performance.now() + atMostMs;
    do await nextTurn();
    while (this.#waiting.length > 0 && performance.now() < deadline);
  }

  readonly #step = () => {
    this.#waiting[this.#first++]!();
    if (this.#first < this.#waiting.length) setImmediate(this.#step);
    else {
      this.#waiting.length = 0;
      this.#first = 0;
    }
  };
}
