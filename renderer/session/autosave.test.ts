import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { createDocumentStore } from "../document/document-store.ts";
import { recoverTabs, startAutosave } from "./autosave.ts";
import type { DraftChange, Drafts, WindowDraft } from "./drafts.ts";
import type { Session } from "./session.ts";
import { emptyWorkflow, type TabContent, type Workspace, type WorkspaceState } from "./workspace.ts";

const content = (id: string, dirty = false): TabContent => ({
  id,
  document: { ...emptyWorkflow(), title: id },
  fileName: undefined,
  dirty,
});
const tabOf = (id: string) => ({ id, documents: createDocumentStore(emptyWorkflow()) }) as unknown as Session;
const retitle = (tab: Session, title: string) => tab.documents.load({ ...emptyWorkflow(), title }, { dirty: true });

/** Drafts in memory that write as slowly as the test wants. */
function fakeDrafts(windows: Record<string, WindowDraft> = {}) {
  const written: DraftChange[] = [];
  const said: DraftChange[] = [];
  let gate: Promise<void> = Promise.resolve();
  const drafts: Drafts = {
    read: async (id) => windows[id],
    windows: async () => Object.keys(windows),
    async write(_, change) {
      await gate;
      written.push(change);
    },
    sayFarewell: (_, change) => void said.push(change),
    remove: async () => {},
  };
  return {
    drafts,
    written,
    said,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

describe("autosave", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function open(tabs: Session[]) {
    const events = new EventTarget();
    vi.stubGlobal("addEventListener", events.addEventListener.bind(events));
    vi.stubGlobal("removeEventListener", events.removeEventListener.bind(events));
    const store = createStore<WorkspaceState>(() => ({ tabs, active: tabs[0]?.id }));
    const find = (id: string) => store.getState().tabs.find((tab) => tab.id === id);
    const workspace = Object.assign(store, { find }) as Workspace;
    const fake = fakeDrafts();
    const onKept = vi.fn();
    const autosave = startAutosave(workspace, fake.drafts, "w", onKept);
    return { ...fake, workspace, autosave, onKept, leave: () => events.dispatchEvent(new Event("pagehide")) };
  }

  it("writes the first change at once, and what follows in one go, only of tabs that changed", async () => {
    const [a, b] = [tabOf("a"), tabOf("b")];
    const { written, autosave } = open([a, b]);
    await vi.advanceTimersByTimeAsync(0);
    expect(written.map(({ changed }) => changed.map(({ id }) => id))).toEqual([["a", "b"]]);
    for (const title of ["1", "2", "3"]) {
      retitle(a, title);
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(written).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(written).toHaveLength(2);
    expect(written[1]?.changed.map(({ id, document }) => [id, document.title])).toEqual([["a", "3"]]);
    autosave.stop();
  });

  it("says once that nothing is kept, and again after something was", async () => {
    const a = tabOf("a");
    const { drafts, autosave, onKept } = open([a]);
    const works = drafts.write;
    const edit = async (title: string) => {
      retitle(a, title);
      await vi.advanceTimersByTimeAsync(400);
    };
    await edit("kept");
    drafts.write = () => Promise.reject(new DOMException("Full", "QuotaExceededError"));
    await edit("1");
    await edit("2");
    expect(onKept.mock.calls).toEqual([[false]]);
    drafts.write = works;
    await edit("3");
    drafts.write = () => Promise.reject(new DOMException("Full", "QuotaExceededError"));
    await edit("4");
    expect(onKept.mock.calls).toEqual([[false], [true], [false]]);
    autosave.stop();
  });

  it("says in its last moment what is not on disk yet, also what is on the way there", async () => {
    const a = tabOf("a");
    const { hold, said, leave, autosave } = open([a]);
    await vi.advanceTimersByTimeAsync(400);
    hold();
    retitle(a, "unsaved");
    await vi.advanceTimersByTimeAsync(0);
    leave();
    expect(said[0]?.changed).toMatchObject([{ id: "a", dirty: true, document: { title: "unsaved" } }]);
    autosave.stop();
  });

  it("writes again with the next change what a disk refused, and says it when the page leaves", async () => {
    const [a, b, c] = [tabOf("a"), tabOf("b"), tabOf("c")];
    const { drafts, written, said, workspace, leave, autosave } = open([a, b, c]);
    await vi.advanceTimersByTimeAsync(400);
    const refused = vi.spyOn(drafts, "write").mockRejectedValue(new Error("the disk is away"));
    retitle(a, "refused");
    workspace.setState({ tabs: [a, b], active: "a" });
    await vi.advanceTimersByTimeAsync(400);
    leave();
    expect(said[0]?.changed.map(({ document }) => document.title)).toEqual(["refused"]);
    refused.mockRestore();
    retitle(b, "later");
    await vi.advanceTimersByTimeAsync(400);
    expect(written.at(-1)?.changed.map(({ document }) => document.title)).toEqual(["refused", "later"]);
    expect(written.at(-1)?.removed).toEqual(["c"]);
    autosave.stop();
  });

  it("says whether all is on the disk", async () => {
    const a = tabOf("a");
    const { drafts, written, autosave } = open([a]);
    const refused = vi.spyOn(drafts, "write").mockRejectedValue(new Error("the disk is full"));
    expect(await autosave.flush()).toBe(false);
    refused.mockRestore();
    retitle(a, "again");
    expect(await autosave.flush()).toBe(true);
    expect(written.map(({ changed }) => changed.map(({ document }) => document.title))).toEqual([["again"]]);
    expect(await autosave.flush()).toBe(true);
    expect(written).toHaveLength(1);
    autosave.stop();
  });

  it("forgets tabs that were closed", async () => {
    const [a, b] = [tabOf("a"), tabOf("b")];
    const { written, workspace, autosave } = open([a, b]);
    await vi.advanceTimersByTimeAsync(400);
    workspace.setState({ tabs: [b], active: "b" });
    await vi.advanceTimersByTimeAsync(400);
    expect(written.at(-1)).toMatchObject({ order: ["b"], active: "b", removed: ["a"] });
    autosave.stop();
  });
});

describe("recovering tabs", () => {
  const windows = {
    late: { tabs: [content("l1"), content("l2", true)], active: "l2" },
    open: { tabs: [content("o1", true)], active: "o1" },
    early: { tabs: [content("e1"), content("e2", true)], active: "e1" },
  };
  const isOpen = async (id: string) => id === "open";

  it("brings back a window's own tabs after a reload, and nobody else's", async () => {
    const own = await recoverTabs(fakeDrafts(windows).drafts, "early", isOpen);
    expect(own).toMatchObject({ tabs: windows.early.tabs, active: "e1", orphans: [] });
  });

  it("takes over the tabs of the last window that is gone, and unsaved ones of those before", async () => {
    const found = await recoverTabs(fakeDrafts(windows).drafts, "new", isOpen);
    expect(found?.tabs.map(({ id }) => id)).toEqual(["l1", "l2", "e2"]);
    expect(found?.active).toBe("l2");
    expect(found?.orphans).toEqual(["late", "early"]);
  });

  it("brings back once what two windows that are gone both had", async () => {
    const both = { late: { tabs: [content("a"), content("b")], active: "a" }, early: windows.early };
    const again = { ...both.early, tabs: [content("c", true), { ...content("b", true), fileName: "older.json" }] };
    const found = await recoverTabs(fakeDrafts({ ...both, early: again, first: again }).drafts, "new", isOpen);
    expect(found?.tabs).toEqual([content("a"), content("b"), content("c", true)]);
  });

  it("finds nothing at the first start", async () => {
    expect(await recoverTabs(fakeDrafts().drafts, "new", isOpen)).toBeUndefined();
  });
});
