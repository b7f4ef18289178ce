import { describe, expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { addLink, addNode } from "./commands.ts";
import { obviousInputs, obviousOutputs } from "./obvious-links.ts";
import { applyPatches } from "./patch.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "", nodes: [], links: [] };
const definitionOf = (type: string) => {
  const definition = findDefinition(type);
  if (!definition) throw new Error(type);
  return definition;
};

/** Adds nodes one behind the other, as somebody does by keyboard: each behind the last. */
function build(...types: string[]): { document: WorkflowDocument; links: string[] } {
  let document = empty;
  let last: string | undefined;
  for (const type of types) {
    const { patches, nodeId } = addNode(document, definitionOf(type), { x: 0, y: 0 });
    const ends = last ? obviousInputs(document, findDefinition, nodeId, definitionOf(type), [last]) : [];
    document = applyPatches(document, patches);
    for (const end of ends) document = applyPatches(document, addLink(document, end));
    last = nodeId;
  }
  return { document, links: document.links.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`) };
}

describe("links that go without saying", () => {
  it("join text to image with a LoRA as its nodes are added", () => {
    const { links } = build("load-model", "load-lora", "prompt", "image-size", "sampler", "vae-decode", "save-image");
    expect(links.sort()).toEqual(
      [
        "load-model.model load-lora.model",
        "load-model.textEncoder load-lora.textEncoder",
        "load-lora.textEncoder prompt.textEncoder",
        "load-lora.model sampler.model",
        "prompt.conditioning sampler.positive",
        "image-size.latent sampler.latent",
        "sampler.latent vae-decode.latent",
        "load-model.vae vae-decode.vae",
        "vae-decode.image save-image.image",
      ].sort(),
    );
  });

  it("never guess numbers, nor use one output twice for what may stay empty", () => {
    const { links } = build("load-model", "prompt", "sampler");
    expect(links.some((link) => link.endsWith("sampler.negative") || link.endsWith("sampler.seed"))).toBe(false);
  });

  it("serve what the chosen node still needs, for who builds from the end", () => {
    const { document } = build("sampler");
    const latent = obviousOutputs(document, findDefinition, "new", definitionOf("image-size"), ["sampler"]);
    expect(latent).toEqual([{ from: { node: "new", port: "latent" }, to: { node: "sampler", port: "latent" } }]);
  });
});
