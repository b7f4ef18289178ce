import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DefinitionLookup, NodeDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { linkableInputs } from "../../graph/linkable-params.ts";
import { parseWorkflowText } from "../../graph/parse.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { subgraphIdOf } from "../../graph/subgraphs/boundary.ts";
import { findDefinition, nodeDefinitions } from "../../nodes/definitions.ts";
import {
  addFrame,
  addLink,
  addNode,
  changeFrames,
  copyFragment,
  insertFragment,
  insertInLink,
  moveLink,
  moveNodes,
  removeLinks,
  removeSelection,
  renameNode,
  resizeNode,
  setCollapsed,
  setColor,
  setLocked,
  setMode,
  setParam,
  setPinned,
  setSocketParam,
  setTitle,
  whyNotLink,
} from "./commands.ts";
import { createDocumentStore, type DocumentState, type DocumentStore } from "./document-store.ts";
import { setExposed, setSweep, toggleExposed, withoutNodes } from "./form-commands.ts";
import { applyPatches, inScope, invertPatches, type Patch } from "./patch.ts";
import { rollSeeds, seedModes, setSeedMode } from "./seeds.ts";
import { changeInterface, collapseToSubgraph, unpackSubgraph, withoutUnused } from "./subgraph-commands.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "Test", nodes: [], links: [] };

/** One edit: numbers that say on what, and words to write. */
interface Draw {
  readonly a: number;
  readonly b: number;
  readonly words: string;
}
type Edit = (state: DocumentState, draw: Draw) => { patches: readonly Patch[]; whole?: boolean };

const pick = <T>(list: readonly T[] | undefined, n: number): T | undefined => list?.[n % Math.max(1, list.length)];
const node = ({ graph }: DocumentState, n: number) => pick(graph.nodes, n)?.id ?? "";
const some = (state: DocumentState, { a, b }: Draw) => new Set([node(state, a), node(state, b)]);
const here = (patches: readonly Patch[]) => ({ patches });
const whole = (patches: readonly Patch[]) => ({ patches, whole: true });
const ports = (
  { graph, definitionOf }: DocumentState,
  of: (definition: NodeDefinition) => readonly { name: string }[],
) =>
  graph.nodes.flatMap((n) => {
    const definition = definitionOf(n.type);
    return definition ? of(definition).map(({ name }) => ({ node: n.id, port: name })) : [];
  });
const fitting = (state: DocumentState, { a, b }: Draw) => {
  const from = pick(
    ports(state, ({ outputs }) => outputs),
    a,
  );
  const to = pick(ports(state, linkableInputs), b);
  return from && to && !whyNotLink(state.graph, state.definitionOf, { from, to }) ? { from, to } : undefined;
};

