import { PATCH, TIME_FEATURES, TOKEN_MULTIPLE, type ZImageConfig } from "./config.ts";

/**
 * What surrounds the transformer's graphs: patches, positions, rotary tables and time features, all in float64 or
 * float32 as the reference computes them (Tongyi-MAI/Z-Image src/zimage/transformer.py).
 */

export const paddedLength = (tokens: number): number => Math.ceil(tokens / TOKEN_MULTIPLE) * TOKEN_MULTIPLE;

/** Cosines and sines of the rotary embedding: Float32Array `[tokens, headDim / 2]` each. */
export interface RotaryTable {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly tokens: number;
}

/** Sizes of one forward pass. */
export interface SequenceShape {
  /** Latent size in patches. */
  readonly rows: number;
  readonly columns: number;
  readonly imageTokens: number;
  readonly paddedImageTokens: number;
  readonly captionTokens: number;
  readonly paddedCaptionTokens: number;
}

/** @param latentHeight, latentWidth in latent pixels, even. */
export function sequenceShape(latentHeight: number, latentWidth: number, captionTokens: number): SequenceShape {
  const rows = latentHeight / PATCH;
  const columns = latentWidth / PATCH;
  const imageTokens = rows * columns;
  return {
    rows,
    columns,
    imageTokens,
    paddedImageTokens: paddedLength(imageTokens),
    captionTokens,
    paddedCaptionTokens: paddedLength(captionTokens),
  };
}

/** Position (frame, row, column) of every token: image tokens, image padding at the origin, then the caption. */
function positions(shape: SequenceShape): { image: Int32Array; caption: Int32Array } {
  const image = new Int32Array(shape.paddedImageTokens * 3);
  for (let row = 0, at = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      image[at++] = shape.paddedCaptionTokens + 1;
      image[at++] = row;
      image[at++] = column;
    }
  }
  const caption = new Int32Array(shape.paddedCaptionTokens * 3);
  for (let i = 0; i < shape.paddedCaptionTokens; i++) caption[i * 3] = 1 + i;
  return { image, caption };
}

/** Directions in which the last image token is the first one's neighbour. */
export interface ClosedAxes {
  readonly rows: boolean;
  readonly columns: boolean;
}

/**
 * Along a closed axis, frequencies are rounded so that a whole number of turns fits the picture: the distance of two tokens
 * is then what it is the shorter way around, and no token is at an edge.
 */
export function rotaryTables(
  config: ZImageConfig,
  shape: SequenceShape,
  closed: ClosedAxes = { rows: false, columns: false },
): { image: RotaryTable; caption: RotaryTable } {
  const { image, caption } = positions(shape);
  const periods = [undefined, closed.rows ? shape.rows : undefined, closed.columns ? shape.columns : undefined];
  return { image: rotaryTable(config, image, periods), caption: rotaryTable(config, caption, []) };
}

/**
 * Frequencies in float64 per axis, angles rounded to float32 as torch's table holds them.
 *
 * @param periods tokens after which an axis begins again
 */
function rotaryTable(
  config: ZImageConfig,
  positions: Int32Array,
  periods: readonly (number | undefined)[],
): RotaryTable {
  const tokens = positions.length / 3;
  const half = config.headDim / 2;
  const cos = new Float32Array(tokens * half);
  const sin = new Float32Array(tokens * half);
  let offset = 0;
  config.axesDims.forEach((size, axis) => {
    for (let k = 0; k < size / 2; k++) {
      const frequency = wholeTurns(1 / config.ropeTheta ** ((2 * k) / size), periods[axis]);
      for (let token = 0; token < tokens; token++) {
        const angle = Math.fround(positions[token * 3 + axis]! * frequency);
        cos[token * half + offset + k] = Math.cos(angle);
        sin[token * half + offset + k] = Math.sin(angle);
      }
    }
    offset += size / 2;
  });
  return { cos, sin, tokens };
}

function wholeTurns(frequency: number, period: number | undefined): number {
  if (period === undefined) return frequency;
  return (2 * Math.PI * Math.round((frequency * period) / (2 * Math.PI))) / period;
}

/** Image tokens first, then caption tokens: the order of the main layers. */
export function joinTables(image: RotaryTable, caption: RotaryTable): RotaryTable {
  const join = (a: Float32Array, b: Float32Array) => {
    const joined = new Float32Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  };
  return {
    cos: join(image.cos, caption.cos),
    sin: join(image.sin, caption.sin),
    tokens: image.tokens + caption.tokens,
  };
}

/**
 * Latent `[channels, height, width]` to patches `[padded tokens, 2 * 2 * channels]`, each flattened as (patch row, patch
 * column, channel) with the channel fastest; padding rows are zero.
 */
export function patchify(latent: Float32Array, channels: number, shape: SequenceShape): Float32Array {
  const width = shape.columns * PATCH;
  const plane = shape.rows * PATCH * width;
  const features = PATCH * PATCH * channels;
  const patches = new Float32Array(shape.paddedImageTokens * features);
  let at = 0;
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      for (let y = 0; y < PATCH; y++) {
        for (let x = 0; x < PATCH; x++) {
          const pixel = (row * PATCH + y) * width + column * PATCH + x;
          for (let channel = 0; channel < channels; channel++) patches[at++] = latent[channel * plane + pixel]!;
        }
      }
    }
  }
  return patches;
}

/** The inverse of {@link patchify}; padding rows are left out. */
export function unpatchify(patches: Float32Array, channels: number, shape: SequenceShape): Float32Array {
  const width = shape.columns * PATCH;
  const plane = shape.rows * PATCH * width;
  const latent = new Float32Array(channels * plane);
  let at = 0;
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      for (let y = 0; y < PATCH; y++) {
        for (let x = 0; x < PATCH; x++) {
          const pixel = (row * PATCH + y) * width + column * PATCH + x;
          for (let channel = 0; channel < channels; channel++) latent[channel * plane + pixel] = patches[at++]!;
        }
      }
    }
  }
  return latent;
}

/** Places in the grid of image tokens, down and right. */
export interface GridOffset {
  readonly rows: number;
  readonly columns: number;
}

/** Tokens `[tokens, width]` with those of the image rolled over their grid; padding and caption stay where they are. */
export function rolledTokens(
  tokens: Float32Array,
  width: number,
  { rows, columns }: SequenceShape,
  by: GridOffset,
): Float32Array {
  if (by.rows === 0 && by.columns === 0) return tokens;
  const rolled = tokens.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = row * columns + column;
      const to = modulo(row + by.rows, rows) * columns + modulo(column + by.columns, columns);
      rolled.set(tokens.subarray(from * width, (from + 1) * width), to * width);
    }
  }
  return rolled;
}

/** In 0 to `size`, for any `value`. */
export const modulo = (value: number, size: number): number => ((value % size) + size) % size;

/** Sinusoidal features of a time in [0, 1] (0 is noise, 1 is clean): cosines first, period up to 10000. `[1, 256]` */
export function timeFeatures(config: ZImageConfig, time: number): Float32Array {
  const half = TIME_FEATURES / 2;
  const scaled = Math.fround(Math.fround(time) * config.timeScale);
  const features = new Float32Array(TIME_FEATURES);
  for (let k = 0; k < half; k++) {
    const frequency = Math.fround(Math.exp(Math.fround((-Math.log(10000) * k) / half)));
    const angle = Math.fround(scaled * frequency);
    features[k] = Math.cos(angle);
    features[half + k] = Math.sin(angle);
  }
  return features;
}
