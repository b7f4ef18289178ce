import { type ErrorPayload, HeddleError } from "../../common/errors.ts";
import type { DefinitionLookup } from "../definition.ts";
import { type JsonValue, WORKFLOW_FORMAT, type WorkflowDocument } from "../document.ts";
import { type Embedded, readEmbedded } from "../embedding/embedded.ts";
import { checkJsonBounds } from "../json-bounds.ts";
import { MAX_TEXT_LENGTH, parseWorkflowText } from "../parse.ts";
import { importA1111, parseParametersText } from "./a1111.ts";
import { detectComfyUi } from "./comfyui/detect.ts";
import { importComfyUi } from "./comfyui/import.ts";
import { detectFal, importFal } from "./fal.ts";
import { isFields } from "./fields.ts";
import { parseLenientJson } from "./lenient-json.ts";
import type { ImportReport } from "./report.ts";
import { detectRunware, importRunware } from "./runware.ts";

export interface OpenedWorkflow {
  document: WorkflowDocument;
  /** What had to be put right in a Heddle document. */
  repairs: ErrorPayload[];
  /** Only for a workflow that another program made. */
  report?: ImportReport;
}

export interface OpenOptions {
  definitions: DefinitionLookup;
  /** For formats that have no title of their own: the file's name. */
  title?: string;
}

/**
 * Opens whatever holds a workflow: a Heddle document, a ComfyUI workflow (either format), a fal request, a Runware task, an
 * A1111 `parameters` text, or a PNG, JPEG or WebP with one of these inside.
 * @throws HeddleError `no-workflow-inside` for a picture without one, and all that `parseWorkflowText` throws; nothing else
 */
export function openAnyWorkflow(input: Uint8Array | string, options: OpenOptions): OpenedWorkflow {
  if (typeof input === "string") return openText(input, options);
  const embedded = readEmbedded(input);
  return embedded ? openEmbedded(embedded, options) : openText(new TextDecoder().decode(input), options);
}

/** A picture may hold several: the workflow says more than what was run, and that more than the settings as text. */
function openEmbedded({ workflow, prompt, parameters }: Embedded, options: OpenOptions): OpenedWorkflow {
  const texts = [workflow, prompt, parameters].filter((text) => text !== undefined);
  let first: unknown;
  for (const text of texts) {
    try {
      return openText(text, options);
    } catch (error) {
      if (!(error instanceof HeddleError)) throw error;
      first ??= error;
    }
  }
  throw (
    (workflow === undefined && prompt === undefined ? undefined : first) ??
    new HeddleError({
      code: "no-workflow-inside",
      message: "The picture has no workflow inside.",
      help: "Use a picture that Heddle or ComfyUI saved with its workflow, or a workflow file.",
    })
  );
}

function openText(text: string, options: OpenOptions): OpenedWorkflow {
  if (text.length > MAX_TEXT_LENGTH) return parseWorkflowText(text);
  const value = parsedOrUndefined(text);
  if (value === undefined) {
    const parameters = parseParametersText(text);
    return parameters
      ? withReport(importA1111(parameters, options.definitions, options.title))
      : parseWorkflowText(text);
  }
  if (isFields(value) && value.format === WORKFLOW_FORMAT) return parseWorkflowText(text);
  checkJsonBounds(value);
  const comfy = detectComfyUi(value);
  // It may have stood as text inside, which was not looked into yet.
  if (comfy) checkJsonBounds([comfy.file, comfy.wrapper]);
  if (comfy) return withReport(importComfyUi(comfy, options.definitions, options.title));
  const task = detectRunware(value);
  if (task) return withReport(importRunware(task, options.definitions));
  const request = detectFal(value);
  if (request) return withReport(importFal(request, options.definitions));
  return parseWorkflowText(text);
}

function withReport({ document, report }: { document: WorkflowDocument; report: ImportReport }): OpenedWorkflow {
  return { document, repairs: [], report };
}

function parsedOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseLenientJson(text);
  } catch {
    return undefined;
  }
}