/** Every command there is, by name. */
const edits: Record<string, Edit> = {
  add: ({ graph }, { a, b }) => {
    const definition = pick(nodeDefinitions, a);
    return here(definition ? addNode(graph, definition, { x: b, y: -b }).patches : []);
  },
  addAnotherUse: ({ graph, document, definitionOf, inside }, { a }) => {
    const definition = definitionOf(`subgraph/${pick(document.subgraphs, a)?.id}`);
    if (!definition || inside.length > 0) return here([]);
    return here(addNode(graph, definition, { x: a, y: a }).patches);
  },
  link: (state, draw) => {
    const ends = fitting(state, draw);
    return here(ends ? addLink(state.graph, ends) : []);
  },
  moveLink: (state, draw) => {
    const ends = fitting(state, draw);
    const link = pick(state.graph.links, draw.a);
    return here(ends && link ? moveLink(state.graph, link.id, ends) : []);
  },
  insertInLink: (state, { a, b }) =>
    here(insertInLink(state.graph, state.definitionOf, pick(state.graph.links, a)?.id ?? "", node(state, b))),
  unlink: ({ graph }, { a }) =>
    here(removeLinks(graph, new Set(graph.links.filter((_, i) => i % 3 === a % 3).map(({ id }) => id)))),
  remove: (state, draw) => {
    const { document, graph, inside, definitionOf } = state;
    const removed = some(state, draw);
    const frames = new Set(graph.frames?.slice(0, draw.a % 2).map(({ id }) => id));
    const patches = inScope(removeSelection(graph, definitionOf, removed, new Set(), frames), inside.at(-1)?.id);
    const form = inside.length === 0 ? withoutNodes(document, removed) : [];
    const after = applyPatches(document, [...patches, ...form]);
    return whole([...patches, ...form, ...withoutUnused(document, after)]);
  },
  move: (state, { a, b }) => here(moveNodes(state.graph, new Map([[node(state, a), { x: a, y: b }]]))),
  resize: (state, { a, b }) => here(resizeNode(state.graph, node(state, a), { width: b, height: a }, { x: a, y: b })),
  type: (state, { a, b, words }) => {
    const target = pick(state.graph.nodes, a);
    const param = target && pick(state.definitionOf(target.type)?.params, b);
    return here(target && param ? setParam(state.graph, target.id, param.name, b % 2 ? words : b) : []);
  },
  lockSeed: (state, { a, b }) =>
    here(setSeedMode(state.graph, node(state, a), "seed", seedModes[b % seedModes.length]!)),
  rollSeeds: ({ document }, { a }) => whole(rollSeeds(document, findDefinition, () => (a % 100) / 100)),
  mode: (state, draw) => here(setMode(state.graph, some(state, draw), draw.a % 2 ? "muted" : "bypassed")),
  fold: (state, draw) => here(setCollapsed(state.graph, some(state, draw), draw.a % 2 === 0)),
  colour: (state, draw) => here(setColor(state.graph, some(state, draw), draw.a % 3 ? draw.words : undefined)),
  pin: (state, draw) => here(setPinned(state.graph, some(state, draw), draw.a % 2 === 0)),
  lock: (state, draw) => here(setLocked(state.graph, some(state, draw), draw.a % 2 === 0)),
  rename: (state, { a, words }) => here(renameNode(state.graph, node(state, a), words)),
  socket: (state, { a, b }) => {
    const target = pick(state.graph.nodes, a);
    const param = target && pick(state.definitionOf(target.type)?.params, b);
    return here(target && param ? setSocketParam(state.graph, target.id, param.name, b % 3 > 0) : []);
  },
  title: ({ document }, { words }) => whole(setTitle(document, words)),
  frame: ({ graph }, { a, b, words }) =>
    here(addFrame(graph, { title: words, position: { x: a, y: b }, size: { width: 200, height: 100 } }).patches),
  changeFrame: ({ graph }, { a, words }) =>
    here(changeFrames(graph, (frame) => (a % 2 ? { ...frame, title: words } : { ...frame, color: words }))),
  paste: (state, draw) => {
    const { graph, inside } = state;
    const frames = new Set(graph.frames?.slice(draw.b % 2).map(({ id }) => id));
    const fragment = copyFragment(graph, some(state, draw), frames);
    const fits = fragment.nodes.every((n) => inside.length === 0 || subgraphIdOf(n) === undefined);
    return here(fits ? insertFragment(graph, fragment, { x: 40, y: 40 }, inside).patches : []);
  },
  collapse: (state, draw) => {
    const { graph, definitionOf, inside } = state;
    const frames = new Set(graph.frames?.slice(0, 1).map(({ id }) => id));
    const made = collapseToSubgraph(
      graph,
      definitionOf,
      { nodes: some(state, draw), frames },
      draw.words,
      inside.length === 0,
    );
    return here(made?.patches ?? []);
  },
  unpack: ({ document, graph, inside }, { a }) => {
    const instance = pick(
      graph.nodes.filter((n) => subgraphIdOf(n) !== undefined),
      a,
    );
    const made =
      instance && inScope(unpackSubgraph(graph, instance.id, inside.length === 0)?.patches ?? [], inside.at(-1)?.id);
    return whole(made ? [...made, ...withoutUnused(document, applyPatches(document, made))] : []);
  },
  interface: ({ document }, { a, b, words }) => {
    const subgraph = pick(document.subgraphs, a);
    if (!subgraph) return whole([]);
    const inner = pick(subgraph.nodes, b);
    const param = inner && pick(findDefinition(inner.type)?.params, b);
    return whole(
      changeInterface(document, subgraph.id, {
        title: words,
        inputs: b % 2 ? subgraph.inputs.slice(1) : subgraph.inputs,
        outputs: a % 3 ? subgraph.outputs : subgraph.outputs.toReversed(),
        params: inner && param ? [{ name: `p${b}`, node: inner.id, param: param.name }] : [],
      }),
    );
  },
  expose: ({ document }, { a, b }) => {
    const target = pick(document.nodes, a);
    const param = target && pick(findDefinition(target.type)?.params, b);
    return whole(target && param ? toggleExposed(document, target.id, param.name) : []);
  },
  form: ({ document }, { a, words }) => {
    const list = document.exposed?.toReversed().map((entry) => ({ ...entry, label: words, group: words }));
    return whole(setExposed(document, a % 4 ? list : undefined));
  },
  sweep: ({ document }, { a, b }) => {
    const target = pick(document.nodes, a);
    const sweep = target && { axes: [{ node: target.id, param: "seed", values: [a, b] }], combine: "all" as const };
    return whole(setSweep(document, b % 4 ? sweep : undefined));
  },
};

const names = Object.keys(edits);
const draw = fc.record({
  edit: fc.nat({ max: names.length - 1 }),
  // What is done, or one step of history, a walk through the subgraphs, or a save and a reload.
  action: fc.nat({ max: 19 }),
  a: fc.nat({ max: 1_000 }),
  b: fc.nat({ max: 1_000 }),
  words: fc.string({ minLength: 1, maxLength: 4 }),
});

