import { utimesSync, writeFileSync } from "node:fs";
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
  /** Name of the checkpoint; the starter's without it. */
  model?: string;
  /** Name of a LoRA between the model and the sampler. */
  lora?: string;
  color?: string;
  /** A picture file to be taken instead of a square of one colour. */
  source?: string;
  /** Side, pixels. */
  side?: number;
  at?: Date;
}

/** Writes a picture as Save Image does, with the default workflow inside, without a model having drawn it. */
export async function makePicture(folder: string, picture: MadePicture): Promise<void> {
  const { name, prompt, seed, steps = 8, model, lora, color = "#888", source, side = 96, at = new Date() } = picture;
  const document = structuredClone(turbo) as unknown as WorkflowDocument;
  for (const node of document.nodes) {
    if (node.type === "prompt") node.params.text = prompt;
    if (node.type === "sampler") Object.assign(node.params, { seed, steps });
    if (node.type === "load-model" && model !== undefined) node.params.checkpoint = model;
  }
  const drawn = document.links.find(({ to }) => to.node === "sampler" && to.port === "model");
  if (lora !== undefined && drawn) {
    const position = { x: 0, y: 0 };
    document.nodes.push({ id: "lora", type: "load-lora", typeVersion: 1, mode: "active", position, params: { lora } });
    document.links.push({ id: "model lora", from: drawn.from, to: { node: "lora", port: "model" } });
    drawn.from = { node: "lora", port: "model" };
  }
  const pixels = source
    ? sharp(source).resize(side, side, { fit: "cover" })
    : sharp({ create: { width: side, height: side, channels: 3, background: color } });
  const bytes = await pixels.png().toBuffer();
  const parameters = `${prompt}\nSteps: ${steps}, Seed: ${seed}, Size: ${side}x${side}, Model: starter/turbo`;
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, addPngText(bytes, embeddedEntries(document, parameters)));
  await utimes(file, at, at);
}

/**
 * Writes `0.png`, `1.png` … with the prompts `picture 0`, `picture 1` …, the newest first. They are one picture with another
 * text each, so that ten thousand are a matter of seconds.
 */
export async function makeManyPictures(folder: string, count: number): Promise<void> {
  const pixels = await sharp({ create: { width: 16, height: 16, channels: 3, background: "teal" } })
    .png()
    .toBuffer();
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < count; at++) {
    const parameters = `picture ${at}\nSteps: 8, Seed: ${at}, Size: 16x16, Model: starter/turbo`;
    const file = join(folder, `${at}.png`);
    // One after the other without waiting in between, which takes a third of the time.
    writeFileSync(file, addPngText(pixels, { parameters }));
    // A minute between one and the next, so that their order is known.
    const time = new Date(2026, 0, 1, 0, -at);
    utimesSync(file, time, time);
  }
}
