/** Writes the JSON Schema of workflow files, which editors check and complete them with. */
import { writeFile } from "node:fs/promises";
import { WORKFLOW_SCHEMA_FILE } from "../graph/document.ts";
import { workflowJsonSchemaText } from "../graph/json-schema.ts";

await writeFile(new URL(`../resources/${WORKFLOW_SCHEMA_FILE}`, import.meta.url), workflowJsonSchemaText());