/** Plays a sequence and says whether each state was the one that it had to be. */
function play(sequence: readonly (Draw & { edit: number; action: number })[], seen: Map<string, number>): void {
  const store: DocumentStore = createDocumentStore(startingDocument, findDefinition);
  let timeline = [store.getState().document];
  const texts = new Map<WorkflowDocument, string>();
  let at = 0;
  for (const step of sequence) {
    const state = store.getState();
    if (step.action < 3) {
      store.undo();
      at = Math.max(0, at - 1);
    } else if (step.action < 5) {
      store.redo();
      at = Math.min(timeline.length - 1, at + 1);
    } else if (step.action === 5) {
      const { document } = parseWorkflowText(serializeWorkflow(state.document));
      expect(document).toStrictEqual(state.document);
      store.load(document);
      timeline = [document];
      at = 0;
    } else if (step.action < 8) {
      const instance = pick(
        state.graph.nodes.filter((n) => subgraphIdOf(n) !== undefined),
        step.a,
      );
      store.enter(instance ? [...state.path, instance.id] : state.path.slice(0, -1));
    } else {
      const name = names[step.edit] ?? "";
      const { patches, whole: isWhole = false } = edits[name]!(state, step);
      store.commit({ label: name, patches, whole: isWhole });
      if (patches.length > 0) {
        seen.set(name, (seen.get(name) ?? 0) + 1);
        timeline.splice(at + 1);
        timeline.push(store.getState().document);
        texts.set(state.document, JSON.stringify(state.document));
        at++;
      }
    }
    if (!isDeepStrictEqual(store.getState().document, timeline[at])) {
      expect(store.getState().document).toStrictEqual(timeline[at]);
    }
  }
  for (const _ of timeline) store.undo();
  expect(store.getState().document).toStrictEqual(timeline[0]);
  // No state was changed after it had been left.
  for (const [document, text] of texts) expect(JSON.stringify(document)).toBe(text);
}

const end = (text: string) => {
  const [node = "", port = ""] = text.split(".");
  return { node, port };
};
const startingDocument: WorkflowDocument = [
  ["load-model.model", "sampler.model"],
  ["load-model.textEncoder", "prompt.textEncoder"],
  ["prompt.conditioning", "sampler.positive"],
  ["load-model.vae", "vae-decode.vae"],
  ["sampler.latent", "vae-decode.latent"],
  ["vae-decode.image", "save-image.image"],
].reduce(
  (document, [from = "", to = ""]) => applyPatches(document, addLink(document, { from: end(from), to: end(to) })),
  ["load-model", "prompt", "sampler", "vae-decode", "save-image", "seed", "reroute"].reduce((document, type, at) => {
    const definition = (findDefinition as DefinitionLookup)(type)!;
    const added = applyPatches(document, addNode(document, definition, { x: at * 300, y: 0 }).patches);
    return applyPatches(added, setSeedMode(added, "sampler", "seed", "random"));
  }, empty),
);

describe("undo", () => {
  it("restores the document exactly through 10,000 sequences of every command, saves and reloads among them", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(draw, { minLength: 4, maxLength: 16 }), (sequence) => play(sequence, seen)),
      { numRuns: 10_000 },
    );
    // Every command did something, and not only once by luck.
    expect(names.filter((name) => (seen.get(name) ?? 0) < 20)).toEqual([]);
  }, 60_000);

  it("keeps patches, not documents: a step of typing holds the node that was typed in and nothing else", () => {
    const store = createDocumentStore(startingDocument, findDefinition);
    store.commit({ label: "edit", patches: setParam(store.getState().graph, "sampler", "steps", 9) });
    const [entry] = store.getState().history.past;
    expect(entry?.patches).toHaveLength(1);
    expect(entry?.patches[0]).toMatchObject({
      collection: "nodes",
      before: { id: "sampler" },
      after: { id: "sampler" },
    });
  });

  it("goes to the subgraph in which something was done, and out of one that is no more", () => {
    const store = createDocumentStore(startingDocument, findDefinition);
    const { graph, definitionOf } = store.getState();
    const made = collapseToSubgraph(graph, definitionOf, { nodes: new Set(["sampler", "seed"]) }, "Draw", true)!;
    store.commit({ label: "collapse", patches: made.patches });
    store.enter([made.nodeId]);
    store.commit({ label: "edit", patches: setParam(store.getState().graph, "sampler", "steps", 30) });
    expect(store.getState().document.subgraphs?.[0]?.nodes.find(({ id }) => id === "sampler")?.params.steps).toBe(30);
    store.enter([]);
    store.undo();
    expect(store.getState().path).toEqual([made.nodeId]);
    expect(store.getState().nodesById.get("sampler")?.params.steps).toBe(8);
    store.undo();
    expect(store.getState().path).toEqual([]);
    expect(store.getState().document).toStrictEqual(startingDocument);
  });

  it("inverts any patches", () => {
    fc.assert(
      fc.property(draw, draw, (first, second) => {
        const store = createDocumentStore(startingDocument, findDefinition);
        for (const step of [first, second]) {
          const before = store.getState();
          const { patches } = edits[names[step.edit] ?? ""]!(before, step);
          const after = applyPatches(before.document, patches);
          expect(applyPatches(after, invertPatches(patches))).toStrictEqual(before.document);
          store.commit({ label: "edit", patches, whole: true });
        }
      }),
      { numRuns: 500 },
    );
  });
});
