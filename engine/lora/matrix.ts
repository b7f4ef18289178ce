/** Row-major float32 matrices, for the few products that turning a LoRA into factors takes. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

export function transpose({ rows, columns, data }: Matrix): Matrix {
  const result = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  return { rows: columns, columns: rows, data: result };
}

/** `a` [n, k] times `b` [k, m]. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const result = new Float32Array(a.rows * b.columns);
  const row = new Float64Array(b.columns);
  for (let i = 0; i < a.rows; i++) {
    row.fill(0);
    for (let k = 0; k < a.columns; k++) {
      const factor = a.data[i * a.columns + k]!;
      if (factor === 0) continue;
      const start = k * b.columns;
      for (let j = 0; j < b.columns; j++) row[j]! += factor * b.data[start + j]!;
    }
    result.set(row, i * b.columns);
  }
  return { rows: a.rows, columns: b.columns, data: result };
}

/** Kronecker product: block (i, j) is a[i, j] b. */
export function kronecker(a: Matrix, b: Matrix): Matrix {
  const columns = a.columns * b.columns;
  const data = new Float32Array(a.rows * b.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < b.rows; k++) {
      const start = (i * b.rows + k) * columns;
      for (let j = 0; j < a.columns; j++) {
        const factor = a.data[i * a.columns + j]!;
        for (let l = 0; l < b.columns; l++) data[start + j * b.columns + l] = factor * b.data[k * b.columns + l]!;
      }
    }
  }
  return { rows: a.rows * b.rows, columns, data };
}

export function identity(size: number): Matrix {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return { rows: size, columns: size, data };
}

/** In place. */
export function scale(matrix: Matrix, factor: number): Matrix {
  if (factor !== 1) for (let i = 0; i < matrix.data.length; i++) matrix.data[i]! *= factor;
  return matrix;
}

export function rowsOf({ columns, data }: Matrix, first: number, count: number): Matrix {
  return { rows: count, columns, data: data.subarray(first * columns, (first + count) * columns) };
}
