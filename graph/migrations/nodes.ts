import type { DefinitionLookup } from "../definition.ts";
import { type WorkflowDocument, type WorkflowNode, workflowNodeSchema } from "../document.ts";
import { type Migration, migrateFields } from "./migration.ts";

/**
 * Steps between versions of a node type, by type: they go with each raise of a definition's `version`, and change the
 * node's params. All nodes are at their first version so far.
 */
export const nodeMigrations: Readonly<Record<string, readonly Migration[]>> = {};

export interface UpgradedWorkflow {
  document: WorkflowDocument;
  /** Nodes that were made with an older version and are of the present one now. */
  upgraded: string[];
}

/**
 * Brings nodes that were saved with an older version of their type to the present one. Opening a workflow does not do
 * this: somebody asks for it. A node without a way to the present version stays as it is.
 */
export function upgradeNodes(
  document: WorkflowDocument,
  definitions: DefinitionLookup,
  migrations: Readonly<Record<string, readonly Migration[]>> = nodeMigrations,
): UpgradedWorkflow {
  const upgraded: string[] = [];
  const upgrade = (node: WorkflowNode): WorkflowNode => {
    const target = definitions(node.type)?.version ?? node.typeVersion;
    const steps = Object.hasOwn(migrations, node.type) ? migrations[node.type]! : [];
    if (node.typeVersion >= target) return node;
    const fields = migrateFields(node, node.typeVersion, target, steps, "typeVersion");
    if (!fields) return node;
    upgraded.push(node.id);
    return workflowNodeSchema.parse(fields);
  };
  const nodes = document.nodes.map(upgrade);
  const subgraphs = document.subgraphs?.map((one) => ({ ...one, nodes: one.nodes.map(upgrade) }));
  if (upgraded.length === 0) return { document, upgraded };
  return { document: { ...document, nodes, ...(subgraphs ? { subgraphs } : {}) }, upgraded };
}
