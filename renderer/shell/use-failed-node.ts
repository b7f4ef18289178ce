import { useEffect } from "react";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import type { LastRun } from "../run/run-state.ts";
import { useRun, useSession } from "../session/context.tsx";
import { isFailureSeen, showNode } from "../session/look.ts";

/** The card has grown by then, and is measured. */
const DRAWN_MS = 250;
const told = new WeakSet<LastRun>();

/** Says that a run failed where the node with the reason is out of sight, and leads there. */
export function useFailedNode(): void {
  const session = useSession();
  const text = useText();
  const last = useRun((state) => state.last);
  useEffect(() => {
    const error = last?.status === "failed" ? last.error : undefined;
    const nodeId = error?.nodeId;
    if (!last || !error || nodeId === undefined || told.has(last)) return;
    let notice: number | undefined;
    const timer = setTimeout(() => {
      if (session.face.getState().face === "app" || isFailureSeen(session, nodeId)) return;
      told.add(last);
      const { message, help } = problemText(text, error);
      const action = { label: text("run.showNode"), run: () => showNode(session, nodeId) };
      notice = session.view.notify({ tone: "error", text: message, detail: help, action });
    }, DRAWN_MS);
    return () => {
      clearTimeout(timer);
      if (notice !== undefined) session.view.dismiss(notice);
    };
  }, [session, last, text]);
}
