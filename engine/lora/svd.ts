import { TorchGenerator } from "../sampling/noise.ts";
import { type Matrix, multiply, transpose } from "./matrix.ts";

/** delta = left x right: `left` [rows, rank] with the square roots of the singular values in it, as `right` [rank, columns]. */
export interface LowRank {
  readonly left: Matrix;
  readonly right: Matrix;
  /** All that were found, descending; more than the rank where some were left out. */
  readonly singularValues: Float64Array;
}

/** What to keep of a matrix: at most `rank` singular values, and no more than hold `energy` (0 to 1) of their squares. */
export interface Truncation {
  readonly rank: number;
  readonly energy?: number;
}

/** Of a product of narrow matrices, exactly: a decomposition of its core, whose size is the rank. */
export function truncatedProduct(left: Matrix, right: Matrix, keep: Truncation): LowRank {
  const columns = orthonormalised(left);
  const rows = orthonormalised(transpose(right));
  const core = multiply(columns.triangle, transpose(rows.triangle));
  const { u, singularValues, v } = jacobi(core);
  return cut({ u: multiply(columns.basis, u), singularValues, v: multiply(rows.basis, v) }, keep);
}

/** Columns drawn beyond the rank, and passes over the matrix, which make the random projection sharp. */
const OVERSAMPLING = 8;
const POWER_ITERATIONS = 2;

/**
 * Of any matrix, by random projection (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1): as near to the best
 * matrix of that rank as makes no difference. The same matrix gives the same result.
 */
export function truncatedMatrix(matrix: Matrix, keep: Truncation): LowRank {
  const width = Math.min(keep.rank + OVERSAMPLING, matrix.rows, matrix.columns);
  const random = new TorchGenerator(0n).randn(matrix.columns * width);
  let { basis } = orthonormalised(multiply(matrix, { rows: matrix.columns, columns: width, data: random }));
  const transposed = transpose(matrix);
  for (let i = 0; i < POWER_ITERATIONS; i++) {
    const back = orthonormalised(multiply(transposed, basis)).basis;
    basis = orthonormalised(multiply(matrix, back)).basis;
  }
  const rows = orthonormalised(multiply(transposed, basis));
  const { u, singularValues, v } = jacobi(transpose(rows.triangle));
  // Those that were not found hold some of the energy, too: the squares of a matrix add up to those of its singular values.
  const total = matrix.data.reduce((sum, value) => sum + value * value, 0);
  return cut({ u: multiply(basis, u), singularValues, v: multiply(rows.basis, v) }, keep, total);
}

interface Decomposition {
  /** [rows, n] and [columns, n]: singular vectors in columns. */
  readonly u: Matrix;
  readonly v: Matrix;
  /** [n], descending. */
  readonly singularValues: Float64Array;
}

/** @param total squares of all singular values, those included that were not found */
function cut(
  { u, singularValues, v }: Decomposition,
  { rank, energy = 1 }: Truncation,
  total = singularValues.reduce((sum, value) => sum + value * value, 0),
): LowRank {
  let kept = 0;
  let sum = 0;
  while (
    kept < Math.min(rank, singularValues.length) &&
    (kept === 0 || (sum < energy * total && singularValues[kept]! > 0))
  ) {
    sum += singularValues[kept]! ** 2;
    kept++;
  }
  const scaled = (vectors: Matrix): Matrix => {
    const data = new Float32Array(vectors.rows * kept);
    for (let i = 0; i < vectors.rows; i++) {
      for (let j = 0; j < kept; j++)
        data[i * kept + j] = vectors.data[i * vectors.columns + j]! * Math.sqrt(singularValues[j]!);
    }
    return { rows: vectors.rows, columns: kept, data };
  };
  return { left: scaled(u), right: transpose(scaled(v)), singularValues };
}

/** QR: an orthonormal basis [rows, columns] and the triangle [columns, columns]; Gram and Schmidt, done twice for float32. */
function orthonormalised(matrix: Matrix): { basis: Matrix; triangle: Matrix } {
  const { rows, columns } = matrix;
  const vectors = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => matrix.data[i * columns + j]!),
  );
  const triangle = new Float32Array(columns * columns);
  for (const [j, vector] of vectors.entries()) {
    const before = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const projection = dot(vectors[k]!, vector);
        triangle[k * columns + j]! += projection;
        subtract(vector, vectors[k]!, projection);
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    // A column that lies in the span of those before it adds no direction.
    const isNew = norm > 1e-10 * before;
    triangle[j * columns + j] = isNew ? norm : 0;
    for (let i = 0; i < rows; i++) vector[i] = isNew ? vector[i]! / norm : 0;
  }
  const basis = new Float32Array(rows * columns);
  for (const [j, vector] of vectors.entries()) for (let i = 0; i < rows; i++) basis[i * columns + j] = vector[i]!;
  return { basis: { rows, columns, data: basis }, triangle: { rows: columns, columns, data: triangle } };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(from: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= factor * vector[i]!;
}

/** Sweeps until the columns are orthogonal; some ten are the rule. */
const MOST_SWEEPS = 60;

/** One-sided Jacobi: rotates pairs of columns until all are orthogonal; their lengths are the singular values. */
function jacobi(matrix: Matrix): Decomposition {
  const { rows, columns, data } = matrix;
  const a = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]!),
  );
  const v = Array.from({ length: columns }, (_, j) => {
    const unit = new Float64Array(columns);
    unit[j] = 1;
    return unit;
  });
  for (let sweep = 0, rotated = true; rotated && sweep < MOST_SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) {
        const [alpha, beta, gamma] = [dot(a[p]!, a[p]!), dot(a[q]!, a[q]!), dot(a[p]!, a[q]!)];
        if (Math.abs(gamma) <= 1e-12 * Math.sqrt(alpha * beta) || gamma === 0) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cosine = 1 / Math.sqrt(1 + t * t);
        rotate(a[p]!, a[q]!, cosine, cosine * t);
        rotate(v[p]!, v[q]!, cosine, cosine * t);
      }
    }
  }
  const lengths = a.map((column) => Math.sqrt(dot(column, column)));
  const order = [...lengths.keys()].sort((i, j) => lengths[j]! - lengths[i]!);
  const inColumns = (vectors: readonly Float64Array[], length: number, scale: (j: number) => number): Matrix => {
    const result = new Float32Array(length * columns);
    for (const [to, j] of order.entries()) {
      for (let i = 0; i < length; i++) result[i * columns + to] = vectors[j]![i]! * scale(j);
    }
    return { rows: length, columns, data: result };
  };
  return {
    u: inColumns(a, rows, (j) => (lengths[j] === 0 ? 0 : 1 / lengths[j]!)),
    v: inColumns(v, columns, () => 1),
    singularValues: Float64Array.from(order, (j) => lengths[j]!),
  };
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}
