/** A tensor of a golden case, as its file stores it. */
export interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Uint8Array | Int32Array;
}

interface TensorSpec {
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface GoldenCase {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly model: string | null;
  readonly params: Record<string, unknown>;
  readonly inputs: Record<string, TensorSpec>;
  readonly expected: Record<string, TensorSpec>;
}

export interface GoldenContext {
  /** Folder of the manifest; paths in cases are relative to it. */
  readonly root: string;
  readonly case: GoldenCase;
  readonly inputs: Record<string, GoldenTensor>;
}

/** Computes the case: a tensor for every name under `expected`. */
export type GoldenKind = (context: GoldenContext) => Promise<Record<string, Float32Array | BigInt64Array | Uint8Array>>;
