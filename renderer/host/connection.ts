/** Tells its listeners when the connection changes between lost and found; the first success is no news. */
export class Connection {
  readonly #listeners = new Set<(connected: boolean) => void>();
  #isConnected = true;

  report(connected: boolean): void {
    if (connected === this.#isConnected) return;
    this.#isConnected = connected;
    for (const listener of this.#listeners) listener(connected);
  }

  listen(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The address of a picture, the same on every host. */
export function imageUrl(hash: string, options?: { thumbnail?: number }): string {
  return `/images/${hash}${options?.thumbnail ? `?thumb=${options.thumbnail}` : ""}`;
}
