import { describe, expect, test } from "vitest";
import { TorchGenerator } from "../sampling/noise.ts";
import { type Matrix, multiply, transpose } from "./matrix.ts";
import { type LowRank, truncatedMatrix, truncatedProduct } from "./svd.ts";

const random = (rows: number, columns: number, seed: bigint): Matrix => ({
  ...{ rows, columns },
  data: new TorchGenerator(seed).randn(rows * columns),
});
const difference = (a: Matrix, b: Matrix) =>
  Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]!) ** 2, 0));
const norm = (a: Matrix) => Math.sqrt(a.data.reduce((sum, value) => sum + value * value, 0));
const product = ({ left, right }: LowRank) => multiply(left, right);

describe("a product of narrow matrices", () => {
  const [left, right] = [random(40, 6, 1n), random(6, 30, 2n)];
  const whole = multiply(left, right);

  test("is itself at its own rank", () => {
    const result = truncatedProduct(left, right, { rank: 6 });
    expect(difference(product(result), whole)).toBeLessThan(1e-5 * norm(whole));
    expect(truncatedProduct(left, right, { rank: 99 }).left.columns).toBe(6);
  });

  test("cut to a lower rank, it misses exactly the singular values that were left out (Eckart and Young)", () => {
    const result = truncatedProduct(left, right, { rank: 4 });
    const [fifth, sixth] = [result.singularValues[4]!, result.singularValues[5]!];
    expect(difference(product(result), whole)).toBeCloseTo(Math.hypot(fifth, sixth), 3);
    const squares = result.singularValues.reduce((sum, value) => sum + value * value, 0);
    expect(Math.sqrt(squares)).toBeCloseTo(norm(whole), 3);
  });

  test("cut by energy, it keeps as few as hold it", () => {
    const { singularValues } = truncatedProduct(left, right, { rank: 6 });
    const squares = singularValues.map((value) => value * value);
    const total = squares.reduce((sum, value) => sum + value, 0);
    const energy = (squares[0]! + squares[1]! + squares[2]! / 2) / total;
    expect(truncatedProduct(left, right, { rank: 6, energy }).left.columns).toBe(3);
  });

  test("with repeated and zero columns it keeps no direction twice", () => {
    const twice: Matrix = { rows: 4, columns: 3, data: Float32Array.of(1, 1, 0, 2, 2, 0, 3, 3, 0, 4, 4, 0) };
    const result = truncatedProduct(twice, random(3, 5, 3n), { rank: 3, energy: 1 });
    expect(difference(product(result), multiply(twice, random(3, 5, 3n)))).toBeLessThan(1e-5);
    expect([...result.singularValues].filter((value) => value > 1e-5)).toHaveLength(1);
  });
});

test("by random projection, energy counts what lies beyond the rank as well", () => {
  // Of 60 singular values of one size, 12 hold a fifth: a tenth takes six of them, a half takes all that may be kept.
  const flat: Matrix = { rows: 60, columns: 60, data: identityData(60) };
  expect(truncatedMatrix(flat, { rank: 12, energy: 0.099 }).left.columns).toBe(6);
  expect(truncatedMatrix(flat, { rank: 12, energy: 0.5 }).left.columns).toBe(12);
});

test("any matrix, by random projection, is nearly as well approximated as can be", () => {
  const matrix = random(60, 45, 5n);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i]! *= 1 / (1 + (i % 45));
  const exact = truncatedProduct(matrix, { rows: 45, columns: 45, data: identityData(45) }, { rank: 10 });
  const rest = exact.singularValues.subarray(10).reduce((sum, value) => sum + value * value, 0);
  expect(difference(product(truncatedMatrix(matrix, { rank: 10 })), matrix)).toBeLessThan(1.01 * Math.sqrt(rest));
  expect(difference(product(truncatedMatrix(transpose(matrix), { rank: 10 })), transpose(matrix))).toBeLessThan(
    1.01 * Math.sqrt(rest),
  );
});

const identityData = (size: number) =>
  Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
