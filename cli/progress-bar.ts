import type { RunEvent } from "../graph/events.ts";

const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001b[2K";

/** The run's progress on one line of a terminal, which the last call clears. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #titleOf: (nodeId: string) => string;
  readonly #startedAt = performance.now();

  constructor(stream: NodeJS.WriteStream, titleOf: (nodeId: string) => string) {
    this.#stream = stream;
    this.#titleOf = titleOf;
  }

  show(event: RunEvent): void {
    if (event.type === "node-started") this.#draw(this.#titleOf(event.nodeId));
    if (event.type === "node-progress") this.#draw(this.#titleOf(event.nodeId), event.value, event.max);
    if (event.type === "node-warning" || event.type === "run-finished") this.#stream.write(CLEAR_LINE);
  }

  #draw(title: string, value?: number, max?: number): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
    let text = `${title} … ${seconds} s`;
    if (value !== undefined && max) {
      const filled = Math.round((BAR_WIDTH * value) / max);
      text = `${title} ${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${value}/${max}  ${seconds} s`;
    }
    // A longer line would wrap, and clearing would leave half of it.
    this.#stream.write(CLEAR_LINE + [...text].slice(0, (this.#stream.columns || 80) - 1).join(""));
  }
}
