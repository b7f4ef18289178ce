import { basename } from "node:path";
import * as ort from "onnxruntime-node";
import { HeddleError } from "../../common/errors.ts";
import { toSharp } from "../image/sharp-picture.ts";
import type { Session } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import type { PictureInput } from "./sidecar.ts";

const CHANNELS = 3;

/** The one picture input that a model has. */
export interface PicturePort {
  readonly name: string;
  readonly layout: "nchw" | "nhwc";
  readonly type: "float32" | "uint8";
  /** Fixed sides in pixels; undefined where they are free. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/**
 * @throws HeddleError `onnx-form` for a model that does not take one RGB picture, `onnx-size` where the sidecar asks for
 *   a size that the model does not take
 */
export function picturePort({ ports: { inputs } }: Session, path: string, spec: PictureInput): PicturePort {
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    throw otherForm(path, `it has ${inputs.length} inputs`, { cause: "inputs", inputs: inputs.length });
  }
  if (!input.isTensor) throw otherForm(path, "its input is no tensor", { cause: "no-tensor" });
  if (input.type !== "float32" && input.type !== "uint8") {
    throw otherForm(path, `its input is ${input.type}`, { cause: "input", found: input.type });
  }
  const shape = input.shape.map((side) => (typeof side === "number" && side > 0 ? side : undefined));
  const layout = spec.layout ?? (shape[1] !== CHANNELS && shape[3] === CHANNELS ? "nhwc" : "nchw");
  const [batch, channels, height, width] = layout === "nchw" ? shape : [shape[0], shape[3], shape[1], shape[2]];
  if (shape.length !== 4 || (batch ?? 1) !== 1 || (channels ?? CHANNELS) !== CHANNELS) {
    const found = `[${input.shape.join(", ")}]`;
    throw otherForm(path, `its input is ${found}`, { cause: "input", found });
  }
  for (const [asked, fixed] of [
    [spec.width, width],
    [spec.height, height],
  ]) {
    if (asked === undefined || fixed === undefined || asked === fixed) continue;
    throw new HeddleError({
      code: "onnx-size",
      message: `The file beside "${basename(path)}" asks for ${asked} pixels where the model takes ${fixed}.`,
      help: "Leave width and height out of the file, or correct them.",
      details: { path, name: basename(path), asked, fixed },
    });
  }
  return { name: input.name, layout, type: input.type, width, height };
}

/** The picture brought to `width` x `height` and numbers, as the model takes it. */
export async function pictureTensor(
  image: RgbImage,
  size: { width: number; height: number },
  port: PicturePort,
  spec: PictureInput,
): Promise<ort.Tensor> {
  const { width, height } = size;
  const fit = { stretch: "fill", crop: "cover", pad: "contain" } as const;
  const options = { fit: fit[spec.fit], kernel: "linear", background: "black" } as const;
  const pixels = await toSharp(image).resize(width, height, options).removeAlpha().raw().toBuffer();
  const area = width * height;
  const shape = port.layout === "nchw" ? [1, CHANNELS, height, width] : [1, height, width, CHANNELS];
  const values = port.type === "uint8" ? new Uint8Array(CHANNELS * area) : new Float32Array(CHANNELS * area);
  const [low, high] = spec.range;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const source = spec.colour === "bgr" ? CHANNELS - 1 - channel : channel;
    for (let i = 0; i < area; i++) {
      const byte = pixels[i * CHANNELS + source]!;
      const value = (low + ((high - low) * byte) / 255 - spec.mean[channel]!) / spec.std[channel]!;
      values[port.layout === "nchw" ? channel * area + i : i * CHANNELS + channel] =
        port.type === "uint8" ? byte : value;
    }
  }
  return values instanceof Uint8Array
    ? new ort.Tensor("uint8", values, shape)
    : new ort.Tensor("float32", values, shape);
}

type Form =
  | { cause: "inputs"; inputs: number }
  | { cause: "input"; found: string }
  | { cause: "no-picture"; forms: string }
  | { cause: "scores"; found: string; labels: number }
  | { cause: "no-tensor" | "not-yolo" | "not-finite" };

export function otherForm(path: string, what: string, form: Form): HeddleError {
  return new HeddleError({
    code: "onnx-form",
    message: `"${basename(path)}" is not made for this: ${what}.`,
    help: "Use a model that takes one picture, float32 or uint8 [1, 3, height, width] or [1, height, width, 3].",
    details: { path, name: basename(path), ...form },
  });
}
