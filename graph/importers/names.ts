/** Gives names out once each: one that is taken gets a number. As fast for a thousand that are alike as for one. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  get size(): number {
    return this.#taken.size;
  }

  /** `isTaken` knows of names beside those that were given out. */
  take(stem: string, isTaken: (name: string) => boolean = () => false): string {
    let name = stem;
    let next = this.#next.get(stem) ?? 2;
    while (this.#taken.has(name) || isTaken(name)) name = `${stem}-${next++}`;
    this.#next.set(stem, next);
    this.#taken.add(name);
    return name;
  }
}
