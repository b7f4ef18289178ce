import type { Session } from "./session.ts";

/**
 * Runs once more what a run was started with: the same workflow with the same seeds, so that nothing that was drawn is lost
 * to new ones. Where that is not known any more, the workflow as it is now.
 *
 * @param runId the last run when absent
 */
export async function runAgain(session: Session, runId?: string): Promise<void> {
  const { document, targets } = session.runs.startedAs(runId) ?? {
    document: session.documents.getState().document,
    targets: undefined,
  };
  await session.runs.start(document, targets);
}
