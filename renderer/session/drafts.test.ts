import fc from "fast-check";
import { expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { addFrame, addLink, addNode, removeSelection, setParam, setTitle } from "../document/commands.ts";
import { createDocumentStore, type DocumentStore } from "../document/document-store.ts";
import { applyPatches, type Patch } from "../document/patch.ts";
import { collapseToSubgraph } from "../document/subgraph-commands.ts";
import { createDrafts, type DraftChange } from "./drafts.ts";
import type { KeyValues } from "./key-values.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "Test", nodes: [], links: [] };

/** What a browser keeps: values are copied on the way in, as IndexedDB and localStorage do. */
function browser() {
  const values = new Map<string, unknown>();
  const strings = new Map<string, string>();
  const database: KeyValues = {
    get: async (key) => structuredClone(values.get(key)),
    getMany: async (keys: string[]) => keys.map((key) => structuredClone(values.get(key))),
    async setMany(entries) {
      for (const [key, value] of entries) values.set(key, structuredClone(value));
    },
    async delMany(keys) {
      for (const key of keys) values.delete(key);
    },
    entries: async () => [...values],
  };
  const storage = {
    getItem: (key: string) => strings.get(key) ?? null,
    setItem: (key: string, value: string) => void strings.set(key, value),
    removeItem: (key: string) => void strings.delete(key),
  } as unknown as Storage;
  return { values, strings, open: () => createDrafts(storage, database) };
}

let clock = 0;
const changeOf = (store: DocumentStore): DraftChange => {
  const { document, history } = store.getState();
  const tab = { id: "t", document, fileName: undefined, dirty: true, history };
  return { order: ["t"], active: "t", changed: [tab], removed: [], savedAt: ++clock };
};

async function reopen(drafts: ReturnType<typeof createDrafts>): Promise<DocumentStore> {
  const tab = (await drafts.read("w"))?.tabs[0];
  if (!tab) throw new Error("Nothing was kept");
  const { document, ...origin } = tab;
  const store = createDocumentStore(document, findDefinition);
  store.load(document, origin);
  return store;
}

const kinds = ["prompt", "sampler", "load-model", "reroute"];
/** Edits of every collection; a number says on what. */
const edits: ((store: DocumentStore, n: number) => { patches: readonly Patch[]; whole?: boolean })[] = [
  ({ getState }, n) => addNode(getState().graph, findDefinition(kinds[n % kinds.length] ?? "")!, { x: n, y: 0 }),
  ({ getState }, n) => {
    const { graph } = getState();
    return { patches: setParam(graph, graph.nodes[n % graph.nodes.length]?.id ?? "", "text", `words ${n}`) };
  },
  ({ getState }, n) => {
    const { nodes } = getState().graph;
    const [from, to] = [nodes[n % nodes.length], nodes[(n + 1) % nodes.length]];
    if (!from || !to) return { patches: [] };
    const ends = { from: { node: from.id, port: "value" }, to: { node: to.id, port: "value" } };
    return { patches: addLink(getState().graph, ends) };
  },
  ({ getState }, n) => {
    const { graph, definitionOf } = getState();
    const chosen = new Set([graph.nodes[n % graph.nodes.length]?.id ?? ""]);
    return { patches: removeSelection(graph, definitionOf, chosen, new Set()) };
  },
  ({ getState }, n) =>
    addFrame(getState().graph, { title: `${n}`, position: { x: n, y: 0 }, size: { width: 200, height: 100 } }),
  ({ getState }, n) => ({ patches: setTitle(getState().document, `title ${n}`), whole: true }),
  ({ getState }, n) => {
    const { graph, definitionOf } = getState();
    const nodes = new Set([graph.nodes[n % graph.nodes.length]?.id ?? ""]);
    return { patches: collapseToSubgraph(graph, definitionOf, { nodes }, "Inside", true)?.patches ?? [] };
  },
];

const step = fc.record({
  // An edit, one with a gesture, undo, redo, a write, a crash, or a farewell.
  action: fc.constantFrom("edit", "edit", "edit", "gesture", "undo", "undo", "redo", "write", "crash", "leave"),
  edit: fc.nat({ max: edits.length - 1 }),
  n: fc.nat({ max: 50 }),
});

it("restores the document with all of its undo and redo, whenever the window is left or killed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { open } = browser();
      let drafts = open();
      let store = createDocumentStore(empty, findDefinition);
      /** Every document from the first undo to the last redo. */
      const timeline = (of: DocumentStore) => {
        const { document, path } = of.getState();
        const { past, future } = of.getState().history;
        const documents: WorkflowDocument[] = [];
        for (const _ of past) of.undo();
        for (let at = 0; at <= past.length + future.length; at++) {
          documents.push(of.getState().document);
          of.redo();
        }
        for (const _ of future) of.undo();
        expect(of.getState().document).toStrictEqual(document);
        of.enter(path);
        return { documents, at: past.length };
      };
      let kept = timeline(store);
      await drafts.write("w", changeOf(store));
      for (const { action, edit, n } of steps) {
        if (action === "undo") store.undo();
        else if (action === "redo") store.redo();
        else if (action === "write") {
          await drafts.write("w", changeOf(store));
          kept = timeline(store);
        } else if (action === "crash" || action === "leave") {
          if (action === "leave") {
            drafts.sayFarewell("w", changeOf(store));
            kept = timeline(store);
          }
          drafts = open();
          store = await reopen(drafts);
          expect(timeline(store)).toStrictEqual(kept);
        } else {
          const { patches, whole = false } = edits[edit]!(store, n);
          store.commit({ label: "edit", patches, whole, gesture: action === "gesture" ? "typing" : undefined });
        }
      }
      await drafts.write("w", changeOf(store));
      expect(timeline(await reopen(open()))).toStrictEqual(timeline(store));
    }),
    { numRuns: 300 },
  );
}, 60_000);

