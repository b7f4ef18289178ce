import { useEffect } from "react";
import { useStore } from "zustand";
import { isDirty } from "../document/document-store.ts";
import { formatDuration } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { type RunState, runProgress } from "../run/run-state.ts";
import { useDocument, useRun, useSession } from "../session/context.tsx";

/** Tells screen readers how the run goes, and the tab its title: progress, unsaved mark, name. */
export function RunAnnouncer() {
  const text = useText();
  const { view, workspace } = useSession();
  const isHome = useStore(workspace, (state) => state.active === undefined);
  const phase = useRun((state) => state.phase);
  const last = useRun((state) => state.last);
  const quarter = useRun((state) => Math.floor(runProgress(state) * 4) * 25);
  const percent = useRun((state) => Math.round(runProgress(state) * 100));
  const title = useDocument((state) => state.document.title);
  const dirty = useDocument(isDirty);

  useEffect(() => {
    const progress = phase === "running" ? `${percent}% · ` : "";
    document.title = isHome ? "Heddle" : `${progress}${dirty ? "• " : ""}${title} – Heddle`;
  }, [phase, percent, dirty, title, isHome]);

  useEffect(() => {
    if (last?.isUnchanged) view.notify({ tone: "info", text: text("run.unchanged") });
  }, [last, view, text]);

  return (
    <div className="visually-hidden" role="status">
      {phase === "running" ? text("run.at", { percent: quarter }) : lastRunText(text, last)}
    </div>
  );
}

function lastRunText(text: ReturnType<typeof useText>, last: RunState["last"]): string {
  if (!last) return "";
  if (last.status === "done") return text("run.done", { duration: formatDuration(last.timings.totalMs) });
  return last.status === "failed" ? text("run.failed", { message: last.error?.message ?? "" }) : text("run.cancelled");
}
