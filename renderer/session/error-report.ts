import type { ErrorPayload } from "../../common/errors.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import type { Session } from "./session.ts";

/** Everything a bug report needs, as text to paste into an issue. */
export function errorReport(session: Session, error: ErrorPayload, nodeTitle?: string): string {
  const { info } = session.hostState.getState();
  const lines = [
    `Heddle ${info?.version ?? "?"} on ${info?.platform ?? "?"} (${session.host.kind})`,
    `${error.code}: ${error.message}`,
    error.help,
    ...(nodeTitle ? [`Node: ${nodeTitle} (${error.nodeId ?? "?"})`] : []),
    ...(error.details ? [`Details: ${JSON.stringify(error.details)}`] : []),
    "",
    "Workflow:",
    serializeWorkflow(session.documents.getState().document),
  ];
  return lines.join("\n");
}
