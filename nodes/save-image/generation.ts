import type { DrawingFacts } from "../../engine/types.ts";
import type { JsonValue, WorkflowDocument, WorkflowNode } from "../../graph/document.ts";
import { flattenWorkflow } from "../../graph/subgraphs/flatten.ts";
import { indexWorkflow, resolveSource, type WorkflowIndex } from "../../graph/topology.ts";
import { readParams } from "../../graph/values.ts";
import { findDefinition } from "../definitions.ts";

/** How a picture was made, read from the workflow behind it. */
export interface Generation {
  prompt: string;
  negativePrompt: string;
  checkpoint: string | undefined;
  sampler: { steps: number; guidance: number; solver: string; schedule: string; denoise: number } | undefined;
}

/** The same as the picture itself tells it: what came over links, and not what the fields said. */
export function generationOf(drawing: DrawingFacts | undefined, behind: Generation): Generation {
  if (drawing === undefined) return behind;
  const { prompt, negativePrompt, ...sampler } = drawing;
  return { prompt, negativePrompt, checkpoint: behind.checkpoint, sampler };
}

const loaders = ["load-model", "load-diffusion-model"];

/** Looks behind `nodeId` for the nearest Sampler, and from there for its prompts and its model. */
export function generationBehind(document: WorkflowDocument, nodeId: string): Generation {
  const search = new UpstreamSearch(document);
  const sampler = search.nearest(nodeId, "sampler");
  const promptAt = (port: string) => {
    const start = sampler && search.sourceOf(sampler.id, port);
    const node = start && search.nearest(start, "prompt");
    return node ? search.textOf(node) : "";
  };
  const loader = search.nearest(sampler ? (search.sourceOf(sampler.id, "model") ?? sampler.id) : nodeId, ...loaders);
  const loaderParams = loader && paramsOf(loader);
  const samplerParams = sampler && paramsOf(sampler);
  return {
    prompt: promptAt("positive"),
    negativePrompt: promptAt("negative"),
    checkpoint: loaderParams ? String(loaderParams.checkpoint ?? loaderParams.diffusionModel) : undefined,
    sampler: samplerParams && {
      steps: Number(samplerParams.steps),
      guidance: Number(samplerParams.guidance),
      solver: String(samplerParams.solver),
      schedule: String(samplerParams.schedule),
      denoise: Number(samplerParams.denoise),
    },
  };
}

/**
 * The settings in the form that other programs read and show: the prompt, a line for the negative prompt, a line of
 * `Name: value` pairs.
 */
export function parametersText(
  generation: Generation,
  picture: { width: number; height: number; seed?: string },
): string {
  const { prompt, negativePrompt, checkpoint, sampler } = generation;
  const settings = [
    ...(sampler
      ? [
          `Steps: ${sampler.steps}`,
          `Sampler: ${sampler.solver}`,
          `Schedule type: ${sampler.schedule}`,
          `CFG scale: ${sampler.guidance}`,
        ]
      : []),
    ...(picture.seed === undefined ? [] : [`Seed: ${picture.seed}`]),
    `Size: ${picture.width}x${picture.height}`,
    ...(checkpoint === undefined ? [] : [`Model: ${checkpoint}`]),
    ...(sampler && sampler.denoise < 1 ? [`Denoising strength: ${sampler.denoise}`] : []),
    "Version: Heddle",
  ].join(", ");
  return [prompt, ...(negativePrompt ? [`Negative prompt: ${negativePrompt}`] : []), settings].join("\n");
}

class UpstreamSearch {
  readonly #index: WorkflowIndex;

  constructor(document: WorkflowDocument) {
    this.#index = indexWorkflow(flattenWorkflow(document).document);
  }

  /** The id of the node that feeds an input. */
  sourceOf(nodeId: string, port: string): string | undefined {
    const link = this.#index.linksInto.get(nodeId)?.get(port);
    const source = link && resolveSource(this.#index, findDefinition, link.from);
    return source?.kind === "port" ? source.node : undefined;
  }

  /** The prompt as it is written: in the node, or in the one that is linked to it. */
  textOf(node: WorkflowNode): string {
    const linked = this.sourceOf(node.id, "text");
    return String((linked === undefined ? node : this.#index.nodes.get(linked))?.params.text ?? "");
  }

  /** The node itself, or the one of these types that the fewest links lead to, going up. */
  nearest(startId: string, ...types: string[]): WorkflowNode | undefined {
    const seen = new Set([startId]);
    for (const id of seen) {
      const node = this.#index.nodes.get(id);
      if (node && types.includes(node.type)) return node;
      for (const port of this.#index.linksInto.get(id)?.keys() ?? []) {
        const source = this.sourceOf(id, port);
        if (source !== undefined) seen.add(source);
      }
    }
    return undefined;
  }
}

function paramsOf(node: WorkflowNode): Record<string, JsonValue> {
  const definition = findDefinition(node.type);
  return definition ? readParams(definition, node) : node.params;
}
