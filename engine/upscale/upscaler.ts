import { extname } from "node:path";
import * as ort from "onnxruntime-node";
import { CancelledError } from "../../common/errors.ts";
import { toByte } from "../image/grey.ts";
import type { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage, UpscaleRequest } from "../types.ts";
import { openWeightFile } from "../weights/weight-set.ts";
import { detectUpscaler } from "./architecture.ts";
import { buildUpscaler } from "./graph.ts";
import { openOnnxUpscaler } from "./onnx-upscaler.ts";
import type { TileModel } from "./tile-model.ts";
import { planTiles, type Tile } from "./tiles.ts";

/** A model that makes pictures larger, tile by tile. */
export class Upscaler {
  readonly #model: TileModel;

  private constructor(model: TileModel) {
    this.#model = model;
  }

  /**
   * An ESRGAN-family model from safetensors, of which only the header is read now, or any upscaler as ONNX.
   * @throws HeddleError what {@link detectUpscaler}, {@link openOnnxUpscaler} and the reader of safetensors throw
   */
  static async open(path: string, pool: SessionPool): Promise<Upscaler> {
    const isOnnx = extname(path).toLowerCase() === ".onnx";
    return new Upscaler(isOnnx ? await openOnnxUpscaler(path, pool) : await openWeights(path, pool));
  }

  get scale(): number {
    return this.#model.scale;
  }

  get facts(): TileModel["facts"] {
    return { ...this.#model.facts, scale: this.scale };
  }

  /** The picture, `scale` times as large. */
  async upscale(image: RgbImage, { tile, overlap, signal, onProgress }: UpscaleRequest): Promise<RgbImage> {
    const { scale } = this;
    const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
    const data = new Uint8Array(width * height * 3);
    const tiles = planTiles(image.width, image.height, tile, overlap);
    for (const [index, part] of tiles.entries()) {
      if (signal.aborted) throw new CancelledError();
      this.#keep(part, await this.#run(image, part), { data, width, height });
      onProgress(index + 1, tiles.length);
    }
    return { ...image, width, height, data };
  }

  /** Planes [3, rows, columns] of the enlarged tile, 0 to 1, with its surroundings. */
  async #run(image: RgbImage, { x, y }: Tile): Promise<{ planes: Float32Array; rows: number; columns: number }> {
    const { unshuffle } = this.#model;
    const rows = Math.ceil((y.readEnd - y.readStart) / unshuffle);
    const columns = Math.ceil((x.readEnd - x.readStart) / unshuffle);
    const planes = readPlanes(image, { left: x.readStart, top: y.readStart, rows, columns }, unshuffle);
    const pixels = new ort.Tensor("float32", planes, [1, 3 * unshuffle ** 2, rows, columns]);
    const upscaled = await this.#model.run(pixels);
    const [, , outRows, outColumns] = upscaled.dims as readonly [number, number, number, number];
    return { planes: upscaled.data as Float32Array, rows: outRows, columns: outColumns };
  }

  #keep(
    { x, y }: Tile,
    { planes, rows, columns }: { planes: Float32Array; rows: number; columns: number },
    target: { data: Uint8Array; width: number; height: number },
  ): void {
    const at = (pixels: number) => Math.round(pixels * this.scale);
    const [left, top] = [at(x.readStart), at(y.readStart)];
    for (let row = at(y.start); row < Math.min(at(y.end), target.height); row++) {
      for (let column = at(x.start); column < Math.min(at(x.end), target.width); column++) {
        const from = (row - top) * columns + (column - left);
        for (let channel = 0; channel < 3; channel++) {
          const value = planes[channel * rows * columns + from]!;
          target.data[(row * target.width + column) * 3 + channel] = toByte(255 * value);
        }
      }
    }
  }
}

async function openWeights(path: string, pool: SessionPool): Promise<TileModel> {
  const net = detectUpscaler(await openWeightFile(path));
  const { unshuffle, scale, features, weights } = net;
  const architecture =
    net.kind === "rrdb" ? `RRDBNet, ${net.blocks} blocks` : `SRVGGNetCompact, ${net.convolutions} convolutions`;
  return {
    ...{ unshuffle, scale, facts: { architecture, features } },
    async run(pixels) {
      const key = `upscaler:${weights.fingerprint}`;
      const { upscaled } = await pool.use(
        key,
        () => buildUpscaler(net),
        (session) => session.run({ pixels }),
      );
      return upscaled!;
    },
  };
}

/**
 * A part of a picture as planes [3 n^2, rows, columns], 0 to 1: the n x n pixels of each place become channels, in the order
 * of torch's `pixel_unshuffle`. Beyond the picture's edges it goes on as at them.
 */
function readPlanes(
  { data, width, height }: RgbImage,
  { left, top, rows, columns }: { left: number; top: number; rows: number; columns: number },
  n: number,
): Float32Array {
  const planes = new Float32Array(3 * n * n * rows * columns);
  let at = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let place = 0; place < n * n; place++) {
      for (let row = 0; row < rows; row++) {
        const y = Math.min(height - 1, top + row * n + Math.floor(place / n));
        for (let column = 0; column < columns; column++) {
          const x = Math.min(width - 1, left + column * n + (place % n));
          planes[at++] = data[(y * width + x) * 3 + channel]! / 255;
        }
      }
    }
  }
  return planes;
}
