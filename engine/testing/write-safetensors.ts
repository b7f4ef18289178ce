import { writeFile } from "node:fs/promises";

/** A float32 tensor for {@link writeSafetensors}. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes a safetensors file of float32 tensors, for tests and benchmarks. */
export async function writeSafetensors(path: string, tensors: ReadonlyMap<string, FloatTensor>): Promise<void> {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const parts = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  await writeFile(path, Buffer.concat([length, json, ...parts]));
}
