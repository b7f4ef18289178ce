import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { toHeddleError } from "../../common/errors.ts";
import type { HostServices } from "../host-services.ts";

/** React Flow writes inline styles; nothing else is inline, and scripts come from the application's own files only. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:", "blob:"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  workerSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const imageQuery = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  thumbnail: z.coerce.number().int().min(16).max(2048).optional(),
});

const FOREVER = "private, max-age=31536000, immutable";

/**
 * The pages and pictures of a host, the same on every transport: the built renderer, and `/images/<sha256>[?thumb=N]`.
 * `guard` decides first who may ask.
 */
export function createHttpApp(options: {
  services: Pick<HostServices, "openImage">;
  /** Absolute path of the built renderer. */
  rendererFolder: string;
  guard?: MiddlewareHandler;
  /** The programs' interfaces, which have a guard and headers of their own. */
  api?: Hono;
}): Hono {
  const app = new Hono();
  if (options.api) app.route("/", options.api);
  app.use(
    secureHeaders({
      contentSecurityPolicy,
      referrerPolicy: "no-referrer",
      strictTransportSecurity: false,
      xFrameOptions: "DENY",
      permissionsPolicy: { camera: [], microphone: [], geolocation: [], usb: [], payment: [] },
    }),
  );
  if (options.guard) app.use(options.guard);

  app.get("/images/:hash", async (c) => {
    const query = imageQuery.safeParse({ hash: c.req.param("hash"), thumbnail: c.req.query("thumb") });
    if (!query.success) return c.text("An image address is /images/<sha256> with ?thumb=16 to 2048.", 400);
    const file = await options.services.openImage(query.data.hash, query.data.thumbnail);
    const size = file && (await stat(file.path).catch(() => undefined))?.size;
    if (!file || size === undefined) return c.text("There is no such picture.", 404);
    c.header("Content-Type", file.mimeType);
    c.header("Content-Length", String(size));
    c.header("Cache-Control", FOREVER);
    return c.body(Readable.toWeb(createReadStream(file.path)) as ReadableStream<Uint8Array>);
  });

  app.get(
    "*",
    serveStatic({
      root: options.rendererFolder,
      onFound: (path, c) => c.header("Cache-Control", /[\\/]assets[\\/]/.test(path) ? FOREVER : "no-cache"),
    }),
  );
  app.notFound((c) => c.text("Nothing is here.", 404));
  app.onError((thrown, c) => {
    const { message, help } = toHeddleError(thrown);
    return c.text(`${message}\n${help}`, 500);
  });
  return app;
}
