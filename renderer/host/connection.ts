/** Tells its listeners when the connection changes between lost and found; the first success is no news. */
export class Connection {
  readonly #listeners = new Set<(connected: boolean, isRefused: boolean) => void>();
  #isConnected = true;
  #isRefused = false;

  report(connected: boolean, isRefused = false): void {
    if (connected === this.#isConnected && isRefused === this.#isRefused) return;
    this.#isConnected = connected;
    this.#isRefused = isRefused;
    for (const listener of this.#listeners) listener(connected, isRefused);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  listen(listener: (connected: boolean, isRefused: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The address of a picture, the same on every host. */
export function imageUrl(hash: string, options?: { thumbnail?: number }): string {
  return `/images/${hash}${options?.thumbnail ? `?thumb=${options.thumbnail}` : ""}`;
}
