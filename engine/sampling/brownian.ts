/**
 * Brownian motion over the noise levels of a run, the same for the same seed whatever the steps: as
 * `torchsde.BrownianTree` draws it, which ComfyUI's DPM++ SDE solvers take their noise from.
 */
import { TorchGenerator } from "./noise.ts";
import type { NoiseSource } from "./noise-source.ts";
import { seedFromSequence } from "./seed-sequence.ts";

const SEED_POOL_SIZE = 24;
/** Places are rounded to this many decimals. */
const DECIMALS = 6;
/** Increments of tree nodes that are kept: those on the way to the last places asked for are needed again. */
const CACHED_NODES = 45;

/** One half of its parent's interval. Its number counts the nodes of its depth from the left. */
interface Node {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly number: number;
  readonly parent: Node | null;
}

export class BrownianTree {
  readonly #seed: bigint;
  readonly #count: number;
  readonly #root: Node;
  readonly #rootIncrement: Float32Array;
  readonly #increments = new Map<Node, Float32Array>();
  readonly #halves = new Map<Node, readonly [left: Node, right: Node]>();

  /** @param count independent motions, one per value of the latent. */
  constructor(seed: bigint, start: number, end: number, count: number) {
    this.#seed = seed;
    this.#count = count;
    this.#root = { start: roundPlace(start), end: roundPlace(end), depth: 0, number: 0, parent: null };
    const scale = Math.fround(Math.sqrt(end - start));
    this.#rootIncrement = this.#normals(seedFromSequence(seed, [], SEED_POOL_SIZE)).map((value) => value * scale);
  }

  /** Change of the motion from `from` to `to` (`from` < `to`); outside of the tree's interval nothing changes. */
  increment(from: number, to: number): Float32Array {
    const place = (value: number) => roundPlace(Math.min(Math.max(value, this.#root.start), this.#root.end));
    const parts = place(from) < place(to) ? this.#partition(this.#root, place(from), place(to)) : [];
    const sum = new Float32Array(this.#count);
    for (const node of parts) {
      const part = this.#incrementOf(node);
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + part[i]!;
    }
    return sum;
  }

  /** The nodes, from left to right, that make up [from, to] within `node`. */
  #partition(node: Node, from: number, to: number): Node[] {
    if (from === node.start && to === node.end) return [node];
    const [left, right] = this.#halvesOf(node);
    const middle = left.end;
    if (to <= middle) return this.#partition(left, from, to);
    if (from >= middle) return this.#partition(right, from, to);
    return [...this.#partition(left, from, middle), ...this.#partition(right, middle, to)];
  }

  #halvesOf(node: Node): readonly [left: Node, right: Node] {
    let halves = this.#halves.get(node);
    if (halves === undefined) {
      const { start, end, depth, number } = node;
      const middle = roundPlace(0.5 * (end + start));
      halves = [
        { start, end: middle, depth: depth + 1, number: 2 * number, parent: node },
        { start: middle, end, depth: depth + 1, number: 2 * number + 1, parent: node },
      ];
      this.#halves.set(node, halves);
    }
    return halves;
  }

  #incrementOf(node: Node): Float32Array {
    const { parent } = node;
    if (parent === null) return this.#rootIncrement;
    const cached = this.#increments.get(node);
    if (cached !== undefined) return cached;

    const whole = this.#incrementOf(parent);
    const [leftNode, rightNode] = this.#halvesOf(parent);
    const leftLength = leftNode.end - parent.start;
    const rightLength = parent.end - leftNode.end;
    const perLength = 1 / (parent.end - parent.start);
    const noise = this.#normals(seedFromSequence(this.#seed, [parent.number, parent.depth], SEED_POOL_SIZE));

    // A Brownian bridge between the ends of the parent, rounded to float32 after each operation like the reference.
    const round = Math.fround;
    const [length32, perLength32] = [round(leftLength), round(perLength)];
    const deviation32 = round(Math.sqrt(leftLength * rightLength * perLength));
    const left = noise.map((value, i) => round(round(length32 * whole[i]!) * perLength32) + round(deviation32 * value));
    const right = whole.map((value, i) => value - left[i]!);
    this.#keep(leftNode, left);
    this.#keep(rightNode, right);
    return node === leftNode ? left : right;
  }

  #keep(node: Node, increment: Float32Array): void {
    this.#increments.set(node, increment);
    if (this.#increments.size > CACHED_NODES) {
      const [oldest] = this.#increments.keys();
      this.#increments.delete(oldest!);
    }
  }

  #normals(seed: number): Float32Array {
    return new TorchGenerator(BigInt(seed)).randn(this.#count);
  }
}

/** Noise for a run over `sigmas`: the tree spans its noise levels above 0. */
export function brownianNoise(seed: bigint, sigmas: Float32Array): NoiseSource {
  const positive = sigmas.filter((sigma) => sigma > 0);
  const [lowest, highest] = [Math.min(...positive), Math.max(...positive)];
  let tree: BrownianTree | null = null;
  return {
    draw(count, sigma, next) {
      tree ??= new BrownianTree(seed, lowest, highest, count);
      const scale = Math.fround(Math.sqrt(Math.fround(Math.fround(sigma) - Math.fround(next))));
      // Sampling walks down the noise levels, against the direction of the motion.
      return tree.increment(Math.fround(next), Math.fround(sigma)).map((value) => -value / scale);
    },
  };
}

/** Rounded to {@link DECIMALS} decimals, ties to the even digit, like Python's `round`. */
function roundPlace(value: number): number {
  const rounded = Number(value.toFixed(DECIMALS));
  const exact = value.toFixed(20);
  const isTie = exact.slice(exact.indexOf(".") + 1 + DECIMALS) === "5".padEnd(20 - DECIMALS, "0");
  if (!isTie) return rounded;
  const truncated = exact.slice(0, exact.indexOf(".") + 1 + DECIMALS);
  return Number(truncated.at(-1)) % 2 === 0 ? Number(truncated) : rounded;
}
