import { z } from "zod";
import { workflowDocumentSchema } from "./document.ts";

/** The JSON Schema of workflow files as they may be written: what has a default may be left out. */
export function workflowJsonSchemaText(): string {
  const schema = z.toJSONSchema(workflowDocumentSchema, { io: "input", target: "draft-2020-12" });
  const { $schema, ...rest } = schema;
  const titled = {
    $schema,
    title: "Heddle workflow, version 1",
    description: "Nodes and the links between them. Fields that are not listed are kept.",
    ...rest,
  };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
