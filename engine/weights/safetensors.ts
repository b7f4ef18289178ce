import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import { bytesPerElement, dtypes, elementCount, type TensorInfo } from "./tensor.ts";

/** Longest header that is read; the reference library has the same limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** The header of a safetensors file: names, types, shapes and places of its tensors. No tensor is read. */
export interface SafetensorsFile {
  /** Real path: symbolic links (as hub caches use them) are resolved. */
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(16),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const metadataSchema = z.record(z.string(), z.string());

/** @param details `cause` names what is wrong; the rest are the facts in `what` */
function noSafetensors(
  path: string,
  what: string,
  details: { readonly cause: string } & Readonly<Record<string, string | number>>,
): HeddleError {
  return new HeddleError({
    code: "safetensors-invalid",
    message: `"${path}" is not a usable safetensors file: ${what}.`,
    help: "Download the file again, and compare its size and checksum with the ones its page states.",
    details: { path, ...details },
  });
}

/**
 * Reads and checks the header of a safetensors file (8-byte little-endian length, JSON, data).
 *
 * @throws HeddleError `file-unreadable`, or `safetensors-invalid` for a truncated file, a header longer than the file or
 *   than 100 MB, bad JSON, duplicate names, unknown types, overlapping or out-of-range offsets, and a size that does not
 *   match shape x type.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsFile> {
  let file: FileHandle;
  let real: string;
  try {
    real = await realpath(path);
    if (!(await stat(real)).isFile()) throw new Error("it is not a file");
    file = await open(real, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    const { size, mtimeMs } = await file.stat();
    if (size < 8) throw noSafetensors(path, `it has ${size} bytes, too few for a header`, { cause: "too-small", size });
    const headerBytes = Number((await readExactly(file, 0, 8, path)).readBigUInt64LE(0));
    if (headerBytes > MAX_HEADER_BYTES) {
      throw noSafetensors(path, `its header claims to be ${headerBytes} bytes long`, {
        cause: "long-header",
        headerBytes,
      });
    }
    if (headerBytes < 2) throw noSafetensors(path, "its header is empty", { cause: "empty-header" });
    if (8 + headerBytes > size) {
      throw noSafetensors(path, `its header claims ${headerBytes} bytes, but the file has only ${size}`, {
        cause: "cut-header",
        headerBytes,
        size,
      });
    }
    const text = decodeUtf8(await readExactly(file, 8, headerBytes, path), path);
    const { metadata, tensors } = parseHeader(text, { path, real, dataStart: 8 + headerBytes, size });
    return { path: real, size, modifiedMs: mtimeMs, metadata, tensors };
  } finally {
    await file.close();
  }
}

export function unreadable(path: string, cause: unknown): HeddleError {
  const isGone = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return new HeddleError(
    {
      code: "file-unreadable",
      message: `"${path}" ${isGone ? "does not exist" : "cannot be read"}.`,
      help: "Check the path, and that you may read the file.",
      details: { path, cause: isGone ? "gone" : "refused" },
    },
    { cause },
  );
}

async function readExactly(file: FileHandle, position: number, length: number, path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw noSafetensors(path, "it ends before its header does", { cause: "ends-early" });
  return buffer;
}

function decodeUtf8(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw noSafetensors(path, "its header is not UTF-8 text", { cause: "no-text" });
  }
}

function parseHeader(
  text: string,
  at: { path: string; real: string; dataStart: number; size: number },
): { metadata: Record<string, string>; tensors: Map<string, TensorInfo> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw noSafetensors(at.path, "its header is not JSON", { cause: "no-json" });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw noSafetensors(at.path, "its header is not a JSON object", { cause: "no-object" });
  }
  const duplicate = firstDuplicateKey(text);
  if (duplicate !== undefined) {
    throw noSafetensors(at.path, `it names the tensor "${duplicate}" twice`, { cause: "twice", tensor: duplicate });
  }

  const tensors = new Map<string, TensorInfo>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") {
      const parsed = metadataSchema.safeParse(value);
      if (!parsed.success) throw noSafetensors(at.path, "its metadata is not a table of texts", { cause: "metadata" });
      metadata = parsed.data;
      continue;
    }
    tensors.set(name, parseEntry(name, value, at));
  }
  refuseOverlaps([...tensors.values()], at.path);
  return { metadata, tensors };
}

function parseEntry(
  name: string,
  value: unknown,
  at: { path: string; real: string; dataStart: number; size: number },
): TensorInfo {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    throw noSafetensors(at.path, `the entry of the tensor "${name}" is malformed`, { cause: "entry", tensor: name });
  }
  const { shape, data_offsets } = parsed.data;
  const [start, end] = data_offsets;
  const dtype = dtypes.find((known) => known === parsed.data.dtype);
  if (dtype === undefined) {
    throw noSafetensors(at.path, `the tensor "${name}" has the type ${parsed.data.dtype}, which is not known`, {
      cause: "type",
      tensor: name,
      type: parsed.data.dtype,
    });
  }
  if (end < start) {
    throw noSafetensors(at.path, `the tensor "${name}" ends before it starts`, { cause: "backwards", tensor: name });
  }
  if (at.dataStart + end > at.size) {
    throw noSafetensors(at.path, `the tensor "${name}" lies outside the file, which is probably cut off`, {
      cause: "outside",
      tensor: name,
      expectedBytes: at.dataStart + end,
      actualBytes: at.size,
    });
  }
  const expected = elementCount(shape) * bytesPerElement[dtype];
  if (expected !== end - start) {
    const form = `${dtype} [${shape.join(", ")}]`;
    throw noSafetensors(at.path, `the tensor "${name}" takes ${end - start} bytes, but ${form} needs ${expected}`, {
      cause: "bytes",
      tensor: name,
      form,
      found: end - start,
      expected,
    });
  }
  return { name, dtype, shape, path: at.real, offset: at.dataStart + start, byteLength: end - start };
}

function refuseOverlaps(tensors: TensorInfo[], path: string): void {
  const sorted = tensors.filter((tensor) => tensor.byteLength > 0).sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1]!;
    const after = sorted[i]!;
    if (after.offset < before.offset + before.byteLength) {
      throw noSafetensors(path, `the tensors "${before.name}" and "${after.name}" overlap`, {
        cause: "overlap",
        tensor: before.name,
        other: after.name,
      });
    }
  }
}

/** `JSON.parse` keeps the last of two equal keys in silence, so the keys of the outer object are read once more. */
function firstDuplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
      if (depth !== 1) continue;
      let next = i + 1;
      while (/\s/.test(json[next] ?? "")) next++;
      if (json[next] !== ":") continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
