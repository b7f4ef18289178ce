import { stat } from "node:fs/promises";
import path from "node:path";

const MAX_BYTES = 16 * 1024 * 1024;
/** As the model managers of A1111, ComfyUI and Forge name them. */
const endings = [".preview.png", ".preview.webp", ".preview.jpg", ".preview.jpeg", ".png", ".webp", ".jpg", ".jpeg"];

/** The picture beside a model that shows what it does. */
export async function previewBeside(model: string): Promise<{ path: string; modifiedMs: number } | undefined> {
  const stem = model.replace(/\.(safetensors|gguf|onnx)$/i, "");
  const candidates = stem === model ? [path.join(model, "preview.png")] : endings.map((ending) => stem + ending);
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile() && found.size <= MAX_BYTES) return { path: candidate, modifiedMs: found.mtimeMs };
  }
  return undefined;
}
