import { type Context, Hono } from "hono";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { HttpProblem, readJson } from "../http-problem.ts";
import type { Uploads } from "../uploads.ts";

const initiateSchema = z.object({
  content_type: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/)
    .max(200)
    .default("application/octet-stream"),
  file_name: z.string().min(1).max(1_000).default("file"),
});
const completeSchema = z.object({
  parts: z
    .array(z.object({ partNumber: z.int().min(1), etag: z.string() }))
    .min(1)
    .max(100),
});

/** fal's storage: say what comes, send it to the address that comes back (whole or in parts), use its address afterwards. */
export function createStorageApp({ uploads, originOf }: Pick<ApiContext, "uploads" | "originOf">): Hono {
  const app = new Hono();
  for (const path of ["/upload/initiate", "/upload/initiate-multipart"]) {
    app.post(path, async (c) => {
      const input = initiateSchema.safeParse(await readJson(c));
      if (!input.success) throw new HttpProblem(400, "content_type and file_name are needed.");
      const { content_type: contentType, file_name: name } = input.data;
      const id = await uploads.create({ contentType, name });
      const origin = originOf(c.req.url);
      return c.json({
        upload_url: `${origin}${PLACES}/${id}`,
        file_url: `${origin}/files/uploads/${id}/${encodeURIComponent(name.split(/[\\/]/).at(-1) || "file")}`,
      });
    });
  }
  return app;
}

/** Path of the places to write to. */
const PLACES = "/fal/storage/places";

/** The places that uploads are sent to. Their address is the permission: clients send no credential there. */
export function createPlacesApp(uploads: Uploads): Hono {
  const app = new Hono();
  const body = (c: Context) => c.req.raw.body as ReadableStream<Uint8Array> | null;

  app.put("/:id", async (c) => {
    await uploads.write(c.req.param("id"), body(c));
    return c.json({});
  });
  app.put("/:id/:part{[0-9]+}", async (c) => {
    const partNumber = Number(c.req.param("part"));
    await uploads.writePart(c.req.param("id"), partNumber, body(c));
    return c.json({ partNumber, etag: String(partNumber) });
  });
  app.post("/:id/complete", async (c) => {
    const input = completeSchema.safeParse(await readJson(c));
    if (!input.success) throw new HttpProblem(400, "The parts are needed.");
    await uploads.complete(c.req.param("id"), input.data.parts.length);
    return c.json({});
  });
  return app;
}
