import { basename } from "node:path";
import * as ort from "onnxruntime-node";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { toSharp } from "../image/sharp-picture.ts";
import { openUserModel, type UserModel } from "../onnx/user-model.ts";
import type { Session, SessionPool } from "../runtime/session-pool.ts";
import type { Detection, RgbImage } from "../types.ts";
import { otherForm, picturePort } from "./picture-tensor.ts";
import { issueOf, pictureInputSchema, readSidecar } from "./sidecar.ts";
import { readYoloOutput, type ScoredBox } from "./yolo-output.ts";

/** What finds things in pictures. */
export interface Detector {
  readonly facts: Readonly<Record<string, string | number>>;
  /** What scores at least `confidence` (0 to 1), best first; boxes lie within the picture. */
  detect(image: RgbImage, confidence: number): Promise<readonly Detection[]>;
}

/** Side of the input where neither the model nor its file says one: what Ultralytics exports by default. */
const USUAL_SIDE = 640;
/** Grey of what is added around a picture, as Ultralytics does it. */
const PAD_GREY = 114;

const schema = z
  .strictObject({
    title: z.string().max(200).optional(),
    /** In the order of the model's classes. */
    labels: z.array(z.string().min(1).max(100)).min(1).max(10_000).optional(),
    /** Labels that are looked for; all of them without. */
    find: z.array(z.string()).min(1).optional(),
    width: z.int().min(32).max(4096).optional(),
    height: z.int().min(32).max(4096).optional(),
  })
  .superRefine(({ labels = [], find = [] }, context) => {
    for (const label of find) {
      if (labels.includes(label)) continue;
      const message = `"${label}" in find is none of the labels.`;
      context.addIssue(issueOf(message, { cause: "unknown-label", label, list: "find" }));
    }
  });

/**
 * An Ultralytics YOLO (v8, v11) as ONNX. Pictures are letterboxed: made to fit, with grey around them.
 * @throws HeddleError what {@link openUserModel} throws, `sidecar-invalid`
 */
export async function openYoloDetector(path: string, pool: SessionPool): Promise<Detector> {
  const model = await openUserModel(path, pool);
  const file = (await readSidecar(model.path, schema)) ?? {};
  const { labels, find } = file;
  const labelOf = (category: number) => labels?.[category] ?? String(category);
  return {
    facts: { detector: file.title ?? basename(model.path) },
    async detect(image, confidence) {
      const { boxes, placement } = await run(model, image, confidence, file);
      return boxes
        .map((box) => ({ ...inPicture(box, placement, image), score: box.score, label: labelOf(box.category) }))
        .filter((found) => found.width >= 1 && found.height >= 1 && (find === undefined || find.includes(found.label)));
    },
  };
}

interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

async function run(
  model: UserModel,
  image: RgbImage,
  confidence: number,
  file: z.infer<typeof schema>,
): Promise<{ boxes: readonly ScoredBox[]; placement: Placement }> {
  return model.use(async (session) => {
    const spec = pictureInputSchema.parse({ width: file.width, height: file.height });
    const port = picturePort(session, model.path, spec);
    if (port.layout !== "nchw" || port.type !== "float32") {
      throw otherForm(model.path, "its input is no YOLO’s", { cause: "not-yolo" });
    }
    const width = port.width ?? file.width ?? USUAL_SIDE;
    const height = port.height ?? file.height ?? USUAL_SIDE;
    const { tensor, placement } = await letterboxed(image, width, height);
    const results = await session.run({ [port.name]: tensor });
    const output = results[session.ports.outputs[0]?.name ?? ""];
    const classes = file.labels?.length ?? classesBesideMasks(results, output);
    const boxes =
      output?.type === "float32"
        ? readYoloOutput(output.data as Float32Array, output.dims, { confidence, classes })
        : undefined;
    if (boxes === undefined) throw noYolo(model.path, session, output);
    return { boxes, placement };
  });
}

/** A segmenting YOLO has a second output `[1, coefficients, h, w]`, whose coefficients stand behind the classes' scores. */
function classesBesideMasks(results: Record<string, ort.Tensor>, output: ort.Tensor | undefined): number | undefined {
  const masks = Object.values(results).find(({ dims }) => dims.length === 4);
  const rows = output?.dims[1];
  return masks === undefined || rows === undefined ? undefined : rows - 4 - masks.dims[1]!;
}

/** The picture made to fit, in the middle of grey: float32 [1, 3, height, width], 0 to 1. */
async function letterboxed(
  image: RgbImage,
  width: number,
  height: number,
): Promise<{ tensor: ort.Tensor; placement: Placement }> {
  const scale = Math.min(width / image.width, height / image.height);
  const [innerWidth, innerHeight] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const [left, top] = [Math.floor((width - innerWidth) / 2), Math.floor((height - innerHeight) / 2)];
  const inner = await toSharp(image)
    .resize(Math.max(1, innerWidth), Math.max(1, innerHeight), { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  const planes = new Float32Array(3 * width * height).fill(PAD_GREY / 255);
  for (let y = 0; y < innerHeight; y++) {
    for (let x = 0; x < innerWidth; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = channel * width * height + (top + y) * width + left + x;
        planes[at] = inner[(y * innerWidth + x) * 3 + channel]! / 255;
      }
    }
  }
  return { tensor: new ort.Tensor("float32", planes, [1, 3, height, width]), placement: { scale, left, top } };
}

/** From the model's input back onto the picture, cut at its edges. */
function inPicture(box: ScoredBox, { scale, left, top }: Placement, image: RgbImage) {
  const along = (start: number, length: number, offset: number, side: number) => {
    const from = Math.min(side, Math.max(0, (start - offset) / scale));
    const to = Math.min(side, Math.max(0, (start + length - offset) / scale));
    return { start: from, length: to - from };
  };
  const across = along(box.left, box.width, left, image.width);
  const down = along(box.top, box.height, top, image.height);
  return { left: across.start, top: down.start, width: across.length, height: down.length };
}

function noYolo(path: string, { ports }: Session, output: ort.Tensor | undefined): HeddleError {
  const found = `${output?.type} [${output?.dims.join(", ")}]`;
  return new HeddleError({
    code: "detector-form",
    message: `"${basename(path)}" is no YOLO that Heddle reads: its output is ${found}.`,
    help: "Export an Ultralytics YOLO v8 or v11 with `yolo export format=onnx`: one output [1, 4 + classes, n].",
    field: "detector",
    details: { path, name: basename(path), found, outputs: ports.outputs.map(({ name }) => name) },
  });
}
