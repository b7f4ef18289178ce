/** Part of a file: from `start` up to but not including `end`, in bytes. */
export type ByteRange = readonly [start: number, end: number];

/** Adds a range to a sorted list without overlaps. */
export function withRange(ranges: readonly ByteRange[], [start, end]: ByteRange): ByteRange[] {
  if (end <= start) return [...ranges];
  let merged: ByteRange = [start, end];
  const rest: ByteRange[] = [];
  for (const range of ranges) {
    if (range[1] < merged[0] || range[0] > merged[1]) rest.push(range);
    else merged = [Math.min(range[0], merged[0]), Math.max(range[1], merged[1])];
  }
  return [...rest, merged].sort((a, b) => a[0] - b[0]);
}

/** What is not in `ranges` of a file of `size` bytes. */
export function missingRanges(ranges: readonly ByteRange[], size: number): ByteRange[] {
  const missing: ByteRange[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at) missing.push([at, start]);
    at = Math.max(at, end);
  }
  return at < size ? [...missing, [at, size]] : missing;
}

export function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}
