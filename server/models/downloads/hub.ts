import type { HubApiError } from "@huggingface/hub";
import { HeddleError } from "../../../common/errors.ts";
import type { ModelKind } from "../../../graph/definition.ts";
import type { ModelOffer, ModelSource } from "../../../protocol/models.ts";
import type { GuardedFetch } from "../../http/guarded-fetch.ts";
import { modelKindOfFolder } from "../../services/model-folders.ts";
import { refusedByServer } from "./download-errors.ts";

const MAX_OFFERS = 500;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const TRIES = 3;
const REPOSITORY = /^[\w.-]{1,96}\/[\w.-]{1,96}$/;

export interface HubOptions {
  /** `https://huggingface.co`, or a mirror. */
  endpoint: string;
  fetch: GuardedFetch;
  token(): string | undefined;
}

/** A file as the hub describes it. */
export interface HubFile {
  sizeBytes: number;
  /** Known for all large files. */
  sha256: string | undefined;
  /** The commit that the revision stands for at present. */
  revision: string;
}

/** The part of the Hugging Face hub that downloads need, over the guarded way out. */
export class Hub {
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get endpoint(): string {
    return this.#options.endpoint;
  }

  /** Credentials for a file there; never for another host. */
  authorization(): Record<string, string> {
    const token = this.#options.token();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  fileUrl(repository: string, file: string, revision: string): string {
    const path = file.split("/").map(encodeURIComponent).join("/");
    return `${this.#options.endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`;
  }

  /** @throws HeddleError `download-not-found`, `download-needs-token`, `hub-unreachable`, `fetch-refused` */
  async describe(repository: string, file: string, revision: string): Promise<HubFile> {
    const { revision: commit } = await this.#info(repository, revision);
    const { pathsInfo } = await client();
    const found = await this.#asking(() =>
      pathsInfo({ ...this.#common(), repo: { type: "model", name: repository }, paths: [file], revision: commit }),
    );
    const info = found.find(({ path, type }) => path === file && type === "file");
    if (!info) throw refusedByServer(404, this.#host, false);
    return { sizeBytes: info.lfs?.size ?? info.size, sha256: shaOf(info.lfs?.oid), revision: commit };
  }

  /** The weight files of a repository. */
  async list(repository: string, revision = "main"): Promise<ModelOffer[]> {
    const { licence, gated, revision: commit } = await this.#info(repository, revision);
    const offers: ModelOffer[] = [];
    const { listFiles } = await client();
    await this.#asking(async () => {
      offers.length = 0;
      const files = listFiles({
        ...this.#common(),
        repo: { type: "model", name: repository },
        recursive: true,
        revision: commit,
      });
      for await (const { path, type, size, lfs } of files) {
        if (type !== "file" || !/\.(safetensors|gguf|onnx)$/i.test(path) || offers.length >= MAX_OFFERS) continue;
        const sha256 = shaOf(lfs?.oid);
        const sizeBytes = lfs?.size ?? size;
        offers.push({
          source: {
            repository,
            file: path,
            revision: commit,
            sizeBytes,
            ...(sha256 === undefined ? {} : { sha256 }),
            ...(licence === null ? {} : { licence }),
          },
          fileName: path.split("/").at(-1) ?? path,
          kind: guessKind(path),
          sizeBytes,
          licence,
          gated,
        });
      }
    });
    return offers;
  }

  async #info(repository: string, revision: string) {
    if (!REPOSITORY.test(repository)) throw badAddress(repository);
    const { modelInfo } = await client();
    const info = await this.#asking(() =>
      modelInfo({ ...this.#common(), name: repository, revision, additionalFields: ["sha", "tags"] }),
    );
    const licence = info.tags.find((tag) => tag.startsWith("license:"))?.slice("license:".length) ?? null;
    return { licence, gated: info.gated !== false, revision: info.sha };
  }

