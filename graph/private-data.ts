import type { DefinitionLookup, ParamDefinition } from "./definition.ts";
import type { JsonValue, SweepAxis, WorkflowDocument, WorkflowNode } from "./document.ts";
import { COMFYUI_PREFIX } from "./placeholder.ts";
import { withSubgraphs } from "./subgraphs/lookup.ts";
import { parseLoras } from "./values.ts";

/**
 * A workflow as one gives it to strangers: without paths of this machine, the folders that models lie in, the pictures
 * that were put in, its id, by which copies could be told to be of one workflow, where it was looked at from, and where a service was to send what it made. Prompts and settings stay:
 * they are the workflow.
 */
export function withoutPrivateData(document: WorkflowDocument, known: DefinitionLookup): WorkflowDocument {
  const definitions = withSubgraphs(document, known);
  const { view: _view, id: _id, ...rest } = document;
  const scrubbed = scrub(rest as JsonValue) as unknown as WorkflowDocument;
  return {
    ...scrubbed,
    nodes: scrubbed.nodes.map((node) => withoutOwnFiles(node, definitions)),
    ...(scrubbed.subgraphs
      ? {
          subgraphs: scrubbed.subgraphs.map(({ view: _inner, ...subgraph }) => ({
            ...subgraph,
            nodes: subgraph.nodes.map((node) => withoutOwnFiles(node, definitions)),
          })),
        }
      : {}),
    ...(scrubbed.sweep ? { sweep: { ...scrubbed.sweep, axes: withoutOwnValues(scrubbed, definitions) } } : {}),
    ...(scrubbed.models
      ? { models: scrubbed.models.map((entry) => ({ ...entry, name: withoutFolders(entry.name) })) }
      : {}),
  };
}

function withoutOwnFiles(node: WorkflowNode, definitions: DefinitionLookup): WorkflowNode {
  const params = { ...node.params };
  for (const param of definitions(node.type)?.params ?? []) {
    const value = params[param.name];
    if (value !== undefined) params[param.name] = withoutOwnFile(param, value);
  }
  return { ...node, params };
}

/** The values that a matrix of runs goes through. */
function withoutOwnValues({ nodes, sweep }: WorkflowDocument, definitions: DefinitionLookup): SweepAxis[] {
  const types = new Map(nodes.map(({ id, type }) => [id, type]));
  return (sweep?.axes ?? []).map((axis) => {
    const params = definitions(types.get(axis.node) ?? "")?.params ?? [];
    const param = params.find(({ name }) => name === axis.param);
    return param ? { ...axis, values: axis.values.map((value) => withoutOwnFile(param, value)) } : axis;
  });
}

/** Models keep their file names, by which they are found in any folder; pictures are chosen anew. */
function withoutOwnFile(param: ParamDefinition, value: JsonValue): JsonValue {
  if (param.kind === "image") return "";
  if (param.kind === "model" && typeof value === "string") return withoutFolders(value);
  if (param.kind !== "loras") return value;
  return parseLoras(value)?.map((entry) => ({ ...entry, name: withoutFolders(entry.name) })) ?? value;
}

/** Checkpoint folders have no file name of their own, and the built-in models are everywhere. */
function withoutFolders(name: string): string {
  if (name.startsWith("starter/") || !/\.(safetensors|gguf|onnx)$/i.test(name)) return name;
  return name.split(/[\\/]/).at(-1) ?? name;
}

/**
 * Paths inside any text: `/home/ann/x.png`, `~/x`, `C:\Users\ann\x`, `\\server\share\x`, `file:///...`. Only what names a
 * person's folders is taken for one: a prompt may hold a slash.
 */
const paths =
  /(?:file:\/\/\/?|(?<![\w:/])(?:[A-Za-z]:[\\/]|\\\\[\w.-]+\\|~[\\/]|\/(?:home|Users|root|mnt|media|Volumes|tmp|var|opt|data|workspace|private)\/))[^\s"'<>|*?]*/g;

/** Pictures and other files inside a text, as services take them; an import keeps what it was given. */
const embeddedFile = /^\s*data:[\w.+-]+\/[\w.+-]+[;,]/i;

/** Places that a request for a service had its results sent to, and what lets people in: an import keeps what it was given. */
const privateField =
  /^(?:(?:fal_)?webhook(?:_?url)?|uploadEndpoint|authorization|(?:api|access|secret)_?(?:key|token)|token|password)$/i;

const webAddress = /https?:\/\/[^\s"'<>]+/gi;
const privateParameter = /token|key|secret|signature|password|credential|^sig$|^auth/i;

/** `isKept`: of another program's nodes, whose settings nobody tells apart; what reads like a weight file's name is one. */
function scrub(value: JsonValue, isKept = false): JsonValue {
  if (typeof value === "string" && embeddedFile.test(value)) return "";
  if (
    typeof value === "string" &&
    isKept &&
    /^(?![a-z]+:\/\/)[^\n]{1,500}\.(safetensors|sft|gguf|onnx|ckpt|pth?)$/i.test(value)
  )
    return value.split(/[\\/]/).at(-1) ?? value;
  if (typeof value === "string") {
    return value.replace(webAddress, withoutCredentials).replace(paths, (path) => path.split(/[\\/]/).at(-1) || "…");
  }
  if (Array.isArray(value)) return value.map((item) => scrub(item, isKept));
  if (typeof value !== "object" || value === null) return value;
  const shared = Object.entries(value).filter(([key]) => !privateField.test(key));
  const isPlaceholder = typeof value.type === "string" && value.type.startsWith(COMFYUI_PREFIX);
  return Object.fromEntries(
    shared.map(([key, item]) => [key, scrub(item, isKept || key === "comfyui" || (isPlaceholder && key === "params"))]),
  );
}

/** An address without its user's name and password, and without what signs it. */
function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  if (!url) return text;
  const secret = [...url.searchParams.keys()].filter((name) => privateParameter.test(name));
  if (secret.length === 0 && !url.username && !url.password) return text;
  url.username = "";
  url.password = "";
  for (const name of secret) url.searchParams.delete(name);
  return url.href;
}
