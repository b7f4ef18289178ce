/** A place on the canvas, in flow pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
