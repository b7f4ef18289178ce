import { expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { errorsOf, validateWorkflow } from "../../graph/validate.ts";
import { nodeDefinitions } from "../../nodes/definitions.ts";
import { destinations, withLoader, withPicture } from "./picture-workflow.ts";

const files = import.meta.glob<WorkflowDocument>("../../resources/templates/*.json", {
  eager: true,
  import: "default",
});
const template = (id: string) => files[`../../resources/templates/${id}.json`] as WorkflowDocument;
const definitionOf = (type: string) => nodeDefinitions.find((definition) => definition.type === type);
const HASH = "ab".repeat(32);

it.each(destinations.filter((id) => id !== "canvas"))(
  "a picture that is sent to %s is what the workflow begins with",
  (id) => {
    const document = withPicture(withLoader(template(id)), HASH, "a dog");
    const loader = document.nodes.find(({ type }) => type === "load-image");
    expect(loader?.params.image).toBe(`sha256:${HASH}`);
    expect(document.links.some(({ from }) => from.node === loader?.id)).toBe(true);
    expect(errorsOf(validateWorkflow(document, definitionOf))).toEqual([]);
  },
);

it("draws nothing in order to enlarge a picture", () => {
  const { nodes, links } = withLoader(template("upscale"));
  expect(nodes.map(({ type }) => type)).toEqual(["load-image", "upscale-image", "sharpen-image", "save-image"]);
  expect(links).toHaveLength(3);
});

it("keeps what else than the drawing needs", () => {
  const { nodes } = withLoader(template("hires-fix"));
  const types = nodes.map(({ type }) => type);
  expect(types).toContain("load-model");
  expect(types.filter((type) => type === "sampler")).toHaveLength(1);
});
