import { Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { RunLogLine } from "../../protocol/run-log.ts";
import { formatTime } from "../i18n/format.ts";
import { logText } from "../i18n/log-text.ts";
import { problemLine } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { copyText } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import styles from "./log-dialog.module.css";

/** What happened in a run, line by line. */
export function LogDialog() {
  const runId = useView((state) => state.logOf);
  return runId === undefined ? null : <OpenLog key={runId} runId={runId} />;
}

function OpenLog({ runId }: { runId: string }) {
  const session = useSession();
  const text = useText();
  const definitionText = useDefinitionText();
  const words = { text, definitionText, definitionOf: session.definitionOf };
  const [lines, setLines] = useState<readonly RunLogLine[] | undefined>();
  const [failure, setFailure] = useState<ErrorPayload | undefined>();
  useEffect(() => {
    session.host.rpc.runs
      .log({ runId })
      .then(setLines, (error: unknown) => setFailure(toHeddleError(error).toPayload()));
  }, [session, runId]);
  // What is sent to others is in English, which they and the developers read.
  const print = ({ time, message }: RunLogLine) => `${new Date(time).toISOString()} ${message}`;
  return (
    <Dialog title={text("log.title")} wide onClose={() => session.view.setState({ logOf: undefined })}>
      {failure && <p className={styles.none}>{problemLine(text, failure)}</p>}
      {lines?.length === 0 && <p className={styles.none}>{text("log.empty")}</p>}
      {lines && lines.length > 0 && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <ol className={styles.lines} tabIndex={0} aria-label={text("log.title")}>
            {lines.map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines never change their place
              <li key={at} data-level={line.level}>
                <time>{formatTime(line.time, { timeStyle: "medium" })}</time>
                {logText(words, line)}
              </li>
            ))}
          </ol>
          <DialogActions>
            <Button onClick={() => void copyText(session, lines.map(print).join("\n"), text("log.copied"))}>
              <Copy size={14} />
              {text("log.copy")}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
