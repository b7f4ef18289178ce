import { z } from "zod";
import { modelKinds } from "../graph/definition.ts";
import { errorPayloadSchema } from "../graph/events.ts";
import { procedure } from "./procedure.ts";

/** The model library, its downloads and its catalogue, as the model manager shows them. */
const kind = z.enum(modelKinds);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What the header of a weight file tells. */
export const modelFactsSchema = z.object({
  /** "Z-Image", or what other family it looks like. */
  family: z.string().nullable(),
  variant: z.enum(["turbo", "base"]).nullable(),
  /** The type most of the weights are stored in: `BF16`, `scaled F8_E4M3`, `Q4_K`. */
  precision: z.string().nullable(),
  parameters: z.number().nullable(),
  title: z.string().nullable(),
  triggerWords: z.array(z.string()),
  /** Why Heddle cannot use it. */
  problem: errorPayloadSchema.nullable(),
});

/** Where a file can be had or came from. */
const originSchema = z.object({
  repository: z.string().nullable(),
  file: z.string().nullable(),
  revision: z.string().nullable(),
  url: z.string().nullable(),
  licence: z.string().nullable(),
});

const modelDetailsSchema = modelFactsSchema.extend({
  name: z.string(),
  label: z.string(),
  kind,
  description: z.string(),
  builtIn: z.boolean(),
  sizeBytes: z.number(),
  /** The folder that it was found in. */
  source: z.string(),
  path: z.string(),
  sha256: sha256.nullable(),
  /** Whether the facts are still being read. */
  pending: z.boolean(),
  /** Hash of a picture beside the file that shows what it does. */
  preview: sha256.nullable(),
  /** ISO time. */
  lastUsed: z.string().nullable(),
  origin: originSchema,
});

const folderSchema = z.object({
  path: z.string(),
  program: z.enum(["folder", "comfyui", "forge", "yaml"]),
  /** Why nothing can be read there at present. */
  problem: errorPayloadSchema.optional(),
  fixed: z.boolean(),
});

const diskSchema = z.object({
  /** The models folders that lie on it, as `folders.list` names them. */
  folders: z.array(z.string()),
  /** Derived weights are kept on it. */
  hasDerived: z.boolean(),
  totalBytes: z.number(),
  /** What Heddle may still fill. */
  freeBytes: z.number(),
});

export const downloadStates = ["waiting", "checking", "downloading", "verifying", "paused", "failed", "done"] as const;

const downloadSchema = z.object({
  id: z.string(),
  /** As workflows will name it. */
  name: z.string(),
  kind,
  state: z.enum(downloadStates),
  /** Bytes that are safely here, of `sizeBytes` (null while unknown). */
  bytes: z.number(),
  sizeBytes: z.number().nullable(),
  bytesPerSecond: z.number(),
  origin: originSchema,
  /** What is waited for, when a server asked for patience. */
  waitingUntil: z.string().nullable(),
  error: errorPayloadSchema.nullable(),
});

export const downloadsSchema = z.object({
  downloads: z.array(downloadSchema),
  /** Bytes per second for all together; null for as fast as possible. */
  bandwidthLimit: z.number().nullable(),
  /** Whether a token for gated files is kept. */
  hasToken: z.boolean(),
});

/** A file to be fetched: from the hub, or from any address. */
const sourceSchema = z.object({
  repository: z.string().min(3).max(200).optional(),
  file: z.string().min(1).max(500).optional(),
  revision: z.string().min(1).max(100).optional(),
  url: z.string().min(8).max(2_000).optional(),
  sha256: sha256.optional(),
  sizeBytes: z.number().positive().optional(),
  licence: z.string().max(200).optional(),
});

const offerSchema = z.object({
  source: sourceSchema,
  fileName: z.string(),
  kind: kind.nullable(),
  sizeBytes: z.number().nullable(),
  licence: z.string().nullable(),
  gated: z.boolean(),
});

/** How a model would run here. */
const fitSchema = z.object({
  verdict: z.enum(["fits", "reduced", "slow", "too-large"]),
  /** The precision in which it would run. */
  plan: z.string(),
  memoryBytes: z.number(),
  neededBytes: z.number(),
});

const catalogueEntrySchema = z.object({
  id: z.string(),
  title: z.string(),
  titleZh: z.string(),
  description: z.string(),
  descriptionZh: z.string(),
  kind,
  family: z.string(),
  variant: z.string().nullable(),
  precision: z.string(),
  group: z.enum(["model", "encoder", "vae", "control", "tokenizer"]),
  recommended: z.boolean(),
  /** Ids of the entries that are needed along with it. */
  needs: z.array(z.string()),
  source: sourceSchema,
  fileName: z.string(),
  sizeBytes: z.number(),
  licence: z.string(),
  licenceUrl: z.string(),
  /** Whether the file is on this machine. */
  installed: z.boolean(),
  fit: fitSchema.nullable(),
});

