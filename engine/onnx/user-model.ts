import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type ErrorPayload, HeddleError } from "../../common/errors.ts";
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
    const [name, gigabytes] = [basename(path), (size / 1e9).toFixed(1)];
    throw new HeddleError({
      code: "onnx-too-large",
      message: `"${name}" has ${gigabytes} GB; an ONNX file can have 2 GB at most.`,
      help: "Export it again with its weights in a file beside it (external data).",
      details: { path, name, size, gigabytes },
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

function asModelError(error: unknown, path: string): unknown {
  if (!(error instanceof HeddleError) || error.code !== "runtime-failed") return error;
  const reason = String(error.details?.runtimeMessage ?? error.message);
  return new HeddleError(refusal(path, reason), { cause: error });
}

/** What the runtime's words mean for somebody who brought a model. */
function refusal(path: string, reason: string): ErrorPayload {
  const name = basename(path);
  const details = { path, name, runtimeMessage: reason };
  const cannotBeUsed = (what: string) => `"${name}" cannot be used: ${what}.`;
  if (/[Ee]xternal data/.test(reason)) {
    return {
      code: "onnx-external-data",
      message: cannotBeUsed(
        "its weights should lie beside it, but are not there, or are said to lie outside its folder",
      ),
      help: "Put the file with its weights (often .onnx_data or .bin) into the same folder, under the name that it had.",
      details,
    };
  }
  if (/opset|guarantees\* support|Unknown model file format version|Unsupported model IR version/.test(reason)) {
    return {
      code: "onnx-opset",
      message: cannotBeUsed("it is written in a version of ONNX that is too new"),
      help: "Export it again with an opset of 17 to 21.",
      details,
    };
  }
  if (/No Op registered|not a registered function|Could not find an implementation|NOT_IMPLEMENTED/.test(reason)) {
    return {
      code: "onnx-operator",
      message: cannotBeUsed("it uses an operator that the runtime does not have"),
      help: "Export it again without custom operators, or choose another model.",
      details,
    };
  }
  if (
    /protobuf parsing failed|Protobuf|INVALID_PROTOBUF|No graph was found|ModelProto does not have a graph/.test(reason)
  ) {
    return {
      code: "onnx-invalid",
      message: cannotBeUsed("it is no ONNX file, or a damaged one"),
      help: "Download or export it again.",
      details,
    };
  }
  return {
    code: "onnx-failed",
    message: cannotBeUsed("the runtime refused to run it"),
    help: "Check that the model is made for this use, and what its page says about sizes of pictures.",
    details,
  };
}
