import { useEffect } from "react";
import { useStore } from "zustand";
import { isDirty } from "../document/document-store.ts";
import { formatDuration } from "../i18n/format.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { followProgress } from "../run/follow-progress.ts";
import type { LastRun, RunState } from "../run/run-state.ts";
import { afterFrame } from "../session/after-frame.ts";
import { useDocument, useRun, useSession } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { useFailedNode } from "./use-failed-node.ts";

const told = new WeakSet<LastRun>();

/** Tells screen readers how the run goes, and the window's title: progress, unsaved mark, name. */
export function RunAnnouncer() {
  const text = useText();
  const { view, workspace } = useSession();
  const isHome = useStore(workspace, (state) => state.active === undefined);
  const tabs = useStore(workspace, (state) => state.tabs);
  const phase = useRun((state) => state.phase);
  const last = useRun((state) => state.last);
  const quarter = useRun((state) => Math.floor(state.progress * 4) * 25);
  const percent = useRun((state) => Math.round(state.progress * 100));
  const title = useDocument((state) => state.document.title);
  const dirty = useDocument(isDirty);

  useEffect(() => {
    const progress = phase === "running" ? `${percent}% · ` : "";
    const shown = isHome ? "Heddle" : `${progress}${dirty ? "• " : ""}${title} – Heddle`;
    // The window's title is not waited for by the key that made the workflow an unsaved one.
    return afterFrame(() => {
      document.title = shown;
    });
  }, [phase, percent, dirty, title, isHome]);

  useFailedNode();
  useEffect(() => {
    if (!last?.isUnchanged || told.has(last)) return;
    // Not again of a tab that one comes back to.
    told.add(last);
    view.notify({ tone: "info", text: text("run.unchanged") });
  }, [last, view, text]);

  return (
    <>
      <div className="visually-hidden" role="status">
        {phase === "running" ? text("run.at", { percent: quarter }) : lastRunText(text, last)}
      </div>
      {tabs.map((tab) => (
        <RunNews key={tab.id} tab={tab} />
      ))}
    </>
  );
}

/** Shorter runs are not worth an interruption. */
const LONG_MS = 15_000;

/** Of each tab, also one behind: progress for the desktop's task bar, and a notification when a long run ended unseen. */
function RunNews({ tab }: { tab: Session }) {
  const text = useText();
  const last = useStore(tab.runs, (state) => state.last);

  useEffect(() => followProgress(tab.runs, tab.host), [tab]);

  useEffect(() => {
    if (!last || last.timings.totalMs < LONG_MS || last.status === "cancelled" || document.hasFocus()) return;
    if (!tab.settings.getState().notifications || Notification.permission !== "granted") return;
    const { title } = tab.documents.getState().document;
    const notification = new Notification(title, { body: lastRunText(text, last), tag: last.runId });
    notification.onclick = () => {
      window.focus();
      tab.workspace.activate(tab.id);
    };
  }, [tab, last, text]);
  return null;
}

function lastRunText(text: ReturnType<typeof useText>, last: RunState["last"]): string {
  if (!last) return "";
  if (last.status === "done") return text("run.done", { duration: formatDuration(last.timings.totalMs) });
  return last.status === "failed"
    ? text("run.failed", { message: last.error ? problemText(text, last.error).message : "" })
    : text("run.cancelled");
}
