import { obscurePicture } from "../../engine/image/obscure.ts";
import type { PictureLabels, RgbImage } from "../../engine/types.ts";
import { type JsonValue, workflowDocumentSchema } from "../../graph/document.ts";
import type { NodeRunner, ParamValues } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput, textParam } from "../values.ts";

const documentSchema = workflowDocumentSchema.pick({ settings: true });

export const runner: NodeRunner<NodeServices> = {
  async fingerprint(services, params, workflow) {
    if (!isOn(services, params, workflow)) return "off";
    const { path, identity } = await services.models.resolve("classifier", textParam(params, "classifier"));
    return `${path}\n${identity}`;
  },
  sizeOf: sizeOfImages("image"),

  async run({ services, workflow, signal, info, warn, timed }, inputs, params) {
    const image = requiredInput(inputs, "image", "image");
    if (!isOn(services, params, workflow)) {
      info({ check: "off" });
      return { image, hasNsfwConcepts: false, report: JSON.stringify([]) };
    }
    const { path } = await services.models.resolve("classifier", textParam(params, "classifier"));
    const { value, facts } = await timed("decodeMs", () => services.engine.classify(path, image, signal));
    const action = textParam(params, "action");
    const items = await Promise.all(image.items.map((item, i) => treated(item, value[i]!, action)));
    const unsafe = value.filter((labels) => labels.unsafe.length > 0);
    info({ ...facts, unsafePictures: unsafe.length, hasNsfwConcepts: JSON.stringify(items.map(isUnsafe)) });
    if (unsafe.length > 0) {
      const found = [...new Set(unsafe.flatMap((labels) => labels.unsafe))].join(", ");
      warn({
        code: "picture-unsafe",
        message: `${unsafe.length} of ${items.length} pictures may not be safe to show: ${found}.`,
        help: "Another seed or prompt may help. If the check is wrong, raise the thresholds in the file beside the classifier.",
        field: "image",
        details: { unsafe: unsafe.length, count: items.length, found },
      });
    }
    return { image: imageBatch(items), hasNsfwConcepts: unsafe.length > 0, report: reportOf(value) };
  },
};

/** The node's own switch, else what the workflow says, else what is set for Heddle. */
function isOn({ safety }: NodeServices, params: ParamValues, workflow: JsonValue | undefined): boolean {
  const check = textParam(params, "check");
  if (check !== "default") return check === "on";
  const { settings } = documentSchema.safeParse(workflow).data ?? {};
  return settings?.safetyCheck ?? safety.isCheckOn;
}

async function treated(picture: RgbImage, { unsafe }: PictureLabels, action: string): Promise<RgbImage> {
  const marked = { ...picture, hasNsfwConcepts: unsafe.length > 0 };
  if (unsafe.length === 0 || action === "pass") return marked;
  if (action === "block") return { ...marked, data: new Uint8Array(picture.data.length) };
  return obscurePicture(marked);
}

const isUnsafe = ({ hasNsfwConcepts }: RgbImage): boolean => hasNsfwConcepts === true;

function reportOf(labels: readonly PictureLabels[]): string {
  return JSON.stringify(
    labels.map(({ scores, unsafe }) => ({
      hasNsfwConcepts: unsafe.length > 0,
      unsafe,
      scores: Object.fromEntries(Object.entries(scores).map(([label, score]) => [label, Number(score.toFixed(4))])),
    })),
  );
}
