/** A rectangle in a picture, in its pixels; may lie between them. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Something that a detector found. */
export interface ScoredBox extends Box {
  /** 0 to 1. */
  readonly score: number;
  /** Index of the class. */
  readonly category: number;
}

/** Boxes of one class that share more than this of their area are the same thing (intersection over union). */
const SAME_OVERLAP = 0.5;

/**
 * What an Ultralytics YOLO export gives, as boxes on the model's input that score at least `confidence`:
 *
 * - `[1, 4 + classes, n]` (v8, v11): centre and size, then a score per class; overlapping boxes are not yet sorted out.
 * - `[1, n, 6]` (exported with `nms`, and v10): two corners, score, class.
 *
 * @param classes the rest of the rows of the first form are something else (mask coefficients); all of them without it
 * @returns undefined for an output of another form
 */
export function readYoloOutput(
  data: Float32Array,
  dims: readonly number[],
  { confidence, classes }: { confidence: number; classes?: number | undefined },
): ScoredBox[] | undefined {
  const [batch, rows, columns] = dims;
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) return undefined;
  if (columns === 6 && rows !== 5) return cornerBoxes(data, rows, confidence);
  const categories = classes ?? rows - 4;
  if (categories < 1 || rows < 4 + categories) return undefined;
  return withoutDuplicates(centredBoxes(data, columns, categories, confidence));
}

function centredBoxes(data: Float32Array, count: number, categories: number, confidence: number): ScoredBox[] {
  const boxes: ScoredBox[] = [];
  for (let i = 0; i < count; i++) {
    let [category, score] = [0, Number.NEGATIVE_INFINITY];
    for (let k = 0; k < categories; k++) {
      const value = data[(4 + k) * count + i]!;
      if (value > score) [category, score] = [k, value];
    }
    if (score < confidence) continue;
    const [x, y, width, height] = [data[i]!, data[count + i]!, data[2 * count + i]!, data[3 * count + i]!];
    boxes.push({ left: x - width / 2, top: y - height / 2, width, height, score, category });
  }
  return boxes;
}

function cornerBoxes(data: Float32Array, count: number, confidence: number): ScoredBox[] {
  const boxes: ScoredBox[] = [];
  for (let i = 0; i < count; i++) {
    const [left, top, right, bottom, score, category] = data.subarray(i * 6, i * 6 + 6);
    if (score! < confidence) continue;
    boxes.push({
      left: left!,
      top: top!,
      width: right! - left!,
      height: bottom! - top!,
      score: score!,
      category: category!,
    });
  }
  return boxes.sort((a, b) => b.score - a.score);
}

/** Non-maximum suppression: of boxes around the same thing, the best one. Best first. */
export function withoutDuplicates(boxes: readonly ScoredBox[]): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some((other) => other.category === box.category && overlap(other, box) > SAME_OVERLAP)) kept.push(box);
  }
  return kept;
}

/** Shared area as a share of the area that both cover. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
