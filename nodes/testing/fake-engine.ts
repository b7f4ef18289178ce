import { createHash } from "node:crypto";
import { CancelledError } from "../../common/errors.ts";
import type {
  Checkpoint,
  Conditioning,
  ControlNetModel,
  DiffusionModel,
  EncodeLoraOptions,
  ImageBatch,
  InferenceEngine,
  Latent,
  LoraInspection,
  LoraSource,
  Opened,
  OpenedLora,
  SampleRequest,
  TextEncoderModel,
  UpscaleRequest,
  VaeModel,
  WritingOrder,
  WrittenText,
} from "../../engine/types.ts";
import { resamplePicture } from "../../engine/upscale/resample.ts";

/** Tokens of a prompt that the fake encoder takes: one a word. */
const FAKE_TOKEN_LIMIT = 512;

/**
 * An engine for tests: answers at once, the same for the same request, and counts what it was asked. Pictures are one
 * colour, which depends on prompt, seed and steps.
 */
export class FakeEngine implements InferenceEngine {
  readonly calls: string[] = [];
  readonly requests: SampleRequest[] = [];
  readonly orders: WritingOrder[] = [];
  readonly encoded: { items: ImageBatch["items"]; options: { sampleSeed?: bigint } }[] = [];
  readonly #sessions = new Set<string>();
  /** Called before each step; may wait. */
  beforeStep: (step: number) => Promise<void> | void = () => {};

  get sessionsCreated(): number {
    return this.#sessions.size;
  }

  count(call: string): number {
    return this.calls.filter((name) => name === call).length;
  }

  async openCheckpoint(path: string): Promise<Checkpoint> {
    this.calls.push("openCheckpoint");
    const component = (name: string) => ({
      path: `${path}/${name}`,
      fingerprint: `${path}/${name}`,
      description: "fake",
    });
    return {
      name: "Fake",
      model: {
        kind: "model",
        transformer: component("transformer"),
        loras: [],
        controls: [],
        family: "z-image",
        variant: "turbo",
        shift: 3,
        dynamicShift: false,
        sizeLimits: { min: 112, max: 256, multipleOf: 16 },
      },
      textEncoder: {
        kind: "textEncoder",
        encoder: component("text_encoder"),
        tokenizerPath: `${path}/tokenizer`,
        loras: [],
      },
      vae: { kind: "vae", vae: component("vae") },
      facts: { model: "Fake", precision: "F32" },
    };
  }

  async openDiffusionModel(path: string): Promise<Opened<DiffusionModel>> {
    const { model, facts } = await this.openCheckpoint(path);
    return { value: model, facts };
  }

  async openTextEncoder(path: string): Promise<Opened<TextEncoderModel>> {
    const { textEncoder, facts } = await this.openCheckpoint(path);
    return { value: textEncoder, facts };
  }

  async openVae(path: string): Promise<Opened<VaeModel>> {
    const { vae, facts } = await this.openCheckpoint(path);
    return { value: vae, facts };
  }

  async openControlNet(path: string): Promise<Opened<ControlNetModel>> {
    const controlNet = { path, fingerprint: path, description: "fake" };
    return { value: { kind: "controlNet", controlNet }, facts: { channels: 16 } };
  }

  checkControlNet(): void {
    this.calls.push("checkControlNet");
  }

  async openLora(path: string): Promise<OpenedLora> {
    this.calls.push("openLora");
    return {
      reference: { path, fingerprint: path },
      format: "fake LoRA",
      applied: 3,
      total: 4,
      unapplied: ["stranger.weight"],
      notes: [],
      changesModel: true,
      changesTextEncoder: false,
      triggerWords: [],
      rank: 4,
    };
  }

  async openLoraSource(source: LoraSource): Promise<OpenedLora> {
    const opened = await this.openLora(JSON.stringify(source));
    return { ...opened, reference: { ...opened.reference, source } };
  }

  async inspectLora(): Promise<LoraInspection> {
    this.calls.push("inspectLora");
    return {
      ...{ title: "Fake", format: "fake LoRA", baseModel: undefined, rank: 4, alpha: 4, triggerWords: ["fake"] },
      ...{ applied: 3, total: 4, unapplied: ["stranger.weight"], notes: [], targets: ["attention.to_q"] },
      blocks: [{ block: "layers.0", layers: 1, norm: 1.5, ranks: [4] }],
    };
  }

  async encodeLora(source: LoraSource, _model: DiffusionModel, options: EncodeLoraOptions): Promise<Uint8Array> {
    this.calls.push("encodeLora");
    return Buffer.from(JSON.stringify({ source, options }));
  }

  async warm(component: Parameters<InferenceEngine["warm"]>[0]): Promise<void> {
    this.calls.push("warm");
    this.#sessions.add(component.kind);
  }

  async encodePrompt(encoder: Checkpoint["textEncoder"], text: string): Promise<Conditioning> {
    this.calls.push("encodePrompt");
    const words = text.split(/\s+/).filter(Boolean);
    const tokens = Math.min(words.length, FAKE_TOKEN_LIMIT);
    return {
      kind: "conditioning",
      embeddings: new Float32Array(tokens * 4),
      tokens,
      width: 4,
      truncatedTokens: words.length - tokens,
      text,
      encoder,
    };
  }

