import type { Draft } from "./draft-builder.ts";
import { counted, type ImportNote, type ImportReport } from "./report.ts";

/** The report of an import that made all of its nodes: nothing is a placeholder. */
export function settingsReport(
  format: ImportReport["format"],
  { document, models }: Draft,
  notes: ImportNote[],
  settings: { mapped: number; kept: number },
): ImportReport {
  const nodes = document.nodes.length;
  const links = document.links.length;
  const rest =
    settings.kept === 0
      ? ""
      : ` ${counted(settings.kept, "setting")} without an equal ${settings.kept === 1 ? "is" : "are"} kept in the file.`;
  return {
    format,
    summary: `The settings became a workflow of ${counted(nodes, "node")}.${rest}`,
    nodes: { total: nodes, mapped: nodes, kept: 0, virtual: 0 },
    links: { total: links, mapped: links, kept: 0, virtual: 0 },
    values: { total: settings.mapped + settings.kept, ...settings },
    kept: [],
    notes,
    models,
  };
}

/** What to do about a picture that the request names by its address, in the field `name`; imports fetch nothing. */
export function notFetched(what: string, nodeId: string, name = what): ImportNote {
  return {
    code: "import-picture-not-fetched",
    message: `The picture in ${what} was not fetched.`,
    help: "Drop your copy of it onto the Load Image node.",
    nodeId,
    field: "image",
    details: { name },
  };
}

export const needsClassifier: ImportNote = {
  code: "import-needs-classifier",
  message: "The pictures are checked with a classifier of yours, which no request brings.",
  help: "Put one into classifiers of a models folder and choose it in the Safety Check, or set its check to off.",
  nodeId: "safety",
  field: "classifier",
};