function typed(count: number, words = ""): DocumentStore {
  const store = createDocumentStore(
    applyPatches(empty, addNode(empty, findDefinition("prompt")!, { x: 0, y: 0 }).patches),
  );
  for (let n = 0; n < count; n++) {
    store.commit({ label: "edit", patches: setParam(store.getState().graph, "prompt", "text", `${n}${words}`) });
  }
  return store;
}

it("keeps the last thousand steps, and of long ones five megabytes, and forgets what a closed tab had", async () => {
  const { values, open } = browser();
  const drafts = open();
  const store = typed(1_005);
  await drafts.write("w", changeOf(store));
  const restored = await reopen(open());
  expect(restored.getState().history.past).toHaveLength(1_000);
  for (let n = 0; n < 1_000; n++) restored.undo();
  expect(restored.getState().document.nodes[0]?.params.text).toBe("4");

  // What is dropped from memory's end goes from the disk too, and only new steps are written.
  const before = new Set([...values.keys()].filter((key) => key.startsWith("step")));
  store.commit({ label: "edit", patches: setParam(store.getState().graph, "prompt", "text", "one more") });
  await drafts.write("w", changeOf(store));
  const after = new Set([...values.keys()].filter((key) => key.startsWith("step")));
  expect([...after].filter((key) => !before.has(key))).toEqual(["step t 1005"]);
  expect([...before].filter((key) => !after.has(key))).toEqual(["step t 5"]);

  await drafts.write("w", { ...changeOf(typed(8, "x".repeat(500_000))), savedAt: ++clock });
  expect((await reopen(open())).getState().history.past).toHaveLength(4);
  await drafts.write("w", { order: [], active: undefined, changed: [], removed: ["t"], savedAt: ++clock });
  expect([...values.keys()]).toEqual(["window w"]);
});

it("leaves steps out that are damaged or lead elsewhere, and keeps the document", async () => {
  const { values, open } = browser();
  await open().write("w", changeOf(typed(3)));
  const step = structuredClone(values.get("step t 1")) as { patches: { before: { params: { text: string } } }[] };
  const text = (store: DocumentStore) => store.getState().document.nodes[0]?.params.text;
  for (const damage of [
    undefined,
    { ...step, patches: [{ collection: "nodes", index: -1 }] },
    { ...step, patches: [{ ...step.patches[0], before: { id: "another", type: "prompt" } }] },
    { ...step, patches: [] },
  ]) {
    values.set("step t 1", damage);
    const store = await reopen(open());
    expect(store.getState().history).toEqual({ past: [], future: [] });
    expect(text(store)).toBe("2");
  }
  values.set("step t 1", step);
  expect((await reopen(open())).getState().history.past).toHaveLength(3);
});

it("says farewell without steps when there is room for the document only", async () => {
  const { open } = browser();
  const full = createDrafts(
    {
      getItem: () => kept ?? null,
      setItem: (_: string, value: string) => {
        if (value.includes("steps")) throw new DOMException("Full", "QuotaExceededError");
        kept = value;
      },
    } as unknown as Storage,
    {
      get: async () => undefined,
      getMany: async (keys: string[]) => keys.map(() => undefined),
    } as unknown as KeyValues,
  );
  let kept: string | undefined;
  full.sayFarewell("w", changeOf(typed(2)));
  const store = await reopen(full);
  expect(store.getState().document.nodes[0]?.params.text).toBe("1");
  expect(store.getState().history.past).toEqual([]);
  expect(await open().read("w")).toBeUndefined();
});
