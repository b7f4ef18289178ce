import type { InferenceEngine, RgbImage } from "../engine/types.ts";
import type { ModelKind } from "../graph/definition.ts";
import type { ImageReference, Preview } from "../graph/events.ts";

/** Turns the name that a workflow gives for a model into a place on this machine. */
export interface ModelLibrary {
  /**
   * @throws HeddleError `model-not-found`, `model-outside-folders` (the name leads out of the models folders)
   */
  resolve(kind: ModelKind, name: string): Promise<ResolvedModel>;
}

export interface ResolvedModel {
  /** Real path of the folder or file. */
  path: string;
  /** Changes when any file of the model changes (path, size or modification time). */
  identity: string;
}

/** Pictures by content hash. */
export interface ImageStore {
  /** Keeps the bytes of a picture file. */
  put(bytes: Uint8Array, facts: PictureFacts): Promise<ImageReference>;
  /** Makes a picture that was saved as an ordinary file known by its hash, without a copy. */
  register(path: string, bytes: Uint8Array, facts: PictureFacts): Promise<ImageReference>;
  /** Whether the picture can still be shown. */
  has(hash: string): Promise<boolean>;
  /** The bytes of the picture file with exactly that content; `undefined` when there is none. */
  read(hash: string): Promise<Uint8Array | undefined>;
}

export interface PictureFacts {
  width: number;
  height: number;
  mimeType: string;
  /** Decimal. */
  seed?: string | undefined;
  /** What a safety check said of it. */
  hasNsfwConcepts?: boolean | undefined;
}

/** The folder that saved pictures go to; nothing is ever overwritten. */
export interface OutputFolder {
  /**
   * Writes a new file. `name` is a relative path with forward slashes and no extension; `%counter%` in it becomes the
   * first free number.
   * @returns the absolute path
   * @throws HeddleError `output-not-writable`, `output-outside-folder`
   */
  write(name: string, extension: string, bytes: Uint8Array): Promise<string>;
  has(path: string): Promise<boolean>;
}

export interface InputFile {
  /** Relative, with forward slashes. */
  readonly name: string;
  /** Changes when the file does. */
  readonly version: string;
}

/** The pictures that the owner of this machine lets workflows read, in one folder. */
export interface InputFolder {
  /**
   * Picture files in a folder below (`""` for the folder itself), by name.
   * @throws HeddleError `input-folder-not-found`, `input-folder-outside`, `input-folder-too-large`
   */
  list(folder: string, subfolders: boolean): Promise<readonly InputFile[]>;
  /** @throws HeddleError `input-folder-not-found`, `input-folder-outside` */
  read(name: string): Promise<Uint8Array>;
}

/** Makes the small live pictures of a running sampler. */
export interface PreviewEncoder {
  encode(image: RgbImage): Promise<Preview>;
}

/** Lists of words that prompts choose from. */
export interface WildcardLibrary {
  /**
   * The options of a wildcard file, at least one.
   * @throws HeddleError `wildcard-not-found`, `wildcard-name-invalid`, `wildcard-unusable`
   */
  read(name: string): Promise<readonly string[]>;
  /** Changes when any wildcard file changes. */
  identity(): Promise<string>;
}

/** Whether pictures are looked at before they are shown or saved, where a workflow does not say. */
export interface SafetySettings {
  readonly isCheckOn: boolean;
}

/** What the nodes need from the engine side. */
export interface NodeServices {
  engine: InferenceEngine;
  models: ModelLibrary;
  images: ImageStore;
  output: OutputFolder;
  /** Where LoRAs that were made here go: below the models folder. */
  loraFolder: Pick<OutputFolder, "write">;
  wildcards: WildcardLibrary;
  inputs: InputFolder;
  safety: SafetySettings;
  /** Absent where nobody watches: no previews are computed then. */
  previews?: PreviewEncoder;
  /** The time, for file names. */
  now(): Date;
}
