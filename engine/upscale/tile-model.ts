import type * as ort from "onnxruntime-node";

/** What enlarges one tile. */
export interface TileModel {
  /** n x n pixels are folded into channels before they are given to it; 1 is none. */
  readonly unshuffle: number;
  readonly scale: number;
  readonly facts: Readonly<Record<string, string | number>>;
  /** float32 [1, 3 unshuffle^2, rows, columns] to [1, 3, scale unshuffle rows, scale unshuffle columns], 0 to 1. */
  run(pixels: ort.Tensor): Promise<ort.Tensor>;
}
