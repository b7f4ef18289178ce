/** MT19937 (Matsumoto and Nishimura, 1998), seeded the way `torch.Generator("cpu").manual_seed` seeds it. */

const STATE_WORDS = 624;
const SHIFT_WORDS = 397;
const TWIST_MATRIX = 0x9908b0df;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;

export class MersenneTwister {
  readonly #state = new Uint32Array(STATE_WORDS);
  #next = STATE_WORDS;

  /** @param seed 32 bits. */
  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < STATE_WORDS; i++) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 random bits, as an unsigned integer. */
  nextUint32(): number {
    if (this.#next === STATE_WORDS) this.#twist();
    let bits = this.#state[this.#next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return bits >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_WORDS; i++) {
      const mixed = (state[i]! & UPPER_BIT) | (state[(i + 1) % STATE_WORDS]! & LOWER_BITS);
      const shifted = (mixed >>> 1) ^ (mixed & 1 ? TWIST_MATRIX : 0);
      state[i] = state[(i + SHIFT_WORDS) % STATE_WORDS]! ^ shifted;
    }
    this.#next = 0;
  }
}
