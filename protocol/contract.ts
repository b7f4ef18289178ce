import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { modelKinds } from "../graph/definition.ts";
import { workflowDocumentSchema } from "../graph/document.ts";
import { imageReferenceSchema, runEventSchema } from "../graph/events.ts";
import { devicesContract } from "./devices.ts";
import { foldersContract } from "./folders.ts";
import { galleryContract } from "./gallery.ts";
import { downloadsSchema, modelsContract } from "./models.ts";
import { procedure } from "./procedure.ts";
import { runsContract } from "./runs.ts";
import { subgraphsContract } from "./subgraphs.ts";

/**
 * Everything a renderer can ask of its host: one contract, carried over WebSocket (web host) and MessagePort (Electron).
 * Pictures that a host shows do not travel here: it serves them by content hash.
 */
const hostInfoSchema = z.object({
  version: z.string(),
  platform: z.string(),
  kind: z.enum(["web", "desktop"]),
  engine: z.enum(["starting", "ready", "busy", "restarting"]),
  outputFolder: z.string(),
  modelsFolder: z.string(),
  /** Whether `folders.list` answers: the host serves nobody but who sits at its machine, and no system dialog is there. */
  listsFolders: z.boolean(),
});

const modelEntrySchema = z.object({
  /** What a `model` param holds: path below a models folder with forward slashes, or `starter/...` for the built-in ones. */
  name: z.string(),
  /** The name without the folders of its kind, as ComfyUI's workflows give it: a `model` param may hold this too. */
  shortName: z.string(),
  label: z.string(),
  kind: z.enum(modelKinds),
  description: z.string(),
  builtIn: z.boolean(),
  sizeBytes: z.number(),
});

const templateSchema = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  document: workflowDocumentSchema,
});

/** What happens outside a run: engine state, queue. */
const hostEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("engine-state"), state: hostInfoSchema.shape.engine, message: z.string().optional() }),
  z.object({ type: z.literal("queue"), running: z.string().nullable(), waiting: z.array(z.string()) }),
  z.object({ type: z.literal("run"), event: runEventSchema }),
  z.object({ type: z.literal("downloads"), state: downloadsSchema }),
  /** Models were added or removed, or more is known of them. */
  z.object({ type: z.literal("models-changed") }),
]);

export const contract = {
  info: procedure.output(hostInfoSchema),
  /** One subscription per window: engine state, queue and the events of all runs, in order. */
  events: procedure.output(eventIterator(hostEventSchema)),
  runs: runsContract,
  models: {
    list: procedure.input(z.object({ kind: modelEntrySchema.shape.kind.optional() })).output(z.array(modelEntrySchema)),
    ...modelsContract,
  },
  devices: devicesContract,
  templates: {
    list: procedure.output(z.array(templateSchema)),
  },
  subgraphs: subgraphsContract,
  prompts: {
    /** Names of the wildcard files that a prompt can choose from: `animals`, `nature/flowers`. */
    wildcards: procedure.output(z.array(z.string())),
    /** Tokens of the chat-templated prompt for the checkpoint's tokenizer, and the limit past which it is cut. */
    countTokens: procedure
      .input(z.object({ checkpoint: z.string(), text: z.string().max(20_000) }))
      .output(z.object({ tokens: z.int(), limit: z.int() })),
  },
  gallery: galleryContract,
  folders: foldersContract,
  images: {
    /** Keeps a picture that somebody chose, dropped or pasted; an `image` param names it by the hash that comes back. */
    put: procedure.input(z.object({ file: z.instanceof(Blob) })).output(imageReferenceSchema),
    /** The same with a picture of the web. A person has agreed to this very address. */
    fetch: procedure
      .input(z.object({ address: z.url({ protocol: /^https?$/ }).max(2_000) }))
      .output(imageReferenceSchema),
  },
};

export type Contract = typeof contract;
export type HostInfo = z.infer<typeof hostInfoSchema>;
export type HostEvent = z.infer<typeof hostEventSchema>;
export type ModelEntry = z.infer<typeof modelEntrySchema>;
export type Template = z.infer<typeof templateSchema>;
