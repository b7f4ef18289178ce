import { CircleAlert, Copy, LocateFixed, ScrollText, TriangleAlert } from "lucide-react";
import type { ErrorPayload } from "../../common/errors.ts";
import { PATH_SEPARATOR } from "../../graph/subgraphs/boundary.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText } from "../session/actions.ts";
import { usePrefix, useSession } from "../session/context.tsx";
import { errorReport } from "../session/error-report.ts";
import { showNode } from "../session/look.ts";
import { FailureActions } from "./failure-actions.tsx";
import styles from "./node.module.css";

/** Why the node failed, what to do about it, and the report to copy. */
export function NodeFailure({
  error,
  nodeId,
  title,
  runId,
}: {
  error: ErrorPayload;
  nodeId: string;
  title: string;
  runId: string | undefined;
}) {
  const session = useSession();
  const text = useText();
  const { message, help } = problemText(text, error);
  // Of a subgraph: the node inside that failed.
  const inside = error.nodeId?.startsWith(`${usePrefix()}${nodeId}${PATH_SEPARATOR}`) ? error.nodeId : undefined;
  return (
    <div className={styles.failure} role="alert" data-failure>
      <p className={styles.failureMessage}>
        <CircleAlert size={14} />
        {message}
      </p>
      <p className={styles.failureHelp}>{help}</p>
      <FailureActions error={error} nodeId={nodeId} runId={runId} />
      {inside !== undefined && (
        <button type="button" className={`${styles.failureCopy} nodrag`} onClick={() => showNode(session, inside)}>
          <LocateFixed size={13} />
          {text("run.showNode")}
        </button>
      )}
      {runId !== undefined && (
        <button
          type="button"
          className={`${styles.failureCopy} nodrag`}
          onClick={() => session.view.setState({ logOf: runId })}
        >
          <ScrollText size={13} />
          {text("log.show")}
        </button>
      )}
      <button
        type="button"
        className={`${styles.failureCopy} nodrag`}
        onClick={() => void copyText(session, errorReport(session, error, title), text("report.copied"))}
      >
        <Copy size={13} />
        {text("report.copy")}
      </button>
    </div>
  );
}

/** A problem or a warning of the node as a whole. */
export function NodeNotice({ tone, message, help }: { tone: "error" | "warning"; message: string; help?: string }) {
  const Icon = tone === "error" ? CircleAlert : TriangleAlert;
  return (
    <p className={styles.notice} data-tone={tone} data-problem-spot={tone === "error" || undefined} title={help}>
      <Icon size={13} />
      <span>
        {message} {help && <span className={styles.noticeHelp}>{help}</span>}
      </span>
    </p>
  );
}
