import { CircleAlert, Copy, ScrollText, TriangleAlert } from "lucide-react";
import type { ErrorPayload } from "../../common/errors.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { errorReport } from "../session/error-report.ts";
import styles from "./node.module.css";
import { SmallerPlanAction } from "./smaller-plan-action.tsx";

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
  return (
    <div className={styles.failure} role="alert">
      <p className={styles.failureMessage}>
        <CircleAlert size={14} />
        {message}
      </p>
      <p className={styles.failureHelp}>{help}</p>
      <SmallerPlanAction error={error} nodeId={nodeId} />
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
    <p className={styles.notice} data-tone={tone} title={help}>
      <Icon size={13} />
      <span>
        {message} {help && <span className={styles.noticeHelp}>{help}</span>}
      </span>
    </p>
  );
}
