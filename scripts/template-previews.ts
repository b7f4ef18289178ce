import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import sharp from "sharp";
import type { WorkflowDocument } from "../graph/document.ts";
import type { ImageReference } from "../graph/events.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { createLocalServices } from "../server/services/local-services.ts";
import { writeStandInModels } from "./stand-in-models.ts";

/**
 * Draws the pictures that the start page shows of templates, with the starter model, as small WebP files beside them.
 * Models that people bring themselves are stood in for (`stand-in-models.ts`). Ends with 1 when a template has no picture.
 *
 *     npm run previews [-- template ...]
 */
const WIDTH = 400;
const HEIGHT = 300;
const GAP = 4;
/** Around sheets, whose words begin at their edge. */
const MARGIN = 10;
/** The sides of a picture are of one colour below this standard deviation, of 255. */
const FLAT = 10;
/** The ground of the sheets that nodes make. */
const GROUND = "#1b1b20";
/** More pictures than this side by side are too narrow to see. */
const MOST_STRIPS = 3;
const templates = resolve(import.meta.dirname, "../resources/templates");
const bundledPictures = join(templates, "pictures");
const previews = join(templates, "previews");

const chosen = new Set(process.argv.slice(2));
const ids = (await readdir(templates))
  .filter((file) => file.endsWith(".json"))
  .map((file) => basename(file, ".json"))
  .filter((id) => chosen.size === 0 || chosen.has(id));

const home = await mkdtemp(join(tmpdir(), "heddle-previews-"));
const folders = { home, output: join(home, "output"), images: join(home, "images"), models: [join(home, "models")] };
await writeStandInModels(join(home, "models"));
await cp(bundledPictures, join(home, "inputs"), { recursive: true });
const local = createLocalServices({ folders, previews: false });
try {
  await mkdir(previews, { recursive: true });
  for (const id of ids) {
    const bytes = await drawPreview(id);
    console.log(`${id}: ${bytes === undefined ? "no picture" : `${bytes} bytes`}`);
    if (bytes === undefined) process.exitCode = 1;
  }
} finally {
  await local.dispose();
  await rm(home, { recursive: true });
}

/** Runs a template and keeps what it is about. Returns the size of the file; `undefined` when nothing was drawn. */
async function drawPreview(id: string): Promise<number | undefined> {
  const { document } = parseWorkflowText(await readFile(join(templates, `${id}.json`), "utf8"));
  const { images, error } = await local.executor.run(document, {
    runId: id,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  // A ControlNet is the one thing that has no stand-in: what is made before it is shown.
  if (error && error.code !== "model-not-found") console.warn(`${id}: ${error.message}`);
  if (images.length === 0) return undefined;
  const picture = await sharp(await composed(document, images))
    .webp({ quality: 82, effort: 6 })
    .toFile(join(previews, `${id}.webp`));
  return picture.size;
}

/** A sheet as a whole; else before and after; else what was made, side by side. As PNG. */
async function composed(document: WorkflowDocument, images: readonly ImageReference[]): Promise<Buffer> {
  const has = (...types: string[]) => document.nodes.some(({ type }) => types.includes(type));
  const results = images.some(({ path }) => path) ? images.filter(({ path }) => path) : images;
  const last = await fileOf(results.at(-1)!);
  if (has("image-grid", "xy-grid")) {
    return sharp(last)
      .resize(WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN, { fit: "contain", background: GROUND, kernel: "lanczos3" })
      .extend({ top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN, background: GROUND })
      .png()
      .toBuffer();
  }
  const source = document.nodes.find(({ type }) => type === "load-image")?.params.image;
  if (typeof source === "string") {
    return strips([join(bundledPictures, `${source.replace(/^sha256:/, "")}.webp`), last]);
  }
  const compared = images.filter(({ path }) => !path);
  const shown = has("compare-images") && compared.length >= 2 ? compared.slice(-2) : images;
  const distinct = [...new Map(shown.map((image) => [image.hash, image])).values()].slice(-MOST_STRIPS);
  return strips(await Promise.all(distinct.map(fileOf)));
}

/**
 * Pictures side by side: one or two are cut to their part of the card, more would lose too much. One alone on a plain ground
 * is shown as a whole, and its ground goes on to both sides.
 */
async function strips(files: readonly string[]): Promise<Buffer> {
  const [only] = files;
  if (only !== undefined && files.length === 1 && (await hasFlatSides(only))) {
    const whole = await sharp(only)
      .flatten()
      .resize({ height: HEIGHT, kernel: "lanczos3" })
      .toBuffer({ resolveWithObject: true });
    const left = Math.floor((WIDTH - whole.info.width) / 2);
    const right = WIDTH - whole.info.width - left;
    if (left >= 0) return sharp(whole.data).extend({ left, right, extendWith: "copy" }).png().toBuffer();
  }
  const width = Math.floor((WIDTH - GAP * (files.length - 1)) / files.length);
  const parts = await Promise.all(
    files.map(async (file, at) => ({
      input: await sharp(file)
        .flatten()
        .resize(width, HEIGHT, {
          fit: files.length > 2 ? "contain" : "cover",
          background: GROUND,
          kernel: "lanczos3",
        })
        .png()
        .toBuffer(),
      left: at * (width + GAP),
      top: 0,
    })),
  );
  const card = sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: GROUND } });
  return card.composite(parts).png().toBuffer();
}

async function hasFlatSides(file: string): Promise<boolean> {
  const { width, height } = await sharp(file).metadata();
  for (const left of [0, width - 2]) {
    const side = await sharp(file).flatten().extract({ left, top: 0, width: 2, height }).png().toBuffer();
    const { channels } = await sharp(side).stats();
    if (channels.some(({ stdev }) => stdev > FLAT)) return false;
  }
  return true;
}

async function fileOf({ hash }: ImageReference): Promise<string> {
  const file = await local.services.images.find(hash);
  if (!file) throw new Error(`The picture ${hash} is gone`);
  return file.path;
}
