/** Whole numbers below `limit`, from a generator of values in [-1, 1). */
export type Random = () => number;

export function below(random: Random, limit: number): number {
  return Math.min(limit - 1, Math.floor(((random() + 1) / 2) * limit));
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[below(random, choices.length)]!;
}

/** Numbers that lengths, counts and offsets should never have been. */
const nastyNumbers = [
  0n,
  1n,
  2n,
  7n,
  8n,
  255n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Mutation = (bytes: Buffer, random: Random) => Buffer;

function flipBits(bytes: Buffer, random: Random): Buffer {
  const reach = pick(random, [64, 512, 4096, bytes.length]);
  for (let flips = 1 + below(random, 16); flips > 0 && bytes.length > 0; flips--) {
    bytes[below(random, Math.min(reach, bytes.length))]! ^= 1 << below(random, 8);
  }
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, below(random, pick(random, [16, 512, 8192, bytes.length])));
}

function extend(bytes: Buffer, random: Random): Buffer {
  const more = Buffer.from(Array.from({ length: 1 + below(random, 64) }, () => below(random, 256)));
  return Buffer.concat([bytes, more]);
}

function overwriteNumber(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 8) return bytes;
  const at = below(random, Math.min(bytes.length - 8, pick(random, [1, 32, 512, 8192])) + 1);
  const value = pick(random, nastyNumbers);
  if (below(random, 2) === 0) bytes.writeBigUInt64LE(value, at);
  else bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)), at);
  return bytes;
}

function moveChunk(bytes: Buffer, random: Random): Buffer {
  const length = below(random, Math.min(bytes.length, 256));
  const from = below(random, bytes.length - length + 1);
  bytes.copyWithin(below(random, bytes.length - length + 1), from, from + length);
  return bytes;
}

function blank(bytes: Buffer, random: Random): Buffer {
  const at = below(random, bytes.length + 1);
  return bytes.fill(pick(random, [0, 0x20, 0x22, 0x7b, 0xff]), at, Math.min(bytes.length, at + below(random, 64)));
}

export const byteMutations: readonly Mutation[] = [flipBits, truncate, extend, overwriteNumber, moveChunk, blank];

const oddValues: readonly unknown[] = [
  null,
  -1,
  0.5,
  1e308,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 31,
  "12",
  [],
  {},
  true,
  "F32",
  "Q4_K",
  "\u0000",
  [2 ** 30, 2 ** 30],
  [0],
  [0, 0, 2 ** 50],
  [[1]],
  Array.from({ length: 40 }, () => 2),
];
const oddNames = [
  "__proto__",
  "constructor",
  "__metadata__",
  "",
  "\u0000",
  "../../etc/passwd",
  "x".repeat(5000),
  "layers.999999999.a",
  "decoder.up.99.block.0.conv1.weight",
  "layers.0.attention.qkv.weight",
  "lora_unet_",
  "a.lokr_w1",
  "b.alpha",
];

type Header = Record<string, Record<string, unknown>>;

/** Spoils the JSON of a safetensors header and keeps its length right, so that what is behind the JSON is reached. */
export function spoilHeader(bytes: Buffer, random: Random): Buffer {
  const { header, data } = split(bytes);
  for (let edits = 1 + below(random, 4); edits > 0; edits--) editEntry(header, data.length, random);
  let text = JSON.stringify(header);
  if (below(random, 8) === 0) text = `${text.slice(0, -1)},${text.slice(1)}`;
  if (below(random, 8) === 0) text = text.padEnd(text.length + below(random, 100), " ");
  return join(text, data);
}

/** Edits that leave a valid file, but not the one it was: other names, shapes of the same size, swapped tensors. */
export function rearrangeHeader(bytes: Buffer, random: Random): Buffer {
  const { header, data } = split(bytes);
  for (let edits = 1 + below(random, 4); edits > 0; edits--) rearrangeEntry(header, random);
  return join(JSON.stringify(header), data);
}

function split(bytes: Buffer): { header: Header; data: Buffer } {
  const length = Number(bytes.readBigUInt64LE(0));
  return { header: JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Header, data: bytes.subarray(8 + length) };
}

function join(text: string, data: Buffer): Buffer {
  const json = Buffer.from(text);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([start, json, data]);
}

const endings = [
  "lora_A.weight",
  "lora_B.weight",
  "alpha",
  "dora_scale",
  "diff",
  "diff_b",
  "lokr_w1",
  "lokr_w2",
  "lokr_w1_a",
  "lokr_w1_b",
  "lokr_w2_a",
  "lokr_w2_b",
  "hada_w1_a",
  "hada_w1_b",
  "hada_w2_a",
  "hada_w2_b",
  "scale_weight",
  "weight",
];

function rearrangeEntry(header: Header, random: Random): void {
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  if (names.length < 2) return;
  const [name, other] = [pick(random, names), pick(random, names)];
  const [entry, otherEntry] = [header[name]!, header[other]!];
  const shape = entry.shape as number[];
  switch (below(random, 6)) {
    case 0:
      delete header[name];
      return;
    case 1:
      delete header[name];
      header[name.replace(/[^.]+(\.weight)?$/, pick(random, endings))] = entry;
      return;
    case 2:
      header[name] = otherEntry;
      header[other] = entry;
      return;
    case 3:
      entry.shape = pick(random, [
        shape.toReversed(),
        [shape.reduce((a, b) => a * b, 1)],
        [...shape, 1],
        [1, ...shape],
      ]);
      return;
    case 4:
      if (entry.dtype !== "F32" || shape.length === 0) return;
      entry.dtype = pick(random, ["BF16", "F16"]);
      entry.shape = [...shape.slice(0, -1), shape.at(-1)! * 2];
      return;
    default:
      delete header[name];
      header[name.replace(/\d+/, String(below(random, 3)))] = entry;
  }
}

function editEntry(header: Header, dataBytes: number, random: Random): void {
  const names = Object.keys(header);
  const name = pick(random, names.length > 0 ? names : [""]);
  const found: unknown = header[name];
  const entry = typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  switch (below(random, 8)) {
    case 0:
      delete header[name];
      return;
    case 1:
      delete header[name];
      header[pick(random, oddNames)] = entry;
      return;
    case 2:
      header[pick(random, names.concat(oddNames))] = { ...entry };
      return;
    case 3:
      entry.dtype = pick(random, ["F32", "F16", "BF16", "F64", "F8_E4M3", "F8_E5M2", "I64", "U8", "BOOL", "F4", 7]);
      return;
    case 4:
      entry.shape = pick(random, [
        pick(random, oddValues),
        [below(random, 100), below(random, 100)],
        reversed(entry.shape),
      ]);
      return;
    case 5:
      entry.data_offsets = pick(random, [
        pick(random, oddValues),
        [below(random, dataBytes + 1), below(random, dataBytes + 1)],
        [dataBytes, dataBytes + below(random, 1000)],
        reversed(entry.data_offsets),
      ]);
      return;
    case 6:
      header[name] = pick(random, oddValues) as Record<string, unknown>;
      return;
    default:
      header.__metadata__ = pick(random, [
        {
          lora_adapter_metadata: pick(random, [
            "{",
            '{"transformer.lora_alpha":1e999}',
            '{"transformer.lora_alpha":"x"}',
          ]),
        },
        { ss_tag_frequency: '{"a":{"b":-1}}', "modelspec.title": "" },
        pick(random, oddValues) as Record<string, unknown>,
      ]);
  }
}

function reversed(value: unknown): unknown {
  return Array.isArray(value) ? value.toReversed() : value;
}
