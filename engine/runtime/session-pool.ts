import * as ort from "onnxruntime-node";
import { HeddleError } from "../../common/errors.ts";
import type { BuiltModel } from "../onnx/graph-builder.ts";
import { readFloats } from "../weights/read-tensor.ts";
import { threadCount } from "./thread-count.ts";
import { disposeUploaded, Uploader } from "./uploader.ts";

export type Feeds = Record<string, ort.Tensor>;

/** A loaded graph. Inputs and outputs are float32 unless the graph says otherwise. */
export class Session {
  readonly #session: ort.InferenceSession;
  readonly weightBytes: number;
  readonly #uploader: Pick<Uploader, "upload"> | undefined;
  #held: { owner: object; feeds: Feeds } | undefined;

  /** @param uploader of a device that values can be kept on */
  constructor(session: ort.InferenceSession, weightBytes: number, uploader?: Pick<Uploader, "upload">) {
    this.#session = session;
    this.weightBytes = weightBytes;
    this.#uploader = uploader;
  }

  /**
   * Inputs that stay the same for many runs: made, and brought to the device where it has memory of its own, once for as long
   * as `owner` is the same object.
   */
  async hold(owner: object, make: () => Feeds): Promise<Feeds> {
    if (this.#uploader === undefined) return make();
    if (this.#held?.owner !== owner) {
      this.#letGo();
      this.#held = { owner, feeds: await this.#uploader.upload(make()) };
    }
    return this.#held.feeds;
  }

  #letGo(): void {
    if (this.#held !== undefined) disposeUploaded(this.#held.feeds);
    this.#held = undefined;
  }

  /** Inputs and outputs of the graph, which only files that others made can tell at run time. */
  get ports(): Record<"inputs" | "outputs", readonly ort.InferenceSession.ValueMetadata[]> {
    return { inputs: this.#session.inputMetadata, outputs: this.#session.outputMetadata };
  }

  /** Runs the graph; resolves with its outputs by name. */
  async run(feeds: Feeds): Promise<Record<string, ort.Tensor>> {
    return this.#session.run(feeds);
  }

  async release(): Promise<void> {
    this.#letGo();
    await this.#session.release();
  }
}

/**
 * What computes. WebGPU is every vendor's graphics processor through one bundled provider; the others are the systems' and
 * vendors' own: DirectML, CoreML, CUDA.
 */
export type Device = "cpu" | "webgpu" | "dml" | "coreml" | "cuda";

/** How a session treats its weights and its memory. */
export interface SessionSettings {
  /**
   * Read weights from their file when they are needed instead of holding a reordered copy: small, quickly created, but slower.
   * What is stored narrower than float32 is widened whenever the session runs, and not held so from its creation on; a
   * session widens nearly all of that before it uses the first, so it should have one layer where much of it is narrow.
   */
  readonly mapped?: boolean;
  /** Keep 8-bit products exact on processors whose fast instructions saturate; slower there. */
  readonly exactIntegers?: boolean;
  /** Give the memory of intermediate values back after every run. */
  readonly releaseMemory?: boolean;
  /** Let the processor compute what the device cannot: for models whose operators are not of our choosing. */
  readonly allowsFallback?: boolean;
}

/** A graph, and how its session is to be made. */
export type LoadableModel = BuiltModel & { readonly settings?: SessionSettings };

interface SessionPlace {
  /** `cpu` by default. */
  readonly device?: Device;
  readonly threads?: number;
}

export interface SessionPoolOptions extends SessionPlace {
  /** Weights kept loaded, in bytes; least recently used sessions are released first. */
  memoryBudgetBytes: number;
}

/**
 * Sessions are created once per key and kept. A session in use is never released: `use` marks it busy for as long as
 * the work it is given runs. Work that memory does not suffice for is done again once all idle sessions are released, so it
 * must be repeatable.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #entries = new Map<string, { session: Promise<Session>; bytes: number; users: number }>();
  readonly #uploader: Uploader | undefined;
  #created = 0;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#uploader = options.device === "webgpu" ? new Uploader() : undefined;
  }

  /** WebGPU ends the process on products without elements; only the processor is known to take them. */
  get allowsEmpty(): boolean {
    return (this.#options.device ?? "cpu") === "cpu";
  }

  /** Values between graphs can be kept in half precision, which not every graphics processor has. */
  get keepsHalfPrecision(): boolean {
    return (this.#options.device ?? "cpu") === "cpu";
  }

  get memoryBudgetBytes(): number {
    return this.#options.memoryBudgetBytes;
  }

  /** Sessions created since the pool was made. */
  get created(): number {
    return this.#created;
  }

  /** The weights of all loaded sessions, in bytes. */
  get loadedBytes(): number {
    let bytes = 0;
    for (const entry of this.#entries.values()) bytes += entry.bytes;
    return bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  async use<T>(
    key: string,
    build: () => LoadableModel | Promise<LoadableModel>,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#attempt(key, build, work);
    } catch (error) {
      if (!isOutOfMemory(error) || !(await this.#releaseIdle(key))) throw error;
      return this.#attempt(key, build, work);
    }
  }

  async #attempt<T>(
    key: string,
    build: () => LoadableModel | Promise<LoadableModel>,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entries.get(key) ?? this.#create(key, build);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users++;
    try {
      return await work(await entry.session);
    } catch (error) {
      throw asRuntimeError(error);
    } finally {
      entry.users--;
    }
  }

  /** Releases a session that nobody uses, with the memory that its runs have kept. */
  async release(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.users > 0) return;
    this.#entries.delete(key);
    await (await entry.session).release();
  }

  /** Releases every session but `key` that nobody uses; says whether there was one. */
  async #releaseIdle(key: string): Promise<boolean> {
    const idle = [...this.#entries].filter(([other, { users }]) => other !== key && users === 0);
    for (const [other, entry] of idle) {
      this.#entries.delete(other);
      await (await entry.session).release();
    }
    return idle.length > 0;
  }

  #create(
    key: string,
    build: () => LoadableModel | Promise<LoadableModel>,
  ): { session: Promise<Session>; bytes: number; users: number } {
    const entry = { session: this.#load(key, build), bytes: 0, users: 0 };
    entry.session.catch(() => this.#entries.delete(key));
    return entry;
  }

  async #load(key: string, build: () => LoadableModel | Promise<LoadableModel>): Promise<Session> {
    const model = await build();
    // Mapped weights are the system's to drop and read again; decoded ones lie inside the graph.
    const isOnDisk = model.settings?.mapped === true && model.decoded.length === 0;
    const bytes = isOnDisk ? 0 : model.weightBytes;
    await this.#makeRoom(bytes, key);
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.bytes = bytes;
    this.#created++;
    return createSession(model, this.#options, this.#uploader);
  }

  async #makeRoom(bytes: number, newcomer: string): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (this.loadedBytes + bytes <= this.#options.memoryBudgetBytes) return;
      if (entry.users > 0 || key === newcomer) continue;
      this.#entries.delete(key);
      await (await entry.session).release();
    }
  }

  async dispose(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries)
      await entry.session.then(
        (session) => session.release(),
        () => undefined,
      );
    await this.#uploader?.release();
  }
}

export async function createSession(
  model: LoadableModel,
  { device = "cpu", threads = threadCount() }: SessionPlace = {},
  uploader?: Uploader,
): Promise<Session> {
  const { mapped = false, exactIntegers = false, releaseMemory = false, allowsFallback = false } = model.settings ?? {};
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(releaseMemory && { enableCpuMemArena: false, enableMemPattern: false }),
    extra: {
      session: {
        ...(model.weightsFolder !== undefined && {
          model_external_initializers_file_folder_path: model.weightsFolder,
        }),
        ...(mapped && { disable_prepacking: "1" }),
        ...(exactIntegers && { x64quantprecision: "1" }),
        // A node that went to the processor would copy its values back and forth at every step: better to hear of it.
        ...(device === "webgpu" && !allowsFallback && { disable_cpu_ep_fallback: "1" }),
      },
      // What is folded is read at once and held as float32 from then on.
      ...(mapped && { optimization: { disable_specified_optimizers: "ConstantFolding" } }),
    },
  };
  const bytes = model.encode(await Promise.all(model.decoded.map(readFloats)));
  try {
    return new Session(await ort.InferenceSession.create(bytes, options), model.weightBytes, uploader);
  } catch (error) {
    throw asRuntimeError(error);
  }
}

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof HeddleError && error.code === "out-of-memory";

/** The runtime reports everything as plain errors with a text; memory exhaustion is told apart by it. */
function asRuntimeError(error: unknown): unknown {
  if (error instanceof HeddleError || !(error instanceof Error)) return error;
  // Threads need memory for their stacks: they are often the first that there is no room for.
  if (/bad_alloc|[Ff]ailed to allocate|[Cc]annot allocate|out of memory|BFCArena|pthread_create/.test(error.message)) {
    return new HeddleError(
      {
        code: "out-of-memory",
        message: "There is not enough memory for this step.",
        help: "Choose a smaller picture, a smaller batch or a smaller precision plan, or close other programs, and run again.",
        details: { runtimeMessage: error.message },
      },
      { cause: error },
    );
  }
  return new HeddleError(
    {
      code: "runtime-failed",
      message: "The inference runtime refused to go on.",
      help: "Check that the model’s files are complete. If they are, copy the report from the log and file an issue.",
      details: { runtimeMessage: error.message },
    },
    { cause: error },
  );
}