  async countTokens(_encoder: Checkpoint["textEncoder"], text: string): Promise<number> {
    return text.split(/\s+/).filter(Boolean).length;
  }

  async sample(request: SampleRequest): Promise<Latent> {
    this.calls.push("sample");
    this.requests.push(request);
    const { latent, steps, signal, onProgress, vae } = request;
    for (let step = 1; step <= steps; step++) {
      await this.beforeStep(step);
      if (signal.aborted) throw new CancelledError();
      onProgress({ step, steps, ...(vae ? { preview: { width: 2, height: 2, data: new Uint8Array(12) } } : {}) });
    }
    const content = [request.positive.text, request.negative?.text, request.seed, steps, request.guidanceScale].join(
      "\n",
    );
    const digest = createHash("sha256").update(content).digest();
    const samples = new Float32Array(latent.batch * 16 * (latent.height / 8) * (latent.width / 8)).fill(digest[0]!);
    return {
      ...latent,
      samples,
      seeds: Array.from({ length: latent.batch }, (_, item) => String(request.seed + BigInt(item))),
    };
  }

  async decode(_vae: Checkpoint["vae"], { width, height, batch, samples, seeds, drawing }: Latent) {
    this.calls.push("decode");
    const items = Array.from({ length: batch }, (_, item) => ({
      width,
      height,
      data: new Uint8Array(width * height * 3).fill(((samples?.[0] ?? 0) + item) % 256),
      ...(seeds?.[item] === undefined ? {} : { seed: seeds[item] }),
      ...(drawing === undefined ? {} : { drawing }),
    }));
    return { kind: "image" as const, items };
  }

  async encode(
    _vae: VaeModel,
    image: ImageBatch,
    _signal: AbortSignal,
    options: { sampleSeed?: bigint } = {},
  ): Promise<Latent> {
    this.calls.push("encode");
    this.encoded.push({ items: image.items, options });
    const { width = 0, height = 0 } = image.items[0] ?? {};
    const samples = new Float32Array(image.items.length * 16 * (width / 8) * (height / 8));
    return { kind: "latent", width, height, samples, batch: image.items.length, source: image };
  }

  /** Twice as large, every pixel as four of it. */
  async upscale(path: string, { items }: ImageBatch, { signal, onProgress }: UpscaleRequest) {
    this.calls.push(`upscale ${path}`);
    signal.throwIfAborted();
    onProgress(1, 1);
    const enlarged = items.map((item) => resamplePicture(item, 2 * item.width, 2 * item.height, "nearest"));
    return { value: { kind: "image" as const, items: enlarged }, facts: { scale: 2 } };
  }

  /** Red pictures have a warm label, others a cold one; warm is unsafe. */
  async classify(path: string, { items }: ImageBatch) {
    this.calls.push(`classify ${path}`);
    const value = items.map(({ data }) => {
      const isWarm = data[0]! > data[2]!;
      return { scores: { warm: isWarm ? 0.9 : 0.2, cold: isWarm ? 0.1 : 0.8 }, unsafe: isWarm ? ["warm"] : [] };
    });
    return { value, facts: { labels: 2 } };
  }

  /** Finds what is bright red: one box around all of it. */
  async detect(path: string, { items }: ImageBatch, { confidence }: { confidence: number }) {
    this.calls.push(`detect ${path} ${confidence}`);
    const value = items.map(({ data, width, height }) => {
      const isRed = (x: number, y: number) => {
        const [red, green] = data.subarray((y * width + x) * 3);
        return red! > 200 && green! < 50;
      };
      const columns = Array.from({ length: width }, (_, x) => x);
      const rows = Array.from({ length: height }, (_, y) => y);
      const across = columns.filter((x) => rows.some((y) => isRed(x, y)));
      const down = rows.filter((y) => columns.some((x) => isRed(x, y)));
      if (across.length === 0) return [];
      const [left, top] = [across[0]!, down[0]!];
      return [
        { left, top, width: across.at(-1)! + 1 - left, height: down.at(-1)! + 1 - top, score: 0.95, label: "red" },
      ];
    });
    return { value, facts: { detector: "red" } };
  }

  /** The negative. */
  async preprocess(path: string, { items }: ImageBatch, { resolution }: { resolution: number }) {
    this.calls.push(`preprocess ${path} ${resolution}`);
    const made = items.map((item) => ({ ...item, data: item.data.map((value) => 255 - value) }));
    return { value: { kind: "image" as const, items: made }, facts: { preprocessor: "fake" } };
  }

  /** Says the text twice, a word at a time, up to the limit. */
  async writeText(_encoder: TextEncoderModel, order: WritingOrder): Promise<WrittenText> {
    this.calls.push("writeText");
    this.orders.push(order);
    const words = `${order.text} ${order.text}`.split(/\s+/).filter(Boolean).slice(0, order.maxTokens);
    for (let count = 1; count <= words.length; count++) {
      if (order.signal.aborted) throw new CancelledError();
      order.onText(words.slice(0, count).join(" "), count);
    }
    return { text: words.join(" "), tokens: words.length, isComplete: words.length < order.maxTokens };
  }

  async dispose(): Promise<void> {
    this.#sessions.clear();
  }
}
