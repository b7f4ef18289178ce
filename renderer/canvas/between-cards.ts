/** A card's upper edge and height, in pixels of the graph. */
interface Extent {
  readonly y: number;
  readonly height: number;
}

/** The middle of the room between two cards of which one stands above the other; `undefined` where there is none. Pure. */
export function heightBetween(one: Extent, other: Extent): number | undefined {
  const [upper, lower] = one.y <= other.y ? [one, other] : [other, one];
  const foot = upper.y + upper.height;
  return foot <= lower.y ? (foot + lower.y) / 2 : undefined;
}
