/** Solves `matrix * solution = rightHandSide` for a small regular matrix, by elimination with row pivots. */
export function solveLinearSystem(matrix: readonly (readonly number[])[], rightHandSide: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, rightHandSide[i]!]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const source = rows[column]!;
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / source[column]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * source[j]!);
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
