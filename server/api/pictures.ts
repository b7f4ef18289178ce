import { readFile } from "node:fs/promises";
import { HeddleError } from "../../common/errors.ts";
import type { ImageReference } from "../../graph/events.ts";
import { MAX_PICTURE_BYTES } from "../../nodes/picture-file.ts";
import { fetchPicture } from "../http/fetch-picture.ts";
import type { GuardedFetch } from "../http/guarded-fetch.ts";
import type { Results } from "./results.ts";
import type { Uploads } from "./uploads.ts";

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface PicturesOptions {
  uploads: Pick<Uploads, "find">;
  results: Pick<Results, "find">;
  fetch: GuardedFetch;
  /** Keeps a picture, after a look at it. */
  keep(bytes: Uint8Array): Promise<ImageReference>;
  /** Whether this is an address of this host. */
  isOwn(url: URL): boolean;
}

/** Turns what a client gave for a picture into one that workflows can name. */
export class Pictures {
  readonly #options: PicturesOptions;

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  /**
   * @param source a data URI, or an http(s) address: of an upload or a result of this host, or of anything else
   * @throws HeddleError `picture-unreadable`, `picture-too-large`, `picture-not-found`, and those of the guarded fetch
   */
  async take(source: string): Promise<ImageReference> {
    return this.#options.keep(await this.#bytes(source));
  }

  /** The same for plain base64 and for the UUID of an upload or a result, as well as what {@link take} takes. */
  async takeText(source: string): Promise<ImageReference> {
    if (uuid.test(source)) {
      const file = (await this.#options.uploads.find(source)) ?? (await this.#options.results.find(source, "0.png"));
      if (!file) throw notHere();
      return this.#options.keep(await readFile(file.path));
    }
    const isAddress = /^(data|https?):/i.test(source);
    return isAddress ? this.take(source) : this.#options.keep(decodeBase64(source));
  }

  async #bytes(source: string): Promise<Uint8Array> {
    if (/^data:/i.test(source)) return decodeDataUri(source);
    const url = URL.parse(source);
    if (url && this.#options.isOwn(url)) return this.#ownBytes(url);
    return fetchPicture(source, this.#options.fetch);
  }

  /** Straight from disk: a request to itself would be one into a private network. */
  async #ownBytes({ pathname }: URL): Promise<Uint8Array> {
    const [, shelf, id = "", name = ""] = pathname.split("/").slice(1) as (string | undefined)[];
    const file =
      shelf === "uploads"
        ? await this.#options.uploads.find(id)
        : shelf === "results"
          ? await this.#options.results.find(id, name)
          : undefined;
    if (!file) throw notHere();
    return readFile(file.path);
  }
}

function notHere(): HeddleError {
  return new HeddleError({
    code: "picture-not-found",
    message: "There is no such file here (any more).",
    help: "Upload it again.",
  });
}

function decodeDataUri(uri: string): Uint8Array {
  const comma = uri.indexOf(",");
  if (comma < 0 || !/;base64$/i.test(uri.slice(0, comma))) {
    throw new HeddleError({
      code: "picture-unreadable",
      message: "This data URI holds no base64.",
      help: "Send data:image/png;base64,… with the content of a picture file.",
    });
  }
  return decodeBase64(uri.slice(comma + 1));
}

/** Node leaves out what is no base64; the check of the picture finds what that did to it. */
function decodeBase64(text: string): Uint8Array {
  if (text.length > (MAX_PICTURE_BYTES * 4) / 3 + 4) {
    throw new HeddleError({
      code: "picture-too-large",
      message: `A picture file may have ${MAX_PICTURE_BYTES / 2 ** 20} MiB at most.`,
      help: "Send a smaller one.",
    });
  }
  return Buffer.from(text, "base64");
}
