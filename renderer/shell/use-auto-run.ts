import { useEffect } from "react";
import type { Subgraph, WorkflowNode } from "../../graph/document.ts";
import { unlockedSeeds } from "../document/seeds.ts";
import type { Session } from "../session/session.ts";

/** A pause after which a change counts as made. */
const PAUSE_MS = 700;

/** Runs the workflow in front after each change of what it computes, when the settings say so. */
export function useAutoRun(session: Session): void {
  useEffect(() => runAfterChanges(session), [session]);
}

/**
 * A run that goes on is let finish; seeds that are drawn anew at every run would make it run for ever, and stay as they are.
 * @returns what stops it
 */
export function runAfterChanges({
  documents,
  runs,
  issues,
  settings,
}: Pick<Session, "documents" | "runs" | "issues" | "settings">): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const attempt = () => {
    // It may have been switched off while a run went on.
    if (!settings.getState().autoRun) return;
    if (runs.getState().phase !== "idle") timer = setTimeout(attempt, PAUSE_MS);
    else if (issues.getState().errors === 0) void runs.start(documents.getState().document);
  };
  const unsubscribe = documents.subscribe(({ document, history }, before) => {
    const isEdit = history !== before.history && history.past.length > 0;
    const old = before.document;
    const isSameLinks = document.links === old.links && !changesSubgraphs(old.subgraphs, document.subgraphs);
    const isSame = document.nodes === old.nodes && isSameLinks;
    if (!isEdit || isSame || !settings.getState().autoRun) return;
    if (!changesResult(old.nodes, document.nodes) && isSameLinks) return;
    clearTimeout(timer);
    timer = setTimeout(attempt, PAUSE_MS);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

/** The same for what is in subgraphs. */
function changesSubgraphs(before: readonly Subgraph[] = [], after: readonly Subgraph[] = []): boolean {
  if (before === after) return false;
  if (before.length !== after.length) return true;
  return after.some((subgraph, at) => {
    const old = before[at];
    if (!old || old.id !== subgraph.id || old.links !== subgraph.links || old.params !== subgraph.params) return true;
    return changesResult(old.nodes, subgraph.nodes);
  });
}

/** Where a node stands, its colour and its title change no picture; neither does a seed that was just rolled. */
function changesResult(before: readonly WorkflowNode[], after: readonly WorkflowNode[]): boolean {
  if (before.length !== after.length) return true;
  return after.some((node, at) => {
    const old = before[at];
    if (!old || old.id !== node.id || old.mode !== node.mode) return true;
    if (old.params === node.params) return false;
    const rolled = unlockedSeeds(node);
    return Object.keys(node.params).some((name) => !rolled.includes(name) && old.params[name] !== node.params[name]);
  });
}
