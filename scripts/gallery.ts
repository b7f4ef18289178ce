import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { contactSheet } from "../engine/image/contact-sheet.ts";
import { resizePicture } from "../engine/image/resize.ts";
import type { RgbImage } from "../engine/types.ts";
import type { ImageReference } from "../graph/events.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { decodePictureFile } from "../nodes/picture-file.ts";
import { listTemplates } from "../server/library/templates.ts";
import { createLocalServices } from "../server/services/local-services.ts";

/**
 * Draws every template with the starter model and puts the results onto one sheet, `docs/gallery.png`. Templates that need
 * models or pictures of a person's own are left out, and named.
 *
 *     npm run gallery
 */
const COLUMNS = 5;
/** Largest sides of a result on the sheet, in pixels. */
const CELL = { width: 264, height: 198 };
const BACKGROUND = "#1b1b20";

const root = path.join(import.meta.dirname, "..");
const folder = await mkdtemp(path.join(tmpdir(), "heddle-gallery-"));
const inFolder = (name: string) => path.join(folder, name);
const local = createLocalServices({
  folders: { home: folder, output: inFolder("output"), images: inFolder("images"), models: [inFolder("models")] },
  previews: false,
});
try {
  const drawn: { title: string; picture: RgbImage }[] = [];
  for (const { id, document } of await listTemplates(path.join(root, "resources/templates"))) {
    const { document: workflow } = parseWorkflowText(JSON.stringify(document));
    const { signal } = new AbortController();
    const { images, error } = await local.executor.run(workflow, { runId: id, signal, onEvent: () => undefined });
    const pictures = await Promise.all(resultsAmong(images).map(load));
    if (error || pictures.length === 0) {
      console.log(`${id}: left out. ${error?.message ?? "It gives no picture."}`);
      continue;
    }
    drawn.push({ title: document.title, picture: await fitted(await together(pictures)) });
    console.log(`${id}: ${pictures.length} drawn`);
  }
  const sheet = await contactSheet(
    drawn.map(({ picture }) => picture),
    { columns: COLUMNS, gap: 16, background: BACKGROUND, fontSize: 15, labels: drawn.map(({ title }) => title) },
  );
  const raw = { width: sheet.width, height: sheet.height, channels: 3 as const };
  const png = await sharp(sheet.data, { raw }).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer();
  await writeFile(path.join(root, "docs/gallery.png"), png);
  console.log(`docs/gallery.png: ${drawn.length} templates, ${sheet.width} x ${sheet.height}, ${png.length} bytes`);
} finally {
  await local.dispose();
  await rm(folder, { recursive: true, force: true });
}

/** What a template is for: a sheet that sums the others up, else all that was saved. */
function resultsAmong(images: readonly ImageReference[]): readonly ImageReference[] {
  const saved = images.filter((image) => image.path !== undefined);
  const sizes = new Set(saved.map(({ width, height }) => `${width} x ${height}`));
  const largest = saved.toSorted((a, b) => b.width * b.height - a.width * a.height);
  return sizes.size > 1 ? largest.slice(0, 1) : saved;
}

async function load({ path: file }: ImageReference): Promise<RgbImage> {
  const { rgb: data, width, height } = await decodePictureFile(await readFile(file ?? ""));
  return { width, height, data };
}

async function together(pictures: readonly RgbImage[]): Promise<RgbImage> {
  const [first] = pictures;
  if (first !== undefined && pictures.length === 1) return first;
  const look = { columns: pictures.length, gap: 4, background: BACKGROUND, labels: [], fontSize: 1 };
  return contactSheet(pictures, look);
}

/** As large as fits into a cell; small pictures are not made larger than twice their size. */
async function fitted(picture: RgbImage): Promise<RgbImage> {
  const scale = Math.min(2, CELL.width / picture.width, CELL.height / picture.height);
  return resizePicture(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
}
