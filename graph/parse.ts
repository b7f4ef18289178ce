import { type ErrorPayload, HeddleError } from "../common/errors.ts";
import { words } from "../common/words.ts";
import { WORKFLOW_FORMAT, WORKFLOW_VERSION, type WorkflowDocument, workflowDocumentSchema } from "./document.ts";
import { checkJsonBounds } from "./json-bounds.ts";
import { migrateDocument } from "./migrations/documents.ts";
import { repairWorkflow } from "./repair.ts";

/** In characters. */
export const MAX_TEXT_LENGTH = 64 * 1024 * 1024;

export interface ParsedWorkflow {
  document: WorkflowDocument;
  /** What had to be put right, for people to read; empty for a sound file. */
  repairs: ErrorPayload[];
}

/**
 * Reads the text of a workflow file.
 * @throws HeddleError `workflow-not-json`, `workflow-too-large`, and all that {@link parseWorkflow} throws; nothing else
 */
export function parseWorkflowText(text: string): ParsedWorkflow {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new HeddleError({
      code: "workflow-too-large",
      message: `The workflow file is ${Math.round(text.length / 1024 / 1024)} MB; at most ${MAX_TEXT_LENGTH / 1024 / 1024} MB are read.`,
      help: "Open another file.",
      details: {
        cause: "file",
        size: Math.round(text.length / 1024 / 1024),
        limit: MAX_TEXT_LENGTH / 1024 / 1024,
      },
    });
  }
  let input: unknown;
  try {
    input = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HeddleError(
      {
        code: "workflow-not-json",
        message: text.trim() === "" ? "The workflow file is empty." : `The workflow file is not JSON: ${reason}`,
        help: "Open a workflow (.json) or a picture that Heddle saved.",
        details: { cause: text.trim() === "" ? "empty" : "syntax", reason },
      },
      { cause },
    );
  }
  return parseWorkflow(input);
}

/**
 * Turns any value into a workflow document, repairing what can be repaired without guessing. Fields that this version
 * does not know are kept.
 * @throws HeddleError `workflow-foreign`, `workflow-newer`, `workflow-invalid`, `workflow-too-deep`, `workflow-too-large`;
 * nothing else
 */
export function parseWorkflow(input: unknown): ParsedWorkflow {
  try {
    checkJsonBounds(input);
    const fields = checkFormat(input);
    const repairs: ErrorPayload[] = [];
    const result = workflowDocumentSchema.safeParse(repairWorkflow(fields, (repair) => repairs.push(repair)));
    if (result.success) return { document: result.data, repairs };
    throw invalid(result.error.issues);
  } catch (error) {
    if (error instanceof HeddleError) throw error;
    throw new HeddleError(
      {
        code: "workflow-invalid",
        message: "The workflow could not be read.",
        help: "Open a workflow (.json) or a picture that Heddle saved.",
        details: { cause: "unreadable" },
      },
      { cause: error },
    );
  }
}

function checkFormat(input: unknown): Record<string, unknown> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    const found = input === null ? "null" : Array.isArray(input) ? "a list" : `a ${typeof input}`;
    throw new HeddleError({
      code: "workflow-invalid",
      message: `A workflow is a JSON object, but this is ${found}.`,
      help: "Open a workflow (.json) or a picture that Heddle saved.",
      details: { cause: "no-object", found: words(found) },
    });
  }
  const fields = input as Record<string, unknown>;
  if (fields.format !== WORKFLOW_FORMAT) {
    const isComfyUi = looksLikeComfyUi(fields);
    throw new HeddleError({
      code: "workflow-foreign",
      message: isComfyUi
        ? "This is a ComfyUI workflow, not one of Heddle’s."
        : `This JSON file is not a Heddle workflow: its "format" is ${fields.format === undefined ? "missing" : "another one"}.`,
      help: isComfyUi ? "Import it: heddle import FILE --out NEW." : "Open a workflow that Heddle saved.",
      details: {
        cause: isComfyUi ? "comfyui" : fields.format === undefined ? "no-format" : "other-format",
        format: typeof fields.format === "string" ? fields.format.slice(0, 100) : typeof fields.format,
      },
    });
  }
  const newer = typeof fields.version === "number" && fields.version > WORKFLOW_VERSION;
  const migrated = migrateDocument(fields, WORKFLOW_VERSION);
  if (migrated) return migrated;
  throw new HeddleError({
    code: newer ? "workflow-newer" : "workflow-invalid",
    message: newer
      ? `The workflow has format version ${fields.version}; this Heddle reads up to version ${WORKFLOW_VERSION}.`
      : `The workflow’s "version" must be ${WORKFLOW_VERSION}.`,
    help: newer ? "Update Heddle." : `Set "version" to ${WORKFLOW_VERSION}.`,
    details: { cause: "version", version: String(fields.version).slice(0, 100), readable: WORKFLOW_VERSION },
  });
}

/** Its editor's format (`nodes` with `class`/`type` and a `last_node_id`) or its API format (`{ id: { class_type } }`). */
function looksLikeComfyUi(fields: Record<string, unknown>): boolean {
  if ("last_node_id" in fields) return true;
  const values = Object.values(fields);
  return (
    values.length > 0 && values.every((value) => typeof value === "object" && value !== null && "class_type" in value)
  );
}

function invalid(issues: readonly { path: PropertyKey[]; message: string }[]): HeddleError {
  const shown = issues.slice(0, 5).map(({ path, message }) => `${pathText(path)}: ${message}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : "";
  return new HeddleError({
    code: "workflow-invalid",
    message: `The workflow is damaged. ${shown.join("; ")}${more}.`,
    help: "Put these fields right in a text editor, or open another file.",
    details: {
      cause: "damaged",
      problems: issues.slice(0, 5).map(({ path, message }) => ({ ...words(message), at: pathText(path) })),
      count: issues.length,
      issues: issues.slice(0, 100).map(({ path, message }) => ({ path: pathText(path), message })),
    },
  });
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "") || "document";
}
