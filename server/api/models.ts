import { HeddleError } from "../../common/errors.ts";
import type { ModelEntry } from "../../protocol/contract.ts";

/** The hosted services' two models. */
export type ModelFamily = "base" | "turbo";

/** How long a request may wait for a model that it wants fetched. */
const DOWNLOAD_MS = 15 * 60_000;

/** Fetches a model from an address, and gives its name in the models folder. */
export type FetchModel = (kind: ModelEntry["kind"], url: string, signal: AbortSignal) => Promise<string>;

/** Which models of this machine stand in for those of the services. */
export class ServedModels {
  readonly #list: (kind: ModelEntry["kind"]) => Promise<ModelEntry[]>;
  readonly #chosen: Partial<Record<ModelFamily, string>>;
  readonly #fetchModel: FetchModel | undefined;

  /**
   * @param chosen what the owner set, by family
   * @param fetchModel only where the owner lets programs have models downloaded
   */
  constructor(
    list: (kind: ModelEntry["kind"]) => Promise<ModelEntry[]>,
    chosen: Partial<Record<ModelFamily, string | undefined>> = {},
    fetchModel?: FetchModel,
  ) {
    this.#list = list;
    this.#fetchModel = fetchModel;
    this.#chosen = { base: chosen.base, turbo: chosen.turbo } as Partial<Record<ModelFamily, string>>;
  }

  /** The owner's choice, else the first checkpoint whose name says that it is of the family, else the starter model. */
  async checkpoint(family: ModelFamily): Promise<string> {
    const chosen = this.#chosen[family];
    if (chosen !== undefined) return chosen;
    const own = (await this.#list("checkpoint")).filter(({ builtIn }) => !builtIn);
    const isTurbo = ({ name }: ModelEntry) => /turbo/i.test(name);
    const isBase = (entry: ModelEntry) => /z[-_ ]?image/i.test(entry.name) && !isTurbo(entry);
    return own.find(family === "turbo" ? isTurbo : isBase)?.name ?? `starter/${family}`;
  }

  /** The checkpoint of that name; `undefined` when there is none. */
  async findCheckpoint(name: string): Promise<string | undefined> {
    return (await this.#list("checkpoint")).find((entry) => entry.name === name)?.name;
  }

  /**
   * A model by its name in the models folder; the folders before its name and the ending may be left out. Or by its https
   * address, where the owner allows that.
   * @throws HeddleError `model-not-found`, `download-refused`, and what a download may end with
   */
  async find(kind: "lora" | "controlNet", name: string): Promise<string> {
    if (/^[a-z]+:\/\//i.test(name)) {
      if (this.#fetchModel && /^https?:/i.test(name))
        return this.#fetchModel(kind, name, AbortSignal.timeout(DOWNLOAD_MS));
      throw new HeddleError({
        code: "download-refused",
        message: "This Heddle does not download models for its clients.",
        help: "Put the file into its models folder, and give its name; or let its owner set HEDDLE_API_DOWNLOADS=1.",
        details: { name },
      });
    }
    const entries = await this.#list(kind);
    const isMeant = (path: string) => path === name || path.endsWith(`/${name}`);
    const found =
      entries.find((entry) => entry.name === name) ??
      entries.find((entry) => isMeant(entry.name)) ??
      entries.find((entry) => isMeant(entry.name.replace(/\.\w+$/, "")));
    if (found) return found.name;
    throw new HeddleError({
      code: "model-not-found",
      message: `There is no ${kind === "lora" ? "LoRA" : "ControlNet"} "${name.slice(0, 200)}" on this machine.`,
      help: "Put the file into its models folder, and give its name.",
      details: { name },
    });
  }

  /** The ControlNet that also knows what it is to leave alone; `undefined` when there is none. */
  async inpaintControlNet(): Promise<string | undefined> {
    return (await this.#list("controlNet")).find(({ name }) => /union/i.test(name))?.name;
  }

  /** The classifier that looks at pictures; `undefined` when the owner has put none there. */
  async classifier(): Promise<string | undefined> {
    return (await this.#list("classifier"))[0]?.name;
  }

  /**
   * What finds faces.
   * @throws HeddleError `model-not-found`
   */
  async faceDetector(): Promise<string> {
    const entries = await this.#list("detector");
    const found = entries.find(({ name }) => /face/i.test(name)) ?? entries[0];
    if (found) return found.name;
    throw new HeddleError({
      code: "model-not-found",
      message: "There is no face detector on this machine.",
      help: "Put a YOLO model for faces as ONNX, such as face_yolov8n.onnx, into the folder detectors of the models folder.",
    });
  }

  /**
   * What turns pictures into hints of depth or pose.
   * @throws HeddleError `model-not-found`
   */
  async preprocessor(method: "depth" | "pose"): Promise<string> {
    const found = (await this.#list("preprocessor")).find(({ name }) => name.toLowerCase().includes(method));
    if (found) return found.name;
    throw new HeddleError({
      code: "model-not-found",
      message: `There is no preprocessor for ${method} on this machine.`,
      help: `Put one as ONNX, with ${method} in its name, into the folder preprocessors of the models folder.`,
    });
  }

  /** The ControlNet that is used where a request names none. */
  async defaultControlNet(): Promise<string> {
    const entries = await this.#list("controlNet");
    const found = entries.find(({ name }) => /union/i.test(name)) ?? entries[0];
    if (found) return found.name;
    throw new HeddleError({
      code: "model-not-found",
      message: "There is no ControlNet on this machine.",
      help: "Put one for Z-Image into the folder controlnet of the models folder.",
    });
  }
}
