import { basename } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { openUserModel, type UserModel } from "../onnx/user-model.ts";
import type { SessionPool } from "../runtime/session-pool.ts";
import type { PictureLabels, RgbImage } from "../types.ts";
import { otherForm, picturePort, pictureTensor } from "./picture-tensor.ts";
import { issueOf, pictureInputSchema, readSidecar, sidecarPath } from "./sidecar.ts";

/** Side of a picture where neither the model nor its file says one: what most classifiers take. */
const USUAL_SIDE = 224;

const schema = z
  .strictObject({
    title: z.string().max(200).optional(),
    /** In the order of the model's outputs. */
    labels: z.array(z.string().min(1).max(100)).min(1).max(10_000),
    /** Labels that are not safe, and the score from which they count. */
    unsafe: z.record(z.string(), z.number().min(0).max(1)),
    /** What makes scores of 0 to 1 out of the outputs. */
    activation: z.enum(["softmax", "sigmoid", "none"]).default("softmax"),
    input: pictureInputSchema.prefault({}),
  })
  .superRefine(({ labels, unsafe }, context) => {
    for (const label of Object.keys(unsafe)) {
      if (labels.includes(label)) continue;
      const message = `"${label}" in unsafe is none of the labels.`;
      context.addIssue(issueOf(message, { cause: "unknown-label", label, list: "unsafe" }));
    }
  });
type ClassifierFile = z.infer<typeof schema>;

/** Any image classifier as ONNX, with a JSON file beside it that says its labels and which of them are not safe. */
export class Classifier {
  readonly #model: UserModel;
  readonly #file: ClassifierFile;

  private constructor(model: UserModel, file: ClassifierFile) {
    this.#model = model;
    this.#file = file;
  }

  /** @throws HeddleError `classifier-unlabelled` without the JSON file, `sidecar-invalid`, what {@link openUserModel} throws */
  static async open(path: string, pool: SessionPool): Promise<Classifier> {
    const model = await openUserModel(path, pool);
    const file = await readSidecar(model.path, schema);
    if (file === undefined) {
      const [name, wanted] = [basename(path), basename(sidecarPath(model.path))];
      throw new HeddleError({
        code: "classifier-unlabelled",
        message: `There is no "${wanted}" beside "${name}", which would say what its outputs mean.`,
        help: "Write one with its labels and thresholds; docs/onnx-models.md shows an example.",
        details: { path: model.path, name, wanted },
      });
    }
    return new Classifier(model, file);
  }

  get facts(): Readonly<Record<string, string | number>> {
    const { title, labels } = this.#file;
    return { classifier: title ?? basename(this.#model.path), labels: labels.length };
  }

  /** @throws HeddleError `onnx-form`, `onnx-size`, what {@link openUserModel} says about using */
  async classify(image: RgbImage): Promise<PictureLabels> {
    const { labels, unsafe, activation } = this.#file;
    const scores = activate(await this.#outputs(image), activation);
    return {
      scores: Object.fromEntries(labels.map((label, i) => [label, scores[i]!])),
      unsafe: labels.filter((label, i) => label in unsafe && scores[i]! >= unsafe[label]!),
    };
  }

  #outputs(image: RgbImage): Promise<Float32Array> {
    const { input: spec, labels } = this.#file;
    return this.#model.use(async (session) => {
      const port = picturePort(session, this.#model.path, spec);
      const width = port.width ?? spec.width ?? USUAL_SIDE;
      const height = port.height ?? spec.height ?? USUAL_SIDE;
      const results = await session.run({ [port.name]: await pictureTensor(image, { width, height }, port, spec) });
      const output = results[session.ports.outputs[0]?.name ?? ""];
      if (output?.type !== "float32" || output.size !== labels.length) {
        const found = `${output?.type ?? "no"} [${output?.dims.join(", ")}]`;
        throw otherForm(this.#model.path, `it gives ${found} where ${labels.length} scores are expected, one a label`, {
          cause: "scores",
          found,
          labels: labels.length,
        });
      }
      if (!(output.data as Float32Array).every(Number.isFinite)) {
        throw otherForm(this.#model.path, "its scores are no numbers", { cause: "not-finite" });
      }
      return output.data as Float32Array;
    });
  }
}

function activate(outputs: Float32Array, activation: ClassifierFile["activation"]): number[] {
  if (activation === "none") return [...outputs];
  if (activation === "sigmoid") return Array.from(outputs, (value) => 1 / (1 + Math.exp(-value)));
  const largest = Math.max(...outputs);
  const powers = Array.from(outputs, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
