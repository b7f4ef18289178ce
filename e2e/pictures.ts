import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import type { WorkflowDocument } from "../graph/document.ts";
import { embeddedEntries } from "../graph/embedding/embedded.ts";
import { addPngText } from "../graph/embedding/png-text.ts";
import turbo from "../resources/templates/text-to-image.json" with { type: "json" };

export interface MadePicture {
  name: string;
  prompt: string;
  seed: number;
  steps?: number;
  color?: string;
  /** A picture file to be taken instead of a square of one colour. */
  source?: string;
  /** Side, pixels. */
  side?: number;
  at?: Date;
}

/** Writes a picture as Save Image does, with the default workflow inside, without a model having drawn it. */
export async function makePicture(folder: string, picture: MadePicture): Promise<void> {
  const { name, prompt, seed, steps = 8, color = "#888", source, side = 96, at = new Date() } = picture;
  const document = structuredClone(turbo) as unknown as WorkflowDocument;
  for (const node of document.nodes) {
    if (node.type === "prompt") node.params.text = prompt;
    if (node.type === "sampler") Object.assign(node.params, { seed, steps });
  }
  const pixels = source
    ? sharp(source).resize(side, side, { fit: "cover" })
    : sharp({ create: { width: side, height: side, channels: 3, background: color } });
  const parameters = `${prompt}\nSteps: ${steps}, Seed: ${seed}, Size: ${side}x${side}, Model: starter/turbo`;
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, addPngText(await pixels.png().toBuffer(), embeddedEntries(document, parameters)));
  await utimes(file, at, at);
}
