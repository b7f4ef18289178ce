import { CircleAlert, LoaderCircle, WifiOff, X } from "lucide-react";
import type { ReactNode } from "react";
import { FailureActions } from "../canvas/failure-actions.tsx";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText } from "../session/actions.ts";
import { useHost, useRun, useSession } from "../session/context.tsx";
import { errorReport } from "../session/error-report.ts";
import { showNode } from "../session/look.ts";
import { Button, IconButton } from "../ui/button.tsx";
import styles from "./shell.module.css";

/** What concerns the whole window, under the top bar: connection, engine, a run that failed outside any node. */
export function Banners() {
  const session = useSession();
  const text = useText();
  const connected = useHost((state) => state.connected);
  const isRefused = useHost((state) => state.isRefused);
  const engine = useHost((state) => state.engine);
  const failure = useRun((state) => state.failure);
  const failedNode = useRun((state) => [...state.nodes].find(([, node]) => node.phase === "failed")?.[0]);
  return (
    <div className={styles.banners}>
      {!connected && (
        <Banner tone="warning" icon={<WifiOff size={16} />}>
          <strong>{text(isRefused ? "banner.refused" : "banner.offline")}</strong>{" "}
          {text(isRefused ? "banner.refusedHelp" : "banner.offlineHelp")}
        </Banner>
      )}
      {connected && engine === "restarting" && (
        <Banner tone="warning" icon={<LoaderCircle size={16} className={styles.spin} />}>
          <strong>{text("banner.restarting")}</strong> {text("banner.restartingHelp")}
        </Banner>
      )}
      {/* What was asked of a host that is away is told by the first banner. */}
      {failure && (connected || failure.code !== "connection-lost") && (
        <Banner tone="danger" icon={<CircleAlert size={16} />}>
          <strong>{problemText(text, failure).message}</strong> {problemText(text, failure).help}
          <FailureActions error={failure} nodeId={failedNode} className={styles.bannerAction} />
          {failedNode !== undefined && (
            <Button tone="quiet" className={styles.bannerButton} onClick={() => showNode(session, failedNode)}>
              {text("run.showNode")}
            </Button>
          )}
          <Button
            tone="quiet"
            className={styles.bannerButton}
            onClick={() => void copyText(session, errorReport(session, failure), text("report.copied"))}
          >
            {text("report.copy")}
          </Button>
          <IconButton
            label={text("common.dismiss")}
            className={styles.bannerClose}
            onClick={() => session.runs.dismissFailure()}
          >
            <X size={14} />
          </IconButton>
        </Banner>
      )}
    </div>
  );
}

function Banner({ tone, icon, children }: { tone: "warning" | "danger"; icon: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.banner} data-tone={tone} role="alert">
      {icon}
      <div className={styles.bannerText}>{children}</div>
    </div>
  );
}
