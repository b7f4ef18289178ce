import type { DefinitionLookup } from "../definition.ts";
import {
  type JsonValue,
  WORKFLOW_FORMAT,
  WORKFLOW_VERSION,
  type WorkflowDocument,
  type WorkflowLink,
  type WorkflowNode,
} from "../document.ts";
import { parseWorkflow } from "../parse.ts";
import { columnLayout } from "./column-layout.ts";
import type { ReferencedModel } from "./report.ts";

/** The settings of one picture, as services and pictures state them. */
export interface Settings {
  title: string;
  checkpoint: string;
  prompt: string;
  negativePrompt?: string;
  /** A preset of the Image Size node, or pixels. A preset leaves a picture to start from at the size it has. */
  size: string | { width: number; height: number };
  pictures: number;
  /** Params of the Sampler; what is left out is at its default. */
  sampler: Record<string, JsonValue>;
  loras: { name: string; weight: number }[];
  /** Params of Save Image. */
  save: Record<string, JsonValue>;
  /** Start from a picture, with a mask where `masked`; the person puts it in. */
  startsFromPicture?: boolean;
  masked?: boolean;
  /** A ControlNet with a picture that steers. */
  controlNet?: { name: string; strength: number; start: number; end: number };
}

export interface Draft {
  document: WorkflowDocument;
  models: ReferencedModel[];
}

/** The workflow that draws one picture of these settings; `origin` keeps what has no place in it, under the service's name. */
export function draftWorkflow(
  settings: Settings,
  definitions: DefinitionLookup,
  origin: Record<string, JsonValue>,
): Draft {
  const builder = new DraftBuilder(definitions);
  builder.add("model", "load-model", { checkpoint: settings.checkpoint });
  let model = { node: "model", port: "model" };
  if (settings.loras.length > 0) {
    const loras = settings.loras.map((lora) => ({ ...lora, enabled: true }));
    model = builder.chain("loras", "lora-stack", { loras }, model);
  }
  if (settings.controlNet) {
    const { name, ...params } = settings.controlNet;
    model = builder.chain("control", "apply-controlnet", params, model);
    builder.add("control-net", "load-controlnet", { controlNet: name });
    builder.link("control-net", "controlNet", "control", "controlNet");
    builder.add("control-picture", "load-image", {}, "Picture that steers");
    builder.link("control-picture", "image", "control", "image");
    builder.link("model", "vae", "control", "vae");
  }
  builder.add("prompt", "prompt", { text: settings.prompt });
  builder.link("model", "textEncoder", "prompt", "textEncoder");
  const latent = addStart(builder, settings);
  builder.add("sampler", "sampler", settings.sampler);
  builder.link(model.node, model.port, "sampler", "model");
  builder.link("prompt", "conditioning", "sampler", "positive");
  if (settings.negativePrompt !== undefined && settings.negativePrompt !== "") {
    builder.add("negative", "prompt", { text: settings.negativePrompt }, "Negative prompt");
    builder.link("model", "textEncoder", "negative", "textEncoder");
    builder.link("negative", "conditioning", "sampler", "negative");
  }
  builder.link(latent, "latent", "sampler", "latent");
  builder.link("model", "vae", "sampler", "vae");
  builder.add("decode", "vae-decode", {});
  builder.link("sampler", "latent", "decode", "latent");
  builder.link("model", "vae", "decode", "vae");
  builder.add("save", "save-image", settings.save);
  builder.link("decode", "image", "save", "image");
  return builder.finish(settings.title, origin);
}

/** Where sampling starts: nothing but a size, or a picture brought to that size. Returns the node that gives the latent. */
function addStart(builder: DraftBuilder, { size, pictures, startsFromPicture, masked }: Settings): string {
  const sides = typeof size === "string" ? { preset: size } : { preset: "custom", ...size };
  if (!startsFromPicture) {
    builder.add("size", "image-size", { ...sides, batch: pictures });
    return "size";
  }
  builder.add("picture", "load-image", {}, "Picture to start from");
  let image = { node: "picture", port: "image" };
  if (typeof size !== "string") {
    builder.add("resize", "resize-image", { ...size, mode: "fill" });
    builder.link("picture", "image", "resize", "image");
    image = { node: "resize", port: "image" };
  }
  builder.add("encode", "vae-encode", { copies: pictures });
  builder.link(image.node, image.port, "encode", "image");
  builder.link("model", "vae", "encode", "vae");
  if (masked) builder.link("picture", "mask", image.node === "resize" ? "resize" : "encode", "mask");
  if (masked && image.node === "resize") builder.link("resize", "mask", "encode", "mask");
  return "encode";
}

class DraftBuilder {
  readonly #definitions: DefinitionLookup;
  readonly #nodes: WorkflowNode[] = [];
  readonly #links: WorkflowLink[] = [];

  constructor(definitions: DefinitionLookup) {
    this.#definitions = definitions;
  }

  /** A node with all of its params: those given, the rest at their defaults. */
  add(id: string, type: string, params: Record<string, JsonValue>, title?: string): void {
    const definition = this.#definitions(type);
    const defaults = Object.fromEntries(
      (definition?.params ?? []).map((param) => [param.name, param.default as JsonValue]),
    );
    this.#nodes.push({
      id,
      type,
      typeVersion: definition?.version ?? 1,
      position: { x: 0, y: 0 },
      params: { ...defaults, ...params },
      mode: "active",
      ...(title === undefined ? {} : { title }),
    });
  }

  link(from: string, fromPort: string, to: string, toPort: string): void {
    this.#links.push({
      id: `${from}.${fromPort}-${to}.${toPort}`,
      from: { node: from, port: fromPort },
      to: { node: to, port: toPort },
    });
  }

  /** A node that changes the model on its way. */
  chain(id: string, type: string, params: Record<string, JsonValue>, model: { node: string; port: string }) {
    this.add(id, type, params);
    this.link(model.node, model.port, id, "model");
    return { node: id, port: "model" };
  }

  finish(title: string, origin: Record<string, JsonValue>): Draft {
    const document = {
      format: WORKFLOW_FORMAT,
      version: WORKFLOW_VERSION,
      title: title.slice(0, 500),
      nodes: columnLayout(this.#nodes, this.#links),
      links: this.#links,
      ...origin,
    };
    return { document: parseWorkflow(document).document, models: this.#models() };
  }

  #models(): ReferencedModel[] {
    return this.#nodes.flatMap(({ id, type, params }) =>
      (this.#definitions(type)?.params ?? []).flatMap((param) => {
        const name = params[param.name];
        return param.kind === "model" && typeof name === "string" && name !== ""
          ? [{ kind: param.modelKind, name, nodeId: id, param: param.name }]
          : [];
      }),
    );
  }
}
