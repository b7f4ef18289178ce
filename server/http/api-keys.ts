import { hash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";

const keySchema = z.object({
  /** Public: names the key in lists and logs. */
  id: z.string(),
  name: z.string(),
  /** SHA-256 of the whole key, hex. A key holds 256 random bits, so nothing slower is needed. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
});
const fileSchema = z.object({ keys: z.array(keySchema) });

type ApiKey = Omit<z.infer<typeof keySchema>, "hash">;

const PREFIX = "heddle";
const MOST_KEYS = 1_000;

/**
 * The API keys of a Heddle: a file that holds their hashes. It is read again whenever it changed, so that a key that is
 * revoked on the command line is refused by a running host at once.
 */
export class ApiKeys {
  readonly #file: string;
  #version = "";
  #byHash = new Map<string, z.infer<typeof keySchema>>();

  constructor(file: string) {
    this.#file = file;
  }

  list(): ApiKey[] {
    this.#read();
    return [...this.#byHash.values()].map(({ id, name, createdAt }) => ({ id, name, createdAt }));
  }

  /** @returns the key itself, which nobody can find out later. */
  create(name: string): { key: string; id: string } {
    this.#read();
    if (this.#byHash.size >= MOST_KEYS) {
      throw new HeddleError({
        code: "too-many-keys",
        message: `There are ${MOST_KEYS} API keys already.`,
        help: "Revoke those that nobody uses: heddle keys list, heddle keys revoke ID.",
      });
    }
    const id = randomBytes(4).toString("hex");
    const key = `${PREFIX}_${id}_${randomBytes(32).toString("base64url")}`;
    this.#write([...this.#byHash.values(), { id, name, hash: hashOf(key), createdAt: new Date().toISOString() }]);
    return { key, id };
  }

  /** @throws HeddleError `key-not-found` */
  revoke(id: string): void {
    this.#read();
    const kept = [...this.#byHash.values()].filter((key) => key.id !== id);
    if (kept.length === this.#byHash.size) {
      throw new HeddleError({
        code: "key-not-found",
        message: `There is no API key ${id}.`,
        help: "heddle keys list shows those that there are.",
      });
    }
    this.#write(kept);
  }

  /** The id of the key, if it is one. */
  identify(key: string): string | undefined {
    if (!key.startsWith(`${PREFIX}_`)) return undefined;
    this.#read();
    return this.#byHash.get(hashOf(key))?.id;
  }

  #read(): void {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    const version = found ? `${found.mtimeMs} ${found.size} ${found.ino}` : "";
    if (version === this.#version) return;
    let keys: z.infer<typeof keySchema>[] = [];
    if (found) {
      try {
        ({ keys } = fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8"))));
      } catch (cause) {
        throw damaged(this.#file, cause);
      }
    }
    this.#byHash = new Map(keys.map((key) => [key.hash, key]));
    this.#version = version;
  }

  #write(keys: z.infer<typeof keySchema>[]): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, this.#file);
    this.#read();
  }
}

function hashOf(key: string): string {
  return hash("sha256", key);
}

function damaged(file: string, cause: unknown): HeddleError {
  return new HeddleError(
    {
      code: "keys-damaged",
      message: `The file of API keys cannot be read: ${file}`,
      help: "Put it right, or delete it and create the keys anew.",
      details: { file },
    },
    { cause },
  );
}
