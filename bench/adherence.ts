import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createEngine } from "../engine/engine.ts";
import type { RgbImage } from "../engine/types.ts";
import { dominantColours } from "./named-colours.ts";

const starter = join(import.meta.dirname, "../resources/starter-model");

/** What the prompts name, in a fixed order. */
const colours = [
  "red",
  "orange",
  "yellow",
  "green",
  "blue",
  "purple",
  "pink",
  "brown",
  "black",
  "white",
  "gray",
  "cyan",
];
const shapes = ["circle", "square", "triangle", "star", "heart", "ring", "diamond", "hexagon", "house", "moon"];
const PROMPTS = 40;

/** 40 fixed prompts, every colour as object and as background. */
function prompts(): { text: string; object: string; background: string }[] {
  return Array.from({ length: PROMPTS }, (_, i) => {
    const object = colours[(i * 5) % colours.length]!;
    const background = colours[(i * 5 + 1 + (i % 10)) % colours.length]!;
    return { text: `a ${object} ${shapes[i % shapes.length]} on a ${background} background`, object, background };
  }).map((prompt) => (prompt.object === prompt.background ? { ...prompt, background: "white" } : prompt));
}

/** How often object and background have the colours that the prompt names, against the starter model's own evaluation. */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { checkpoint: { type: "string", default: "turbo" }, size: { type: "string", default: "128" } },
  });
  const isTurbo = values.checkpoint === "turbo";
  const engine = createEngine();
  const { signal } = new AbortController();
  const { model, textEncoder, vae } = await engine.openCheckpoint(join(starter, values.checkpoint));
  const side = Number(values.size);
  const wrong: string[] = [];
  let objects = 0;
  let backgrounds = 0;
  for (const [i, { text, object, background }] of prompts().entries()) {
    const positive = await engine.encodePrompt(textEncoder, text, signal);
    const latent = await engine.sample({
      model,
      positive,
      latent: { kind: "latent", width: side, height: side, samples: null, batch: 1 },
      seed: BigInt(i),
      steps: isTurbo ? 8 : 20,
      guidanceScale: isTurbo ? 1 : 2,
      solver: "euler",
      schedule: "flow_match",
      denoise: 1,
      signal,
      onProgress: () => undefined,
    });
    const picture = (await engine.decode(vae, latent, signal)).items[0] as RgbImage;
    const seen = dominantColours(picture);
    if (seen.object === object) objects++;
    if (seen.background === background) backgrounds++;
    if (seen.object !== object || seen.background !== background) {
      wrong.push(`${text}: saw ${seen.object} on ${seen.background}`);
    }
  }
  await engine.dispose();
  const stated = await statedShares(isTurbo ? "turbo_8steps" : "base_20steps");
  const reached = { object: objects / PROMPTS, background: backgrounds / PROMPTS };
  return {
    prompts: PROMPTS,
    checkpoint: values.checkpoint,
    size: side,
    reached,
    stated,
    within5Points: reached.object >= stated.object - 0.05 && reached.background >= stated.background - 0.05,
    wrong,
  };
}

/** The shares in the starter model's own evaluation. */
async function statedShares(key: string): Promise<{ object: number; background: number }> {
  const metrics: Record<string, Record<string, number>> = JSON.parse(
    await readFile(join(starter, "eval/metrics.json"), "utf8"),
  );
  const { single_col, single_bg } = metrics[key] ?? {};
  if (single_col === undefined || single_bg === undefined) throw new Error(`eval/metrics.json says nothing of ${key}`);
  return { object: single_col, background: single_bg };
}
