/** numpy's `SeedSequence` (after O'Neill's `seed_seq_fe`): turns one seed into well-mixed seeds for many generators. */

const INITIAL_HASH = 0x43b0d7e5;
const HASH_MULTIPLIER = 0x931e8875;
const INITIAL_OUTPUT_HASH = 0x8b51f9dd;
const OUTPUT_HASH_MULTIPLIER = 0x58f38ded;
const MIX_LEFT = 0xca01f9dd;
const MIX_RIGHT = 0x4973f715;

/** The 32-bit words of a number, lowest first; 0 is one word. */
function words(value: bigint): number[] {
  const result: number[] = [];
  for (let rest = value; result.length === 0 || rest > 0n; rest >>= 32n) result.push(Number(rest & 0xffffffffn));
  return result;
}

/**
 * The first word of `SeedSequence(entropy, spawn_key=..., pool_size=...).generate_state(n)`, which does not depend on n.
 * @returns 32 bits.
 */
export function seedFromSequence(entropy: bigint, spawnKey: readonly number[], poolSize: number): number {
  const own = words(entropy);
  // A spawn key must not be mistaken for more entropy.
  while (spawnKey.length > 0 && own.length < poolSize) own.push(0);
  const input = [...own, ...spawnKey.flatMap((key) => words(BigInt(key)))];

  let hash = INITIAL_HASH;
  const hashed = (value: number): number => {
    const mixed = value ^ hash;
    hash = Math.imul(hash, HASH_MULTIPLIER);
    const product = Math.imul(mixed, hash);
    return product ^ (product >>> 16);
  };
  const mix = (left: number, right: number): number => {
    const difference = (Math.imul(MIX_LEFT, left) - Math.imul(MIX_RIGHT, right)) | 0;
    return difference ^ (difference >>> 16);
  };

  const pool = Array.from({ length: poolSize }, (_, i) => hashed(input[i] ?? 0));
  for (let source = 0; source < poolSize; source++) {
    for (let target = 0; target < poolSize; target++) {
      if (source !== target) pool[target] = mix(pool[target]!, hashed(pool[source]!));
    }
  }
  for (const word of input.slice(poolSize)) {
    for (let target = 0; target < poolSize; target++) pool[target] = mix(pool[target]!, hashed(word));
  }

  const outputHash = Math.imul(INITIAL_OUTPUT_HASH, OUTPUT_HASH_MULTIPLIER);
  const product = Math.imul(pool[0]! ^ INITIAL_OUTPUT_HASH, outputHash);
  return (product ^ (product >>> 16)) >>> 0;
}
