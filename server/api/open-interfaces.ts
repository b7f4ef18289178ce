import { join } from "node:path";
import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { HeddleError } from "../../common/errors.ts";
import { type AccessPolicy, refusalOfHost } from "../http/access.ts";
import { ApiKeys } from "../http/api-keys.ts";
import { limitBody } from "../http/body-limit.ts";
import { createGuardedFetch } from "../http/guarded-fetch.ts";
import type { RateLimit } from "../http/rate-limit.ts";
import type { OpenedHost } from "../open-local-host.ts";
import type { ProgramInterfaces } from "../web-host.ts";
import type { ApiContext } from "./context.ts";
import { Deliverer } from "./deliverer.ts";
import { messageOf } from "./delivery-messages.ts";
import { createFalApp } from "./fal/app.ts";
import { createPlacesApp } from "./fal/storage.ts";
import { createFilesApp } from "./files-app.ts";
import { ApiGuard } from "./guard.ts";
import { HttpProblem } from "./http-problem.ts";
import { type FetchModel, ServedModels } from "./models.ts";
import { createMetricsApp, createReadyApp } from "./operations.ts";
import { ownOrigin } from "./own-address.ts";
import { Pictures } from "./pictures.ts";
import { Results } from "./results.ts";
import { createRunwareApp } from "./runware/app.ts";
import { RunwareSockets } from "./runware/socket.ts";
import { Uploads } from "./uploads.ts";
import { createWorkflowsApp } from "./workflows/app.ts";
import { WorkflowCatalog } from "./workflows/catalog.ts";

/** A data URI of the largest picture that comes inside of a request; larger ones are uploaded. */
const LARGEST_BODY_BYTES = 32 * 2 ** 20;

/** The services' interfaces of a host, ready to be served. */
export function openInterfaces(
  host: OpenedHost,
  policy: AccessPolicy,
  cookie: { name: string },
  { rateLimit, publicUrl }: { rateLimit?: RateLimit | undefined; publicUrl?: URL | undefined } = {},
): ProgramInterfaces {
  const { jobs, folders } = host;
  const uploads = new Uploads(join(folders.home, "uploads"));
  const openImage = (hash: string) => host.openImage(hash);
  const results = new Results({ findJob: (id) => jobs.find(id), openImage });
  const allowed = hostList(process.env.HEDDLE_FETCH_ALLOW);
  const fetch = createGuardedFetch({ allowedHosts: allowed });
  const pictures = new Pictures({
    uploads,
    results,
    fetch,
    keep: (bytes) => host.takePicture(bytes),
    isOwn: (url) => url.pathname.startsWith("/files/") && refusalOfHost(url.host, policy) === undefined,
  });
  const fetchModel: FetchModel = (kind, url, signal) => {
    const { protocol, hostname } = new URL(url);
    // Nobody on the way may exchange a file of weights; hosts of the owner's network are the owner's affair.
    if (protocol !== "https:" && !allowed.has(hostname)) throw notEncrypted(url);
    return host.models.fetched(kind, url, signal);
  };
  const models = new ServedModels(
    (kind) => host.listModels(kind),
    { base: process.env.HEDDLE_API_BASE, turbo: process.env.HEDDLE_API_TURBO },
    process.env.HEDDLE_API_DOWNLOADS === "1" ? fetchModel : undefined,
  );
  const context: ApiContext = {
    jobs,
    models,
    pictures,
    uploads,
    results,
    originOf: ownOrigin(publicUrl),
    openImage,
    keepPicture: host.takePicture,
  };
  const keys = new ApiKeys(join(folders.home, "keys.json"));
  const guard = new ApiGuard({ policy, cookie, keys, ...(rateLimit && { rateLimit }) });

  const callers = [guard.forCallers(), limitRequest()] as const;
  const isEngineReady = () => {
    // Nobody may have asked for anything yet.
    host.warmUp();
    return ["ready", "busy"].includes(host.info().engine);
  };

  const app = new Hono();
  // Pages that ask this host for pictures want to show them.
  app.use("/files/*", headers({ crossOriginResourcePolicy: "cross-origin" }));
  app.use("/fal/*", headers());
  const forAnybody = guard.forAnybody();
  app.use("/files/*", forAnybody);
  app.route("/files", createFilesApp(context));
  app.use("/fal/storage/places/*", forAnybody);
  app.route("/fal/storage/places", createPlacesApp(uploads));
  for (const path of ["/fal", "/fal/*"]) app.use(path, ...callers);
  app.route("/fal", createFalApp(context));
  app.use("/api/docs", headers({ contentSecurityPolicy: docsPolicy }));
  app.use("/api/*", headers(), ...callers);
  const catalog = new WorkflowCatalog(join(folders.home, "workflows"), () => host.listTemplates());
  app.route("/api", createWorkflowsApp(context, catalog, host.info().version));
  app.use("/readyz", forAnybody);
  app.route("/readyz", createReadyApp({ isReady: isEngineReady }));
  app.use("/metrics", headers(), ...callers);
  app.route("/metrics", createMetricsApp(jobs));
  for (const path of ["/runware", "/runware/*"]) app.use(path, headers(), limitRequest());
  app.route("/runware", createRunwareApp(context, guard));
  const sockets = new RunwareSockets(context, guard, (error) =>
    host.log.error({ error }, "A task of a program failed"),
  );
  app.onError((error, c) => {
    if (error instanceof HttpProblem) return c.json({ detail: error.message }, error.status);
    if (error instanceof HeddleError) {
      if (error.code === "queue-full") c.header("Retry-After", "5");
      return c.json(
        { detail: `${error.message} ${error.help}`, error: error.toPayload() },
        statusesByCode[error.code] ?? 400,
      );
    }
    host.log.error({ error }, "A request of a program failed");
    return c.json({ detail: "Something went wrong inside Heddle." }, 500);
  });

  const deliverer = new Deliverer(jobs, fetch, (job, kind) => messageOf(job, kind, results));
  return {
    app,
    upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    close() {
      sockets.close();
      deliverer.close();
      uploads.close();
    },
  };
}

function limitRequest(): MiddlewareHandler {
  const message = `A body may have ${LARGEST_BODY_BYTES / 2 ** 20} MiB at most: upload large pictures.`;
  return limitBody({
    maxSize: LARGEST_BODY_BYTES,
    onError: (c) => c.json({ detail: message, errors: [{ code: "requestTooLarge", message }] }, 413),
  });
}

/** The page that lists the endpoints has a style of its own, and nothing else. */
const docsPolicy = { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] };

/** Nothing else of what programs get is a page. */
function headers(others: Parameters<typeof secureHeaders>[0] = {}): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
    referrerPolicy: "no-referrer",
    strictTransportSecurity: false,
    xFrameOptions: "DENY",
    ...others,
  });
}

const statusesByCode: Readonly<Record<string, 404 | 413 | 429 | 503 | 507>> = {
  "queue-full": 429,
  "shutting-down": 503,
  "upload-not-found": 404,
  "upload-too-large": 413,
  "upload-space": 507,
};

function hostList(text: string | undefined): ReadonlySet<string> {
  return new Set(
    (text ?? "")
      .split(",")
      .map((host) => host.trim().toLowerCase())
      .filter(Boolean),
  );
}

function notEncrypted(url: string): HeddleError {
  return new HeddleError({
    code: "download-refused",
    message: "Models are fetched over https only.",
    help: "Give an https address.",
    details: { url },
  });
}
