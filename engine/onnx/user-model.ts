import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { HeddleError } from "../../common/errors.ts";
import type { LoadableModel, Session, SessionPool } from "../runtime/session-pool.ts";
import { unreadable } from "../weights/safetensors.ts";
import { fingerprintOf } from "../weights/weight-set.ts";

/** A protobuf message, which a model is, cannot be larger; weights beyond that lie in files beside it. */
const MAX_BYTES = 2 ** 31 - 1;

/** An ONNX model that somebody exported, by its path in a models folder. */
export interface UserModel {
  /** Real path. */
  readonly path: string;
  /** Changes with the file. */
  readonly key: string;
  /** Loads the model when it is not loaded, and lends it. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/**
 * Weights beside the file are read by the runtime, from its folder only: paths that lead out of it, absolute ones and
 * links to elsewhere are refused.
 *
 * @throws HeddleError `file-unreadable`, `onnx-too-large`; when it is used `onnx-invalid`, `onnx-opset`, `onnx-operator`,
 *   `onnx-external-data`, `onnx-failed`
 */
export async function openUserModel(path: string, pool: SessionPool): Promise<UserModel> {
  const real = await realpath(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  const { size, mtimeMs } = await stat(real);
  if (size > MAX_BYTES) {
    throw new HeddleError({
      code: "onnx-too-large",
      message: `"${basename(path)}" has ${(size / 1e9).toFixed(1)} GB; an ONNX file can have 2 GB at most.`,
      help: "Export it again with its weights in a file beside it (external data).",
      details: { path, size },
    });
  }
  const key = `onnx:${fingerprintOf([{ path: real, size, modifiedMs: mtimeMs }])}`;
  return {
    path: real,
    key,
    async use(work) {
      try {
        return await pool.use(key, () => load(real, size), work);
      } catch (error) {
        throw asModelError(error, real);
      }
    },
  };
}

async function load(path: string, weightBytes: number): Promise<LoadableModel> {
  const bytes = new Uint8Array(await readFile(path));
  return {
    encode: () => bytes,
    weightsFolder: dirname(path),
    ...{ decoded: [], weightBytes, inputs: [], outputs: [] },
    settings: { allowsFallback: true },
  };
}

interface Refusal {
  readonly code: string;
  readonly pattern: RegExp;
  readonly what: string;
  readonly help: string;
}

const refusals: readonly Refusal[] = [
  {
    code: "onnx-external-data",
    pattern: /[Ee]xternal data/,
    what: "its weights should lie beside it, but are not there, or are said to lie outside its folder",
    help: "Put the file with its weights (often .onnx_data or .bin) into the same folder, under the name that it had.",
  },
  {
    code: "onnx-opset",
    pattern: /opset|guarantees\* support|Unknown model file format version|Unsupported model IR version/,
    what: "it is written in a version of ONNX that is too new",
    help: "Export it again with an opset of 17 to 21.",
  },
  {
    code: "onnx-operator",
    pattern: /No Op registered|not a registered function|Could not find an implementation|NOT_IMPLEMENTED/,
    what: "it uses an operator that the runtime does not have",
    help: "Export it again without custom operators, or choose another model.",
  },
  {
    code: "onnx-invalid",
    pattern: /protobuf parsing failed|Protobuf|INVALID_PROTOBUF|No graph was found|ModelProto does not have a graph/,
    what: "it is no ONNX file, or a damaged one",
    help: "Download or export it again.",
  },
];

function asModelError(error: unknown, path: string): unknown {
  if (!(error instanceof HeddleError) || error.code !== "runtime-failed") return error;
  const reason = String(error.details?.runtimeMessage ?? error.message);
  const known = refusals.find(({ pattern }) => pattern.test(reason));
  return new HeddleError(
    {
      code: known?.code ?? "onnx-failed",
      message: `"${basename(path)}" cannot be used: ${known?.what ?? "the runtime refused to run it"}.`,
      help: known?.help ?? "Check that the model is made for this use, and what its page says about sizes of pictures.",
      details: { path, runtimeMessage: reason },
    },
    { cause: error },
  );
}
