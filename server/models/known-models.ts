import type { WorkflowDocument } from "../../graph/document.ts";
import { modelsUsed, withModelReferences } from "../../graph/model-references.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import type { ModelManager } from "./model-manager.ts";

/** The document with what this machine knows of its models, as it goes into pictures. */
export async function withKnownModels(
  models: Pick<ModelManager, "references">,
  document: WorkflowDocument,
): Promise<WorkflowDocument> {
  const used = modelsUsed(document, findDefinition);
  if (used.length === 0) return document;
  const known = await models.references(used.map(({ kind, name }) => ({ kind, name }))).catch(() => []);
  return withModelReferences(document, known, findDefinition);
}
