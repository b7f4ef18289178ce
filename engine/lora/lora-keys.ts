/** The roles that tensors play for one module. */
export type Slot =
  | "down"
  | "up"
  | "upBias"
  | "alpha"
  | "magnitude"
  | "diff"
  | "diffBias"
  | "lokr_w1"
  | "lokr_w1_a"
  | "lokr_w1_b"
  | "lokr_w2"
  | "lokr_w2_a"
  | "lokr_w2_b"
  | "hada_w1_a"
  | "hada_w1_b"
  | "hada_w2_a"
  | "hada_w2_b";

/** Endings of tensor names. An adapter's name may stand before `.weight` ("lora_A.default.weight"). */
const endings: readonly [RegExp, Slot][] = [
  [/[._](?:lora_B|lora_up|lora\.up)(?:\.[^.]+)?\.bias$/, "upBias"],
  [/[._](?:lora_A|lora_down|lora\.down|lora_linear_layer\.down)(?:\.[^.]+)?(?:\.weight)?$/, "down"],
  [/[._](?:lora_B|lora_up|lora\.up|lora_linear_layer\.up)(?:\.[^.]+)?(?:\.weight)?$/, "up"],
  [/\.(?:dora_scale|(?:lora_)?magnitude_vector)(?:\.[^.]+)?(?:\.weight)?$/, "magnitude"],
  [/\.(?:lora_)?alpha$/, "alpha"],
  [/\.diff$/, "diff"],
  [/\.diff_b$/, "diffBias"],
];
const factorEnding = /\.((?:lokr_w[12](?:_[ab])?)|(?:hada_w[12]_[ab]))(?:\.default)?$/;

/** Splits a tensor name into the module it is about and the role it plays; undefined for a name of no known kind. */
export function splitKey(key: string): { module: string; slot: Slot } | undefined {
  for (const [ending, slot] of endings) {
    const match = ending.exec(key);
    if (match !== null) return { module: key.slice(0, match.index), slot };
  }
  const factor = factorEnding.exec(key);
  return factor === null ? undefined : { module: key.slice(0, factor.index), slot: factor[1] as Slot };
}
