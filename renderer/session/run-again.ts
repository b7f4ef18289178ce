import type { Session } from "./session.ts";

/**
 * Runs the workflow as it is now, with the seeds that it has: what failed is drawn and not something new.
 *
 * @param runId the run that failed, whose nodes are run; the last one when absent
 */
export async function runAgain(session: Session, runId?: string): Promise<void> {
  await session.runs.start(session.documents.getState().document, session.runs.startedAs(runId)?.targets);
}

/**
 * Runs what a run was started with, whatever was changed since: all that it had computed is known, so that only what
 * failed is done. Where that is not known any more, as {@link runAgain}.
 */
export async function finishRun(session: Session, runId?: string): Promise<void> {
  const started = session.runs.startedAs(runId);
  if (started === undefined) await runAgain(session);
  else await session.runs.start(started.document, started.targets);
}