/** A model that a workflow names, with what the workflow knows of it. */
const wantedSchema = z.object({
  kind,
  name: z.string().max(1_000),
  sha256: sha256.optional(),
  sizeBytes: z.number().optional(),
  repository: z.string().optional(),
  file: z.string().optional(),
  revision: z.string().optional(),
  url: z.string().optional(),
  licence: z.string().optional(),
});

/** What can be done about a model that is not where the workflow says. */
const foundSchema = z.object({
  kind,
  name: z.string(),
  /** It is there. */
  present: z.boolean(),
  /** The same content, or a file of the same name, elsewhere in the models folders. */
  matches: z.array(z.object({ name: z.string(), source: z.string(), by: z.enum(["content", "file-name"]) })),
  /** Installations of other programs, not added yet, that have a file of that name. */
  elsewhere: z.array(z.object({ folder: z.string(), program: z.enum(["folder", "comfyui", "forge", "yaml"]) })),
  offer: offerSchema.nullable(),
  /** Bytes of files that could be it and whose content is not known yet. */
  unsearchedBytes: z.number(),
});

export const modelsContract = {
  /** What is known of every model; facts that are not known yet are read meanwhile, and `models-changed` tells. */
  library: procedure.output(z.array(modelDetailsSchema)),
  /** Computes the SHA-256 of a model's file, which can take a minute; null for a folder. */
  hash: procedure.input(z.object({ kind, name: z.string() })).output(sha256.nullable()),
  /** Whether a file still has the content that it was published or first seen with. */
  verify: procedure
    .input(z.object({ kind, name: z.string() }))
    .output(z.object({ result: z.enum(["matches", "differs", "unknown"]), sha256: sha256.nullable() })),
  folders: {
    list: procedure.output(z.array(folderSchema)),
    add: procedure.input(z.object({ path: z.string().min(1).max(4_000) })).output(folderSchema),
    remove: procedure.input(z.object({ path: z.string() })).output(z.object({ removed: z.boolean() })),
    /** The disks that models and derived weights lie on, that of Heddle's own folder first. */
    disks: procedure.output(z.array(diskSchema)),
  },
  catalogue: procedure.output(z.array(catalogueEntrySchema)),
  /** What a repository of the hub, or an address, has to offer. Asks the hub; called when a person asks. */
  browse: procedure
    .input(z.object({ text: z.string().min(3).max(2_000) }))
    .output(z.object({ repository: z.string().nullable(), offers: z.array(offerSchema) })),
  find: procedure
    .input(z.object({ wanted: z.array(wantedSchema).max(500), deep: z.boolean().optional() }))
    .output(z.array(foundSchema)),
  /** What is known of models that a workflow names, to be written into its file. */
  references: procedure
    .input(z.object({ wanted: z.array(z.object({ kind, name: z.string().max(1_000) })).max(500) }))
    .output(z.array(wantedSchema)),
  downloads: {
    /** Begins to fetch a file: the one thing here that uses the network without a further question. */
    start: procedure
      .input(z.object({ kind, source: sourceSchema, fileName: z.string().max(200).optional() }))
      .output(z.object({ id: z.string() })),
    pause: procedure.input(z.object({ id: z.string() })).output(z.object({})),
    resume: procedure.input(z.object({ id: z.string() })).output(z.object({})),
    /** Stops it and removes what was fetched; a finished one is only taken off the list. */
    cancel: procedure.input(z.object({ id: z.string() })).output(z.object({})),
    settings: procedure
      .input(
        z.object({
          bandwidthLimit: z.number().min(1_000).nullable().optional(),
          token: z.string().max(500).nullable().optional(),
        }),
      )
      .output(z.object({})),
  },
  derived: {
    list: procedure.output(
      z.array(
        z.object({
          id: z.string(),
          model: z.string(),
          plan: z.string(),
          sizeBytes: z.number(),
          /** Its model is gone or another one now: nothing will use it. */
          isStale: z.boolean(),
        }),
      ),
    ),
    remove: procedure.input(z.object({ ids: z.array(z.string()).max(1_000) })).output(z.object({ bytes: z.number() })),
  },
};

export type ModelFacts = z.infer<typeof modelFactsSchema>;
export type ModelDetails = z.infer<typeof modelDetailsSchema>;
export type ModelFolder = z.infer<typeof folderSchema>;
export type Disk = z.infer<typeof diskSchema>;
export type Download = z.infer<typeof downloadSchema>;
export type DownloadState = Download["state"];
export type Downloads = z.infer<typeof downloadsSchema>;
export type ModelSource = z.infer<typeof sourceSchema>;
export type ModelOffer = z.infer<typeof offerSchema>;
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;
export type Fit = z.infer<typeof fitSchema>;
export type WantedModel = z.infer<typeof wantedSchema>;
export type FoundModel = z.infer<typeof foundSchema>;
