import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { forkEngine } from "../../engine-process/engine-child.ts";
import type { RateLimit } from "../../http/rate-limit.ts";
import { type OpenedHost, openLocalHost } from "../../open-local-host.ts";
import { startWebHost, type WebHost } from "../../web-host.ts";
import { openInterfaces } from "../open-interfaces.ts";

const entry = fileURLToPath(new URL("../../engine-process/child.ts", import.meta.url));

export interface StartedHost {
  host: OpenedHost;
  web: WebHost;
  origin: string;
  token: string;
  /** Home and output folder. */
  home: string;
  stop(): Promise<void>;
  /** Ends the host and starts it again on the same folders. */
  restart(): Promise<void>;
}

/** A whole host with its real engine process, on a fresh home folder. */
export async function startHost(
  environment: Record<string, string> = {},
  options: { rateLimit?: RateLimit } = {},
): Promise<StartedHost> {
  const home = await mkdtemp(join(tmpdir(), "heddle-api-"));
  const rendererFolder = join(home, "renderer");
  await mkdir(rendererFolder);
  await writeFile(join(rendererFolder, "index.html"), "<!doctype html><title>Heddle</title>");
  const variables = { HEDDLE_HOME: home, HEDDLE_OUTPUT: join(home, "output"), HEDDLE_MODELS: "", ...environment };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);

  const started: StartedHost = { ...(await open()), home, stop, restart };
  return started;

  async function open() {
    const host = await openLocalHost("web", (environment) => forkEngine(entry, [], environment));
    const web = await startWebHost({
      services: host,
      rendererFolder,
      port: 0,
      createInterfaces: (policy, cookie) => openInterfaces(host, policy, cookie, options),
    });
    const { origin, searchParams } = new URL(web.url);
    return { host, web, origin, token: searchParams.get("token")! };
  }
  async function end(): Promise<void> {
    await started.host.close();
    await started.web.close();
  }
  async function stop(): Promise<void> {
    await end();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(home, { recursive: true, force: true });
  }
  async function restart(): Promise<void> {
    await end();
    Object.assign(started, await open());
  }
}

export interface SeenPicture {
  format: string;
  width: number;
  height: number;
  /** Mean of the three channels, 0 to 255. */
  mean: [number, number, number];
  /** 0 where everything has one colour. */
  contrast: number;
}

/** Looks at the bytes of a picture file. */
export async function look(bytes: Uint8Array): Promise<SeenPicture> {
  const picture = sharp(bytes);
  const { format, width, height } = await picture.metadata();
  const { channels } = await picture.stats();
  const [red, green, blue] = channels;
  return {
    format,
    width,
    height,
    mean: [red!.mean, green!.mean, blue!.mean],
    contrast: Math.max(...channels.map(({ stdev }) => stdev)),
  };
}

/** The bytes behind an address or a data URI. */
export async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.slice(0, 100)}: ${response.status} ${await response.text()}`);
  return response.bytes();
}
