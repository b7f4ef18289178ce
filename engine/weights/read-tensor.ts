import { open } from "node:fs/promises";
import { HeddleError } from "../../common/errors.ts";
import { bfloat16sToFloats, float8E4M3ToFloat, float8E5M2ToFloat, halfsToFloats } from "./float-formats.ts";
import { decodeBlocks } from "./gguf/block-formats.ts";
import { unreadable } from "./safetensors.ts";
import { elementCount, isQuantised, type TensorInfo } from "./tensor.ts";

/** The bytes of one tensor, read from its file. */
export async function readTensorBytes(tensor: TensorInfo): Promise<Uint8Array> {
  const [bytes] = await readRanges(tensor.path, [{ offset: tensor.offset, byteLength: tensor.byteLength }]);
  return bytes!;
}

/**
 * Several byte ranges of one file, through one open file.
 *
 * @throws HeddleError `file-unreadable` when the file has gone or shrunk since its header was read.
 */
export async function readRanges(
  path: string,
  ranges: readonly { offset: number; byteLength: number }[],
): Promise<Uint8Array[]> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const results: Uint8Array[] = [];
    for (const { offset, byteLength } of ranges) {
      const bytes = new Uint8Array(byteLength);
      let done = 0;
      while (done < byteLength) {
        const { bytesRead } = await file.read(bytes, done, byteLength - done, offset + done);
        if (bytesRead === 0) throw unreadable(path, new Error("the file has become shorter"));
        done += bytesRead;
      }
      results.push(bytes);
    }
    return results;
  } finally {
    await file.close();
  }
}

/**
 * Any numeric tensor as float32, decoded and scaled where it is stored so (I64 and F64 lose what float32 cannot hold).
 */
export async function readFloats(tensor: TensorInfo): Promise<Float32Array> {
  const floats = bytesToFloats(await readTensorBytes(tensor), tensor);
  return tensor.scale === undefined ? floats : scaled(floats, await readFloats(tensor.scale));
}

/** Multiplied in place: `scales` has one value, or one for each of the equally long rows of `floats`. */
function scaled(floats: Float32Array, scales: Float32Array): Float32Array {
  const rowLength = floats.length / scales.length;
  for (let row = 0; row < scales.length; row++) {
    const scale = scales[row]!;
    for (let i = row * rowLength; i < (row + 1) * rowLength; i++) floats[i] = floats[i]! * scale;
  }
  return floats;
}

/** `bytes` of the given type as float32; `bytes` starts at its buffer's start. */
export function bytesToFloats(bytes: Uint8Array, tensor: Pick<TensorInfo, "dtype" | "shape" | "name">): Float32Array {
  if (isQuantised(tensor.dtype)) return decodeBlocks(tensor.dtype, bytes);
  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const count = elementCount(tensor.shape);
  switch (tensor.dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, count);
    case "F64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case "F16":
      return halfsToFloats(new Uint16Array(buffer, byteOffset, count));
    case "BF16":
      return bfloat16sToFloats(new Uint16Array(buffer, byteOffset, count));
    case "F8_E4M3":
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), float8E4M3ToFloat);
    case "F8_E5M2":
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), float8E5M2ToFloat);
    case "I64":
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case "I32":
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case "I16":
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case "I8":
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case "U8":
    case "BOOL":
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count));
    default:
      throw new HeddleError({
        code: "dtype-unsupported",
        message: `The tensor "${tensor.name}" has a type that cannot be read as numbers.`,
        help: "Use the F32, F16, BF16 or FP8 form of this file.",
        details: { tensor: tensor.name },
      });
  }
}
