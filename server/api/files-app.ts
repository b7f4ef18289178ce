import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import type { Results } from "./results.ts";
import type { Uploads } from "./uploads.ts";

/** What browsers may show; everything else that somebody uploaded is only ever downloaded. */
const shownTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]);

/** Uploads and results by address. The address is the permission: it holds more random bits than anybody can guess. */
export function createFilesApp({ uploads, results }: { uploads: Uploads; results: Results }): Hono {
  const app = new Hono();

  app.get("/uploads/:id/:name", async (c) => {
    const upload = await uploads.find(c.req.param("id"));
    if (!upload) return c.json({ detail: "There is no such file." }, 404);
    const { size } = await stat(upload.path);
    return sendFile(c, { path: upload.path, mimeType: upload.contentType, name: upload.name, size });
  });

  app.get("/results/:job/:name", async (c) => {
    const file = await results.find(c.req.param("job"), c.req.param("name"));
    return file ? sendFile(c, file) : c.json({ detail: "There is no such file." }, 404);
  });

  return app;
}

function sendFile(
  c: Context,
  { path, mimeType, name, size }: { path: string; mimeType: string; name: string; size: number },
): Response {
  const isShown = shownTypes.has(mimeType.toLowerCase());
  c.header("Content-Type", isShown ? mimeType : "application/octet-stream");
  if (!isShown) c.header("Content-Disposition", `attachment; filename="${name}"`);
  c.header("Content-Length", String(size));
  c.header("Cache-Control", "private, max-age=3600");
  return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>);
}
