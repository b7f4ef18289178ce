import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import sharp from "sharp";
import { parseWorkflowText } from "../graph/parse.ts";
import { createLocalServices } from "../server/services/local-services.ts";

/**
 * Draws the pictures that the start page shows of templates, with the starter model, as small WebP files beside them. A
 * template that needs models of a person's own has no picture: its graph is shown instead.
 *
 *     node scripts/template-previews.ts [template ...]
 */
const WIDTH = 400;
const HEIGHT = 240;
const templates = resolve(import.meta.dirname, "../resources/templates");
const previews = join(templates, "previews");

const chosen = new Set(process.argv.slice(2));
const ids = (await readdir(templates))
  .filter((file) => file.endsWith(".json"))
  .map((file) => basename(file, ".json"))
  .filter((id) => chosen.size === 0 || chosen.has(id));

const folder = await mkdtemp(join(tmpdir(), "heddle-previews-"));
const folders = { output: join(folder, "output"), images: join(folder, "images"), models: [join(folder, "models")] };
const local = createLocalServices({ folders, previews: false });
try {
  await mkdir(previews, { recursive: true });
  for (const id of ids) console.log(`${id}: ${await drawPreview(id)}`);
} finally {
  await local.dispose();
  await rm(folder, { recursive: true });
}

/** Runs a template and keeps its last picture, cut to the shape of the start page's cards. Returns what became of it. */
async function drawPreview(id: string): Promise<string> {
  const { document } = parseWorkflowText(await readFile(join(templates, `${id}.json`), "utf8"));
  const finished = await local.executor.run(document, {
    runId: id,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  const picture = finished.images.at(-1);
  const file = picture && (await local.services.images.find(picture.hash));
  if (!file) return finished.error?.message ?? "no picture";
  const { size } = await sharp(file.path)
    .resize(WIDTH, HEIGHT, { fit: "cover", kernel: "lanczos3" })
    .webp({ quality: 78, effort: 6 })
    .toFile(join(previews, `${id}.webp`));
  return `${size} bytes`;
}
