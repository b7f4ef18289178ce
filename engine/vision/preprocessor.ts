import { basename } from "node:path";
import type * as ort from "onnxruntime-node";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { toByte } from "../image/grey.ts";
import { resizePicture } from "../image/resize.ts";
import { openUserModel, type UserModel } from "../onnx/user-model.ts";
import type { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { otherForm, type PicturePort, picturePort, pictureTensor } from "./picture-tensor.ts";
import { pictureInputSchema, readSidecar } from "./sidecar.ts";

/** Networks that halve a picture several times take sides that are multiples of this. */
const USUAL_MULTIPLE = 32;

const schema = z.strictObject({
  title: z.string().max(200).optional(),
  input: pictureInputSchema.prefault({}),
  output: z
    .strictObject({
      /** The values that become black and white; told from what comes out where it is not said. */
      range: z.tuple([z.number(), z.number()]).optional(),
      colour: z.enum(["rgb", "bgr"]).default("rgb"),
    })
    .prefault({}),
});
type PreprocessorFile = z.infer<typeof schema>;

/** A picture that a model made: planes of one or three channels, in whatever numbers it has. */
interface Planes {
  readonly width: number;
  readonly height: number;
  /** Each [height, width]. */
  readonly channels: readonly ArrayLike<number>[];
}

/** Any model as ONNX that makes a picture of a picture: depth, pose, edges. */
export class Preprocessor {
  readonly #model: UserModel;
  readonly #file: PreprocessorFile;

  private constructor(model: UserModel, file: PreprocessorFile) {
    this.#model = model;
    this.#file = file;
  }

  /** @throws HeddleError `sidecar-invalid`, what {@link openUserModel} throws */
  static async open(path: string, pool: SessionPool): Promise<Preprocessor> {
    const model = await openUserModel(path, pool);
    return new Preprocessor(model, (await readSidecar(model.path, schema)) ?? schema.parse({}));
  }

  get facts(): Readonly<Record<string, string>> {
    return { preprocessor: this.#file.title ?? basename(this.#model.path) };
  }

  /**
   * @param resolution of the shorter side inside the model, in pixels, where the model leaves it free
   * @returns a picture of the size of `image`
   * @throws HeddleError `onnx-form`, `onnx-size`, `onnx-not-finite` when it gives values that are no numbers, what
   *   {@link openUserModel} says about using
   */
  async run(image: RgbImage, resolution: number): Promise<RgbImage> {
    const { input: spec, output } = this.#file;
    const planes = await this.#model.use(async (session) => {
      const port = picturePort(session, this.#model.path, spec);
      const size = sizeInModel(image, port, spec, resolution);
      const results = await session.run({ [port.name]: await pictureTensor(image, size, port, spec) });
      const named = session.ports.outputs.map(({ name }) => results[name]!);
      const made = named.map(readPlanes).find((candidate) => candidate !== undefined);
      if (made !== undefined) return made;
      const forms = named.map(({ type, dims }) => `${type} [${dims.join(", ")}]`).join(", ");
      throw otherForm(this.#model.path, `it gives ${forms}, and no picture`, { cause: "no-picture", forms });
    });
    const limits = limitsOf(planes);
    if (limits === undefined) throw notFinite(this.#model.path);
    const picture = toPicture(planes, output.range ?? rangeOf(planes, limits), output.colour === "bgr");
    const { width, height } = image;
    return { ...image, ...(await resizePicture(picture, width, height)) };
  }
}

function notFinite(path: string): HeddleError {
  return new HeddleError({
    code: "onnx-not-finite",
    message: `"${basename(path)}" gave values that are infinite or no numbers, which make no picture.`,
    help: "Check the mean, std and range in the JSON file beside the model, or use its float32 form: half precision may be too narrow for it.",
    details: { path, name: basename(path) },
  });
}

function sizeInModel(
  image: RgbImage,
  port: PicturePort,
  { width, height, multipleOf = USUAL_MULTIPLE }: PreprocessorFile["input"],
  resolution: number,
): { width: number; height: number } {
  const scale = resolution / Math.min(image.width, image.height);
  const free = (side: number) => Math.max(1, Math.round((side * scale) / multipleOf)) * multipleOf;
  return {
    width: port.width ?? width ?? free(image.width),
    height: port.height ?? height ?? free(image.height),
  };
}

/** `[h, w]`, `[c, h, w]` or `[h, w, c]` behind any number of ones; undefined for anything else. */
function readPlanes({ type, dims, data }: ort.Tensor): Planes | undefined {
  if (type !== "float32" && type !== "uint8") return undefined;
  const values = data as Float32Array | Uint8Array;
  const shape = dims.slice(Math.max(0, dims.length - 4));
  const [batch = 1, first = 1, second = 1, third = 1] = [...Array(4 - shape.length).fill(1), ...shape];
  const isChannels = (count: number) => count === 1 || count === 3;
  if (batch !== 1 || dims.length < 2 || values.length !== first * second * third) return undefined;
  if (isChannels(first) && third > 3) {
    const area = second * third;
    return {
      ...{ width: third, height: second },
      channels: Array.from({ length: first }, (_, c) => values.subarray(c * area, (c + 1) * area)),
    };
  }
  if (!isChannels(third) || second <= 3) return undefined;
  const plane = (c: number) => Array.from({ length: first * second }, (_, i) => values[i * third + c]!);
  return { width: second, height: first, channels: Array.from({ length: third }, (_, c) => plane(c)) };
}

/** The smallest and the largest value; undefined where one is infinite or no number at all. */
function limitsOf({ channels }: Planes): [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const plane of channels) {
    for (let i = 0; i < plane.length; i++) {
      const value = plane[i]!;
      if (!Number.isFinite(value)) return undefined;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/**
 * What the values seem to run from and to: 0 to 1 or 255 as pictures do, -1 to 1 of colour models; of a single channel in
 * other numbers, such as distances, its own smallest and largest.
 */
function rangeOf({ channels }: Planes, [low, high]: readonly [number, number]): [number, number] {
  const within = (least: number, most: number) => low >= least - 0.01 && high <= most + 0.01;
  if (within(0, 1)) return [0, 1];
  if (channels.length === 1) return [low, high > low ? high : low + 1];
  return within(-1, 1) ? [-1, 1] : [0, 255];
}

function toPicture({ width, height, channels }: Planes, [low, high]: readonly number[], isBgr: boolean): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const plane = channels[channels.length === 1 ? 0 : isBgr ? 2 - channel : channel]!;
    for (let i = 0; i < width * height; i++) {
      data[i * 3 + channel] = toByte((255 * (plane[i]! - low!)) / (high! - low!));
    }
  }
  return { width, height, data };
}
