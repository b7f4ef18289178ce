import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { issuesInWords, type Words } from "../../common/words.ts";
import { parseJson } from "../weights/weight-set.ts";

/**
 * The JSON file beside an ONNX model that says what the model does not say of itself: `<name>.json` for `<name>.onnx`.
 * Both lie in the models folder; what a workflow names is the model.
 *
 * @returns undefined when there is none
 * @throws HeddleError `sidecar-invalid`
 */
export async function readSidecar<T>(modelPath: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const path = sidecarPath(modelPath);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    // What is there and cannot be read is not the same as nothing: the model would be used in another way than it says.
    if (error.code === "ENOENT") return undefined;
    throw unusableSidecar(path, error.message, { cause: "unreadable", reason: error.message });
  });
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const reason = z.prettifyError(parsed.error).replaceAll("\n", " ");
  throw unusableSidecar(
    path,
    reason,
    ownFault(parsed.error) ?? { cause: "schema", problems: issuesInWords(parsed.error) },
  );
}

/** What our own rules found, which {@link issueOf} marked; undefined where it is something else, or not all. */
function ownFault({ issues }: z.ZodError): Fault | undefined {
  const [issue, ...others] = issues;
  const fault = faultSchema.safeParse(issue?.code === "custom" ? issue.params : undefined);
  return others.length === 0 ? fault.data : undefined;
}

const faultSchema = z.discriminatedUnion("cause", [
  z.object({ cause: z.literal("unknown-label"), label: z.string(), list: z.string() }),
  z.object({ cause: z.literal("std-zero") }),
]);
type Fault = z.infer<typeof faultSchema>;

/** As zod calls issues of rules that it was given. */
const OWN_RULE = { code: "custom" } as const;

/** An issue of a schema's own rule, with the facts of it. */
export function issueOf(message: string, fault: Fault) {
  return { ...OWN_RULE, message, params: fault };
}

function unusableSidecar(
  path: string,
  reason: string,
  fault: Fault | { cause: "unreadable"; reason: string } | { cause: "schema"; problems: readonly Words[] },
): HeddleError {
  return new HeddleError({
    code: "sidecar-invalid",
    message: `"${basename(path)}" cannot be used: ${reason}`,
    help: "Correct the file; docs/onnx-models.md shows what belongs into it.",
    details: { path, name: basename(path), ...fault },
  });
}

export const sidecarPath = (modelPath: string): string =>
  `${modelPath.slice(0, modelPath.length - extname(modelPath).length)}.json`;

const three = z.union([z.number().transform((value) => [value, value, value]), z.array(z.number()).length(3)]);

/** How a picture becomes the input of a model. */
export const pictureInputSchema = z.strictObject({
  /** Pixels; what the model fixes need not be said. */
  width: z.int().min(1).max(8192).optional(),
  height: z.int().min(1).max(8192).optional(),
  /** Where the sides are free: multiples of this. */
  multipleOf: z.int().min(1).max(256).optional(),
  /** `stretch` to the size, `crop` what sticks out, or `pad` what is missing. */
  fit: z.enum(["stretch", "crop", "pad"]).default("stretch"),
  /** Told from the model's input where it is not said. */
  layout: z.enum(["nchw", "nhwc"]).optional(),
  colour: z.enum(["rgb", "bgr"]).default("rgb"),
  /** What 0 and 255 become, before mean and standard deviation. */
  range: z.tuple([z.number(), z.number()]).default([0, 1]),
  mean: three.default([0, 0, 0]),
  std: three
    .superRefine((values, context) => {
      if (values.includes(0)) context.addIssue(issueOf("std cannot be 0", { cause: "std-zero" }));
    })
    .default([1, 1, 1]),
});
export type PictureInput = z.infer<typeof pictureInputSchema>;
