import { HeddleError } from "../../common/errors.ts";
import { MersenneTwister } from "./mersenne-twister.ts";

/** Values that torch draws and transforms together; smaller tensors take another path. */
const BLOCK = 16;
const HALF_BLOCK = BLOCK / 2;
const MAX_SEED = 2n ** 64n - 1n;
const TWO_PI = 2 * Math.PI;

/**
 * Torch's generator for the CPU: the same seed gives the values that `torch.randn(shape, generator=g)` and
 * `torch.rand` give in float32, and the state continues from one draw to the next.
 *
 * Facts it has to share with torch: only the low 32 bits of a seed count; 16 or more normal values are drawn as float32
 * in blocks of 16, fewer are drawn one by one in double precision, where every second value comes from the pair before.
 */
export class TorchGenerator {
  readonly #bits: MersenneTwister;
  /** The second value of a pair drawn by the double-precision path, waiting for the next short draw. */
  #spareNormal: number | null = null;

  /** @param seed 0 to 2^64 - 1. */
  constructor(seed: bigint) {
    if (seed < 0n || seed > MAX_SEED) {
      throw new HeddleError({
        code: "seed-out-of-range",
        message: `The seed ${seed} is not between 0 and ${MAX_SEED}.`,
        help: "Use a whole number from 0 to 18446744073709551615.",
        field: "seed",
        details: { seed: String(seed) },
      });
    }
    this.#bits = new MersenneTwister(Number(seed & 0xffffffffn));
  }

  /** `torch.rand`: float32 values in [0, 1) with 24 random bits each. */
  rand(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#uniform24();
    return values;
  }

  /** `torch.randn`: float32 standard normal values, in the memory order of a contiguous tensor of `count` elements. */
  randn(count: number): Float32Array {
    return count >= BLOCK ? this.#randnBlocks(count) : this.#randnScalars(count);
  }

  #randnBlocks(count: number): Float32Array {
    const values = this.rand(count);
    for (let start = 0; start + BLOCK <= count; start += BLOCK) toNormalBlock(values, start);
    if (count % BLOCK !== 0) {
      // The last 16 values are drawn afresh, over the ones that the last whole block already filled.
      const start = count - BLOCK;
      values.set(this.rand(BLOCK), start);
      toNormalBlock(values, start);
    }
    return values;
  }

  #randnScalars(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#normalDouble();
    return values;
  }

  #normalDouble(): number {
    if (this.#spareNormal !== null) {
      const value = this.#spareNormal;
      this.#spareNormal = null;
      return value;
    }
    const angle = TWO_PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  #uniform24(): number {
    return (this.#bits.nextUint32() & 0xffffff) / 2 ** 24;
  }

  #uniform53(): number {
    const high = this.#bits.nextUint32();
    const low = this.#bits.nextUint32();
    return ((high & 0x1fffff) * 2 ** 32 + low) / 2 ** 53;
  }
}

/** Box-Muller within one block, in place: value i pairs with value i + 8. Rounded to float32 where torch rounds. */
function toNormalBlock(values: Float32Array, start: number): void {
  const round = Math.fround;
  for (let i = start; i < start + HALF_BLOCK; i++) {
    const radius = round(Math.sqrt(round(-2 * round(Math.log(1 - values[i]!)))));
    const angle = round(round(TWO_PI) * values[i + HALF_BLOCK]!);
    values[i] = radius * round(Math.cos(angle));
    values[i + HALF_BLOCK] = radius * round(Math.sin(angle));
  }
}
