import { type FileHandle, open } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { HeddleError } from "../../common/errors.ts";
import { readFloats, readTensorBytes } from "../weights/read-tensor.ts";
import { elementCount, sliceRows, type TensorInfo } from "../weights/tensor.ts";
import type { WorkerMessage } from "./derive-weights.ts";
import { type DerivationStep, type DerivedLayout, isCopiedAsStored } from "./derived-layout.ts";
import { quantiseBlocks, quantiseRows, rotate, splitRows } from "./quantise.ts";

/** Values decoded at a time: bounds memory to a few times this, whatever the size of a tensor. */
const CHUNK_ELEMENTS = 2 ** 20;

/** Writes a file of derived weights tensor by tensor; the main thread may end this thread at any time. */
async function derive(path: string, layout: DerivedLayout): Promise<void> {
  const file = await open(path, "w");
  try {
    await writeAt(file, layout.header, 0);
    await file.truncate(layout.header.byteLength + layout.totalBytes);
    let done = 0;
    for (const step of layout.steps) {
      const change = step.changed === undefined ? undefined : await changeOf(step.changed);
      await runStep(step, change, (bytes, offset) => writeAt(file, bytes, layout.header.byteLength + offset));
      for (const { byteLength } of step.outputs) done += byteLength;
      post({ kind: "progress", done, total: layout.totalBytes });
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

type Write = (bytes: ArrayBufferView, offset: number) => Promise<void>;

/** What the main thread adds to the weight of a layer: Float32Array `[out, in]`. */
function changeOf(path: string): Promise<Float32Array> {
  const { promise, resolve } = Promise.withResolvers<Float32Array>();
  parentPort?.once("message", resolve);
  post({ kind: "change", path });
  return promise;
}

async function runStep(
  { source, form, outputs }: DerivationStep,
  change: Float32Array | undefined,
  write: Write,
): Promise<void> {
  const [columns] = source.shape.slice(1);
  if (form.kind === "float" && change === undefined) return copy(source, outputs[0]!, write);
  if (columns === undefined) throw new TypeError(`${source.name} is no matrix`);
  if (form.kind === "float") {
    let at = outputs[0]!.offset;
    for await (const { values } of chunks(source, change)) {
      await write(values, at);
      at += values.byteLength;
    }
    return;
  }
  if (form.kind === "blocks") {
    const [weight, scales] = outputs;
    let weightAt = weight!.offset;
    let scalesAt = scales!.offset;
    for await (const { values } of chunks(source, change)) {
      const quantised = quantiseBlocks(values, columns, form.bits, form.blockSize);
      await write(quantised.bytes, weightAt);
      await write(quantised.scales, scalesAt);
      weightAt += quantised.bytes.byteLength;
      scalesAt += quantised.scales.byteLength;
    }
    return;
  }
  const rows = source.shape[0]!;
  const scales = new Float32Array(rows);
  const matrices = outputs.slice(0, -1).map(() => new Int8Array(rows * columns));
  for await (const { values, firstRow } of chunks(source, change)) {
    if (form.kind === "rotated") {
      rotate(values, form.rotation);
      const quantised = quantiseRows(values, columns);
      scales.set(quantised.scales, firstRow);
      transposeInto(matrices[0]!, quantised.integers, { firstRow, rows, columns });
    } else {
      const quantised = splitRows(values, columns);
      scales.set(quantised.scales, firstRow);
      transposeInto(matrices[0]!, quantised.high, { firstRow, rows, columns });
      transposeInto(matrices[1]!, quantised.low, { firstRow, rows, columns });
    }
  }
  for (const [i, matrix] of matrices.entries()) await write(matrix, outputs[i]!.offset);
  await write(scales, outputs.at(-1)!.offset);
}

async function copy(source: TensorInfo, output: DerivationStep["outputs"][number], write: Write): Promise<void> {
  let at = output.offset;
  for (const part of parts(source)) {
    const bytes = isCopiedAsStored(source) ? await readTensorBytes(part.tensor) : await readFloats(part.tensor);
    await write(bytes, at);
    at += bytes.byteLength;
  }
}

/** @param change of the whole tensor, added to its values */
async function* chunks(
  source: TensorInfo,
  change?: Float32Array,
): AsyncGenerator<{ values: Float32Array; firstRow: number }> {
  let at = 0;
  for (const { tensor, firstRow } of parts(source)) {
    const values = await readFloats(tensor);
    if (change !== undefined) for (let i = 0; i < values.length; i++) values[i] = values[i]! + change[at++]!;
    yield { values, firstRow };
  }
}

/** A tensor in slices of whole rows. */
function* parts(source: TensorInfo): Generator<{ tensor: TensorInfo; firstRow: number }> {
  const rows = source.shape[0];
  if (rows === undefined || rows === 0) {
    yield { tensor: source, firstRow: 0 };
    return;
  }
  const rowLength = elementCount(source.shape) / rows;
  const count = Math.max(1, Math.floor(CHUNK_ELEMENTS / rowLength));
  for (let firstRow = 0; firstRow < rows; firstRow += count) {
    yield { tensor: sliceRows(source, firstRow, Math.min(count, rows - firstRow)), firstRow };
  }
}

/** Some rows of `[rows, columns]` into their columns of `[columns, rows]`. */
function transposeInto(
  target: Int8Array,
  part: Int8Array,
  { firstRow, rows, columns }: { firstRow: number; rows: number; columns: number },
): void {
  const count = part.length / columns;
  for (let column = 0; column < columns; column++) {
    const to = column * rows + firstRow;
    for (let row = 0; row < count; row++) target[to + row] = part[row * columns + column]!;
  }
}

async function writeAt(file: FileHandle, data: ArrayBufferView, position: number): Promise<void> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

const { path, layout } = workerData as { path: string; layout: DerivedLayout };
try {
  await derive(path, layout);
  post({ kind: "done" });
} catch (error) {
  // Errors lose their class on the way between threads.
  post({
    kind: "failed",
    ...(error instanceof HeddleError
      ? { payload: error.toPayload() }
      : { reason: error instanceof Error ? error.message : String(error), errno: errorCode(error) }),
  });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
