import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { colourBlobDetector } from "../../../test/support/colour-blob-detector.ts";
import { rednessClassifier, rednessLabels } from "../../../test/support/redness-classifier.ts";

/** A models folder as an owner may have one: a detector that finds red things, a classifier that calls them unsafe. */
export async function ownModels(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "heddle-own-models-"));
  const files: Record<string, Uint8Array | string> = {
    "detectors/face_yolov8n.onnx": colourBlobDetector(128, 64),
    "classifiers/safety.onnx": rednessClassifier(),
    "classifiers/safety.json": rednessLabels,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
