import { expect, it, vi } from "vitest";
import type { Problem } from "../../graph/problems.ts";
import { showFirstProblem } from "./actions.ts";
import type { Session } from "./session.ts";

it("tells a problem that is of no node by itself, and does not say that it is marked on one", () => {
  const notify = vi.fn(() => 1);
  const never = { subscribe: () => () => {} };
  const session = { view: { notify, dismiss: () => {} }, issues: never, workspace: never } as unknown as Session;
  const message = "This workflow has no output node, so there is nothing to run.";
  showFirstProblem(session, [{ code: "no-output", severity: "error", message, help: "Add Save Image." } as Problem]);
  expect(notify).toHaveBeenCalledExactlyOnceWith({ tone: "error", text: message, detail: "Add Save Image." });
});
