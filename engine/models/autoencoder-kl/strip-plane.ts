import * as ort from "onnxruntime-node";
import type { StripStorage } from "./graph.ts";

/** Half-precision values are moved about as their bits. */
type Values = Float32Array | Uint16Array;

/** A picture-shaped value `[channels, height, width]` in strips of whole rows, which can be dropped one by one. */
export class StripPlane {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly #storage: StripStorage;
  /** Rows of every strip but the last, which may have fewer. */
  readonly #rows: number;
  readonly #strips: (Values | undefined)[] = [];

  constructor(
    { channels, height, width }: { channels: number; height: number; width: number },
    rows: number,
    storage: StripStorage,
  ) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.#rows = rows;
    this.#storage = storage;
  }

  /** Appends the next strip. */
  push({ data }: ort.Tensor): void {
    const values = data as Float32Array | Uint16Array | Float16Array;
    this.#strips.push(
      values instanceof Float32Array ? values : new Uint16Array(values.buffer, values.byteOffset, values.length),
    );
  }

  /** Forgets all strips that end before `row`. */
  dropBefore(row: number): void {
    for (let i = 0; (i + 1) * this.#rows <= row && i < this.#strips.length; i++) this.#strips[i] = undefined;
  }

  /**
   * Rows `from` to `to` as a tensor `[1, channels, to - from, width]`; rows beyond the picture are those of the other side
   * where it continues there, else zeros.
   */
  rows(from: number, to: number, continues: boolean): ort.Tensor {
    const { channels, height, width } = this;
    const count = to - from;
    const values =
      this.#storage === "float32"
        ? new Float32Array(channels * count * width)
        : new Uint16Array(channels * count * width);
    for (let row = from; row < to; row++) {
      const at = continues ? (row + height) % height : row;
      if (at < 0 || at >= height) continue;
      const index = Math.floor(at / this.#rows);
      const first = index * this.#rows;
      const stripRows = Math.min(this.#rows, height - first);
      // Rows that lie together are copied together.
      const run = Math.min(to - row, first + stripRows - at);
      const strip = this.#strips[index]!;
      for (let channel = 0; channel < channels; channel++) {
        const start = (channel * stripRows + at - first) * width;
        values.set(strip.subarray(start, start + run * width), (channel * count + row - from) * width);
      }
      row += run - 1;
    }
    const shape = [1, channels, count, width];
    if (values instanceof Float32Array) return new ort.Tensor("float32", values, shape);
    const half = new ort.Tensor("float16", values, shape);
    // Where JavaScript has Float16Array the tensor has made one of the bits, which the runtime's binding cannot read yet.
    return Object.defineProperty(half, "data", { value: values });
  }
}
