import { HeddleError } from "../../common/errors.ts";
import type { TensorInfo } from "../weights/tensor.ts";
import type { WeightSet } from "../weights/weight-set.ts";

/** An upscaler as its weights show it. */
export type UpscalerArchitecture = RrdbNet | CompactNet;

/** The generator of ESRGAN and Real-ESRGAN: residual-in-residual dense blocks, then doublings. */
interface RrdbNet {
  readonly kind: "rrdb";
  /** Under the names of BasicSR: conv_first, body.0.rdb1.conv1, ..., conv_body, conv_up1, ..., conv_hr, conv_last. */
  readonly weights: WeightSet;
  readonly blocks: number;
  readonly features: number;
  readonly growth: number;
  /** How many times the result is doubled. */
  readonly doublings: number;
  /** Pixels a side that are folded into channels first (Real-ESRGAN's 2x and 1x models); 1 is none. */
  readonly unshuffle: number;
  readonly scale: number;
}

/** Real-ESRGAN's small "SRVGGNetCompact": plain convolutions with PReLU, then one pixel shuffle. */
interface CompactNet {
  readonly kind: "compact";
  /** body.0, body.1 (PReLU), ... */
  readonly weights: WeightSet;
  readonly convolutions: number;
  readonly features: number;
  readonly unshuffle: 1;
  readonly scale: number;
}

const RGB = 3;

/**
 * @throws HeddleError `upscaler-unknown` when the tensors are those of no ESRGAN-family model, `upscaler-channels` when it
 *   is not made for RGB pictures
 */
export function detectUpscaler(set: WeightSet): UpscalerArchitecture {
  const plain = new Map(
    [...set.tensors].map(([name, tensor]) => [name.replace(/^(params_ema|params|module)\./, ""), tensor]),
  );
  const compact = detectCompact({ ...set, tensors: plain });
  if (compact) return compact;
  const tensors = new Map<string, TensorInfo>();
  const oldConvolutions = lastConvolutions(plain.keys());
  for (const [name, tensor] of plain) {
    const canonical = canonicalName(name, oldConvolutions);
    if (canonical === undefined) throw unknownUpscaler(set, `it holds "${name}"`, { cause: "tensor", tensor: name });
    tensors.set(canonical, tensor);
  }
  const first = shapeOf(tensors, "conv_first.weight");
  const dense = shapeOf(tensors, "body.0.rdb1.conv1.weight");
  if (!first || !dense) throw unknownUpscaler(set, "it has no dense blocks", { cause: "no-blocks" });
  const [features, channels] = first as [number, number];
  const unshuffle = Math.sqrt(channels / RGB);
  if (!Number.isInteger(unshuffle)) throw wrongChannels(set, channels);
  const count = (pattern: RegExp) => new Set([...tensors.keys()].flatMap((name) => pattern.exec(name)?.[1] ?? [])).size;
  const doublings = count(/^conv_up(\d+)\./);
  return {
    kind: "rrdb",
    weights: { ...set, tensors },
    blocks: count(/^body\.(\d+)\./),
    features,
    growth: dense[0]!,
    doublings,
    unshuffle,
    scale: 2 ** doublings / unshuffle,
  };
}

function detectCompact(set: WeightSet): CompactNet | undefined {
  const { tensors } = set;
  const indices = [...tensors.keys()].map((name) => /^body\.(\d+)\.(weight|bias)$/.exec(name)?.[1]);
  if (indices.some((index) => index === undefined)) return undefined;
  const first = shapeOf(tensors, "body.0.weight");
  const last = shapeOf(tensors, `body.${Math.max(...indices.map(Number))}.weight`);
  if (first?.length !== 4 || last?.length !== 4) return undefined;
  if (first[1] !== RGB) throw wrongChannels(set, first[1]!);
  const scale = Math.sqrt(last[0]! / RGB);
  if (!Number.isInteger(scale)) {
    throw unknownUpscaler(set, `its last layer has ${last[0]} channels`, { cause: "last-layer", channels: last[0]! });
  }
  const convolutions = (new Set(indices).size + 1) / 2;
  return { kind: "compact", weights: set, convolutions, features: first[0]!, unshuffle: 1, scale };
}

/** The name in BasicSR's form, from that, from the first ESRGAN code, or from the layer numbers before it. */
function canonicalName(name: string, oldConvolutions: ReadonlyMap<string, string>): string | undefined {
  const [, layer, part] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  if (layer === undefined) return undefined;
  const dense = /^(?:body|RRDB_trunk|model\.1\.sub)\.(\d+)\.(?:rdb|RDB)([123])\.conv([1-5])(?:\.0)?$/.exec(layer);
  if (dense) return `body.${dense[1]}.rdb${dense[2]}.conv${dense[3]}.${part}`;
  const known =
    oldConvolutions.get(layer) ??
    { trunk_conv: "conv_body", HRconv: "conv_hr", "model.0": "conv_first" }[layer] ??
    (/^model\.1\.sub\.\d+$/.test(layer) ? "conv_body" : undefined) ??
    /^(conv_(?:first|body|hr|last|up\d))$/.exec(layer)?.[1] ??
    layer.replace(/^upconv(\d)$/, "conv_up$1");
  return /^conv_(first|body|hr|last|up\d)$/.test(known) ? `${known}.${part}` : undefined;
}

/** The convolutions behind the trunk in files that number their layers: the last two, and before them the doublings. */
function lastConvolutions(names: Iterable<string>): ReadonlyMap<string, string> {
  const numbers = [...names]
    .flatMap((name) => /^model\.(\d+)\.weight$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((number) => number > 1)
    .sort((a, b) => a - b);
  const roles = numbers.map((_, i) =>
    i < numbers.length - 2 ? `conv_up${i + 1}` : i < numbers.length - 1 ? "conv_hr" : "conv_last",
  );
  return new Map(numbers.map((number, i) => [`model.${number}`, roles[i]!]));
}

function shapeOf(tensors: ReadonlyMap<string, TensorInfo>, name: string): readonly number[] | undefined {
  return tensors.get(name)?.shape;
}

type Mark = { cause: "tensor"; tensor: string } | { cause: "no-blocks" } | { cause: "last-layer"; channels: number };

function unknownUpscaler({ path }: WeightSet, what: string, mark: Mark): HeddleError {
  return new HeddleError({
    code: "upscaler-unknown",
    message: `"${path}" is no upscaler that Heddle knows: ${what}.`,
    help: "Use an ESRGAN or Real-ESRGAN model (RRDBNet or SRVGGNetCompact) as safetensors.",
    field: "upscaler",
    details: { path, ...mark },
  });
}

function wrongChannels({ path }: WeightSet, channels: number): HeddleError {
  return new HeddleError({
    code: "upscaler-channels",
    message: `The upscaler "${path}" takes ${channels} channels, not the red, green and blue of a picture.`,
    help: "Use an upscaler that is made for colour pictures.",
    field: "upscaler",
    details: { path, channels },
  });
}