  #common() {
    const token = this.#options.token();
    return {
      hubUrl: this.#options.endpoint,
      fetch: this.#fetch,
      ...(token === undefined ? {} : { accessToken: token }),
    };
  }

  get #host(): string {
    return URL.parse(this.#options.endpoint)?.host ?? this.#options.endpoint;
  }

  /** The hub's client asks through the guarded way out, as everything that goes to the network. */
  readonly #fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const answer = await this.#options.fetch(request.url, {
      method: request.method === "POST" ? "POST" : "GET",
      headers: Object.fromEntries(request.headers),
      maxBytes: MAX_ANSWER_BYTES,
      ...(body === undefined ? {} : { body }),
    });
    const headers = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return new Response(answer.body as Uint8Array<ArrayBuffer>, { status: answer.status, headers });
  };

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        const passes = isApiError(error) && (error.statusCode === 429 || error.statusCode >= 500);
        if (passes && attempt < TRIES) {
          await new Promise((resolve) => setTimeout(resolve, 250 * 4 ** (attempt - 1)));
          continue;
        }
        throw this.#explained(error);
      }
    }
  }

  #explained(error: unknown): unknown {
    if (isApiError(error)) {
      // The hub says 401 also for what does not exist, so as not to tell what is private.
      const status = error.statusCode === 401 && this.#options.token() !== undefined ? 404 : error.statusCode;
      return refusedByServer(status, this.#host, true);
    }
    if (error instanceof HeddleError && error.code === "fetch-refused") return error;
    const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    const known = error instanceof HeddleError ? error : undefined;
    return new HeddleError(
      {
        code: "hub-unreachable",
        message: `${this.#host} could not be asked: ${reason}.`,
        help: "Check the network, and try again.",
        details: { host: this.#host, reason: known?.details?.reason ?? reason, cause: UNREACHABLE[known?.code ?? ""] },
      },
      { cause: error },
    );
  }
}

/** Why the hub did not answer, where that is not the system’s own message. */
const UNREACHABLE: Readonly<Record<string, "timeout" | "too-large">> = {
  "fetch-timeout": "timeout",
  "fetch-too-large": "too-large",
};

/**
 * What a person pasted: `owner/name`, the address of a repository or of a file on the hub, or any other address.
 * @throws HeddleError `bad-address`
 */
export function parseAddress(text: string, endpoint: string): ModelSource {
  const trimmed = text.trim();
  if (REPOSITORY.test(trimmed)) return { repository: trimmed };
  const url = URL.parse(trimmed);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.password) throw badAddress(text);
  const hosts = ["huggingface.co", "www.huggingface.co", "hf.co", URL.parse(endpoint)?.host];
  if (!hosts.includes(url.host)) return { url: url.href };
  const [owner, name, action, revision, ...file] = url.pathname.split("/").filter(Boolean).map(decoded);
  const repository = `${owner}/${name}`;
  const isKnown = action === undefined || ["resolve", "blob", "raw", "tree"].includes(action);
  if (!REPOSITORY.test(repository) || !isKnown) return { url: url.href };
  if (action === undefined) return { repository };
  return {
    repository,
    ...(revision === undefined ? {} : { revision }),
    ...(action === "tree" || file.length === 0 ? {} : { file: file.join("/") }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a file is, from the folders and the name that its author gave it. */
export function guessKind(path: string): ModelKind | null {
  const parts = path.split("/");
  for (const folder of parts.slice(0, -1).reverse()) {
    const kind = modelKindOfFolder(folder);
    if (kind) return kind;
    if (folder === "transformer") return "diffusionModel";
    if (folder === "text_encoder") return "textEncoder";
  }
  const name = (parts.at(-1) ?? "").toLowerCase();
  if (/lora|lycoris|lokr/.test(name)) return "lora";
  if (/control/.test(name)) return "controlNet";
  if (/(^|[^a-z])(ae|vae)([^a-z]|$)/.test(name)) return "vae";
  if (/qwen[-_]?3|text[-_]?encoder|clip|t5/.test(name)) return "textEncoder";
  if (/esrgan|upscal|(^|[^0-9])[248]x[^0-9]/.test(name)) return "upscaler";
  if (name.endsWith(".onnx")) return "onnx";
  return /z[-_]?image/.test(name) ? "diffusionModel" : null;
}

/** Loaded when somebody asks the hub for the first time: it is large, and a start must not wait for it. */
const client = () => import("@huggingface/hub");

function isApiError(error: unknown): error is HubApiError {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";
}

const shaOf = (oid: string | undefined) => (oid !== undefined && /^[0-9a-f]{64}$/.test(oid) ? oid : undefined);

function badAddress(text: string): HeddleError {
  return new HeddleError({
    code: "bad-address",
    message: `"${text.slice(0, 200)}" is neither a repository nor an address.`,
    help: "Give a repository of the Hugging Face hub (owner/name), or the address of a file that begins with https://.",
    field: "text",
    details: { text: text.slice(0, 200) },
  });
}
