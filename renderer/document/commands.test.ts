import { describe, expect, it } from "vitest";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { Subgraph, WorkflowDocument } from "../../graph/document.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { fragmentFromText, fragmentToText } from "../session/clipboard.ts";
import {
  addLink,
  addNode,
  clearOffset,
  copyFragment,
  insertFragment,
  type LinkEnds,
  moveLink,
  removeSelection,
  setParam,
  whyNotLink,
} from "./commands.ts";
import { createDocumentStore } from "./document-store.ts";
import { applyPatches } from "./patch.ts";
import { graphOf } from "./scope.ts";
import { changeInterface, collapseToSubgraph, unpackSubgraph } from "./subgraph-commands.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "Test", nodes: [], links: [] };
const lookup: DefinitionLookup = findDefinition;

const build = (...types: string[]): WorkflowDocument =>
  types.reduce((document, type) => {
    const definition = findDefinition(type);
    if (!definition) throw new Error(type);
    return applyPatches(document, addNode(document, definition, { x: 0, y: 0 }).patches);
  }, empty);
const link = (from: string, to: string): LinkEnds => {
  const [fromNode = "", fromPort = ""] = from.split(".");
  const [toNode = "", toPort = ""] = to.split(".");
  return { from: { node: fromNode, port: fromPort }, to: { node: toNode, port: toPort } };
};

describe("adding and connecting", () => {
  it("gives readable ids and the definition's defaults", () => {
    const document = build("sampler", "sampler");
    expect(document.nodes.map(({ id }) => id)).toEqual(["sampler", "sampler-2"]);
    expect(document.nodes[0]?.params.steps).toBe(8);
  });

  it("replaces the link that fed the input before", () => {
    const first = build("load-model", "load-model", "prompt");
    const ends = link("load-model.textEncoder", "prompt.textEncoder");
    const once = applyPatches(first, addLink(first, ends));
    const twice = applyPatches(once, addLink(once, link("load-model-2.textEncoder", "prompt.textEncoder")));
    expect(twice.links.map(({ from }) => from.node)).toEqual(["load-model-2"]);
    expect(addLink(once, ends)).toEqual([]);
  });

  it("refuses wrong types, itself, missing sockets and circles", () => {
    const document = build("load-model", "sampler", "sampler", "vae-decode");
    expect(whyNotLink(document, lookup, link("load-model.model", "sampler.model"))).toBeUndefined();
    expect(whyNotLink(document, lookup, link("load-model.model", "sampler.latent"))).toBe("wrong-type");
    expect(whyNotLink(document, lookup, link("sampler.latent", "sampler.latent"))).toBe("same-node");
    expect(whyNotLink(document, lookup, link("sampler.picture", "vae-decode.latent"))).toBe("unknown-port");
    const chained = applyPatches(document, addLink(document, link("sampler.latent", "sampler-2.latent")));
    expect(whyNotLink(chained, lookup, link("sampler-2.latent", "sampler.latent"))).toBe("cycle");
  });

  it("moves one end of a link as one change", () => {
    const document = build("sampler", "vae-decode", "vae-decode");
    const linked = applyPatches(document, addLink(document, link("sampler.latent", "vae-decode.latent")));
    const id = linked.links[0]?.id ?? "";
    const moved = applyPatches(linked, moveLink(linked, id, link("sampler.latent", "vae-decode-2.latent")));
    expect(moved.links).toHaveLength(1);
    expect(moved.links[0]?.to.node).toBe("vae-decode-2");
    // Put back where it was, it is no change.
    expect(moveLink(linked, id, link("sampler.latent", "vae-decode.latent"))).toEqual([]);
  });

  it("removes the links of removed nodes", () => {
    const document = build("sampler", "vae-decode");
    const linked = applyPatches(document, addLink(document, link("sampler.latent", "vae-decode.latent")));
    const rest = applyPatches(linked, removeSelection(linked, lookup, new Set(["sampler"]), new Set()));
    expect(rest.nodes.map(({ id }) => id)).toEqual(["vae-decode"]);
    expect(rest.links).toEqual([]);
  });

  it("joins what removed nodes only passed on, past as many as there are", () => {
    const document = [
      "a.value > b.value",
      "load-model.model > a.value",
      "b.value > sampler.model",
      "b.value > other.model",
    ]
      .map((text) => text.split(" > ") as [string, string])
      .reduce((current, [from, to]) => applyPatches(current, addLink(current, link(from, to))), {
        ...build("load-model", "reroute", "reroute", "sampler", "sampler"),
        nodes: build("load-model", "reroute", "reroute", "sampler", "sampler").nodes.map((node, at) => ({
          ...node,
          id: ["load-model", "a", "b", "sampler", "other"][at]!,
        })),
      });
    const without = (nodes: string[], links: string[] = []) =>
      applyPatches(document, removeSelection(document, lookup, new Set(nodes), new Set(links))).links.map(
        ({ from, to }) => `${from.node}.${from.port} > ${to.node}.${to.port}`,
      );
    const both = ["load-model.model > sampler.model", "load-model.model > other.model"];
    expect(without(["a", "b"])).toEqual(both);
    expect(without(["a"])).toEqual(["b.value > sampler.model", "b.value > other.model", "load-model.model > b.value"]);
    // A link that is itself removed is not joined to.
    const toOther = document.links.find(({ to }) => to.node === "other")!.id;
    expect(without(["a", "b"], [toOther])).toEqual(both.slice(0, 1));
    expect(without(["load-model"])).toHaveLength(3);
    const ids = applyPatches(document, removeSelection(document, lookup, new Set(["a", "b"]), new Set())).links;
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
  });
});

describe("copy and paste", () => {
  it("keeps links among the copied nodes, and those from nodes that are still there", () => {
    const document = build("load-model", "sampler", "vae-decode");
    const linked = [
      link("load-model.model", "sampler.model"),
      link("sampler.latent", "vae-decode.latent"),
      link("load-model.vae", "vae-decode.vae"),
    ].reduce((current, ends) => applyPatches(current, addLink(current, ends)), document);
    const fragment = copyFragment(linked, new Set(["sampler", "vae-decode"]));
    const { patches, nodeIds } = insertFragment(linked, fragment, { x: 40, y: 0 });
    const pasted = applyPatches(linked, patches);
    expect(nodeIds).toEqual(["sampler-2", "vae-decode-2"]);
    const into = pasted.links.filter(({ to }) => nodeIds.includes(to.node)).map(({ from, to }) => [from.node, to.node]);
    expect(into).toEqual([
      ["load-model", "sampler-2"],
      ["sampler-2", "vae-decode-2"],
      ["load-model", "vae-decode-2"],
    ]);
    const elsewhere = insertFragment(empty, fragment, { x: 0, y: 0 });
    expect(applyPatches(empty, elsewhere.patches).links.map(({ from, to }) => [from.node, to.node])).toEqual([
      ["sampler", "vae-decode"],
    ]);
    // In another workflow the id may be that of another node.
    const other = { ...empty, nodes: [{ ...linked.nodes[0]!, type: "note" }] };
    const pastedThere = applyPatches(other, insertFragment(other, fragment, { x: 0, y: 0 }).patches);
    expect(pastedThere.links.map(({ from }) => from.node)).toEqual(["sampler"]);
    expect(fragmentFromText(fragmentToText(fragment))?.sources).toEqual({ "load-model": "load-model" });
  });

  it("puts no copy exactly on what is there, where one would not see that there are two", () => {
    const document = build("sampler");
    const fragment = copyFragment(document, new Set(["sampler"]));
    const step = { x: 40, y: 40 };
    const paste = (into: WorkflowDocument) =>
      applyPatches(into, insertFragment(into, fragment, clearOffset(into, fragment, { x: 40, y: 40 }, step)).patches);
    const thrice = paste(paste(paste(document)));
    const [{ position: start }] = document.nodes as [WorkflowDocument["nodes"][number]];
    expect(thrice.nodes.map(({ position }) => [position.x - start.x, position.y - start.y])).toEqual([
      [0, 0],
      [40, 40],
      [80, 80],
      [120, 120],
    ]);
  });
});

describe("subgraphs", () => {
  const document = ["load-model.vae > vae-decode.vae", "sampler.latent > vae-decode.latent"]
    .map((text) => text.split(" > ") as [string, string])
    .reduce(
      (current, [from, to]) => applyPatches(current, addLink(current, link(from, to))),
      build("load-model", "sampler", "vae-decode"),
    );
  const made = collapseToSubgraph(document, lookup, { nodes: new Set(["sampler", "vae-decode"]) }, "Draw", true)!;
  const collapsed = applyPatches(document, made.patches);
  const paste = (target: WorkflowDocument, inside: readonly Subgraph[] = []) => {
    const copied = fragmentFromText(fragmentToText(copyFragment(collapsed, new Set([made.nodeId]))))!;
    return applyPatches(target, insertFragment(target, copied, { x: 0, y: 0 }, inside).patches);
  };

  it("come along into another workflow, and are not doubled in their own", () => {
    expect(paste(empty).subgraphs).toHaveLength(1);
    expect(paste(empty).nodes[0]?.type).toBe("subgraph/draw");
    expect(paste(collapsed).subgraphs).toHaveLength(1);
    const changed = applyPatches(collapsed, changeInterface(collapsed, "draw", { title: "Other" }));
    const both = paste(changed);
    expect(both.subgraphs?.map(({ id, title }) => `${id} ${title}`)).toEqual(["draw Other", "draw-2 Draw"]);
    expect(both.nodes.at(-1)?.type).toBe("subgraph/draw-2");
  });

  it("are refused inside themselves", () => {
    const inside = collapsed.subgraphs ?? [];
    expect(() => paste(graphOf(collapsed, inside[0]), inside)).toThrow(
      expect.objectContaining({ code: "subgraph-recursive" }),
    );
  });

  it("keep the form's names for programs when what it shows goes into one", () => {
    const exposed = { ...document, exposed: [{ node: "sampler", param: "steps", label: "Patience" }] };
    const after = applyPatches(
      exposed,
      collapseToSubgraph(exposed, lookup, { nodes: new Set(["sampler"]) }, "Draw", true)!.patches,
    );
    expect(after.exposed).toEqual([{ node: "draw", param: "steps", label: "Patience", name: "sampler.steps" }]);
    expect(after.subgraphs?.[0]?.params).toEqual([{ name: "steps", node: "sampler", param: "steps" }]);
  });

  it("take the form and the matrix of runs along when they are made, and give them back when they are unpacked", () => {
    const before: WorkflowDocument = {
      ...document,
      exposed: [
        { node: "sampler", param: "steps", group: "How" },
        { node: "load-model", param: "checkpoint" },
      ],
      sweep: {
        combine: "all",
        axes: [
          { node: "sampler", param: "steps", values: [4, 8] },
          { node: "sampler", param: "guidance", values: [1, 2] },
          { node: "load-model", param: "checkpoint", values: ["a", "b"] },
        ],
      },
    };
    const chosen = { nodes: new Set(["sampler", "vae-decode"]) };
    const inside = applyPatches(before, collapseToSubgraph(before, lookup, chosen, "Draw", true)!.patches);
    expect(inside.sweep?.axes.map(({ node, param }) => `${node} ${param}`)).toEqual([
      "draw steps",
      "draw/sampler guidance",
      "load-model checkpoint",
    ]);
    const unpack = (from: WorkflowDocument) => applyPatches(from, unpackSubgraph(from, "draw", true)!.patches);
    expect(unpack(inside)).toMatchObject({ exposed: before.exposed, sweep: before.sweep });

    // What was called by the node's name goes on being called so, and keeps the words that the subgraph had for it.
    const [steps] = inside.subgraphs![0]!.params;
    const renamed = applyPatches(
      { ...inside, exposed: [{ node: "draw", param: "steps" }] },
      changeInterface(inside, "draw", { params: [{ ...steps!, label: "Patience" }] }),
    );
    expect(unpack(renamed).exposed).toEqual([
      { node: "sampler", param: "steps", label: "Patience", name: "draw.steps" },
    ]);
    expect(applyPatches(inside, unpackSubgraph(inside, "draw", false)!.patches).exposed).toEqual(inside.exposed);
  });

  it("give back the frames of one in which nothing else is, where its node stood", () => {
    const frame = { id: "frame", title: "Empty", position: { x: 500, y: 80 }, size: { width: 300, height: 200 } };
    const bare: WorkflowDocument = {
      ...empty,
      nodes: [{ ...collapsed.nodes.find(({ id }) => id === "draw")!, position: { x: 40, y: 60 } }],
      subgraphs: [{ ...collapsed.subgraphs![0]!, nodes: [], links: [], frames: [frame] }],
    };
    const { frames, nodes } = applyPatches(bare, unpackSubgraph(bare, "draw", true)!.patches);
    expect(nodes).toEqual([]);
    expect(frames).toEqual([{ ...frame, position: { x: 40, y: 60 } }]);
  });

  it("lose the links of sockets that go, inside and outside", () => {
    const bare = applyPatches(collapsed, changeInterface(collapsed, "draw", { inputs: [] }));
    expect(bare.links).toEqual([]);
    expect(bare.subgraphs?.[0]?.links.map(({ from }) => from.node)).toEqual(["sampler"]);
  });
});

describe("history", () => {
  it("makes one step of a gesture, and none of no change", () => {
    const store = createDocumentStore(build("sampler"));
    for (const steps of [9, 10, 11]) {
      const patches = setParam(store.getState().document, "sampler", "steps", steps);
      store.commit({ label: "edit", patches, gesture: "scrub" });
    }
    store.commit({ label: "edit", patches: setParam(store.getState().document, "sampler", "steps", 11) });
    expect(store.getState().history.past).toHaveLength(1);
    expect(store.getState().history.past[0]?.patches).toHaveLength(1);
    store.undo();
    expect(store.getState().document.nodes[0]?.params.steps).toBe(8);
    store.redo();
    expect(store.getState().document.nodes[0]?.params.steps).toBe(11);
  });

  it("starts a new step after undo, even with the same gesture", () => {
    const store = createDocumentStore(build("sampler"));
    const edit = (steps: number) =>
      store.commit({
        label: "edit",
        patches: setParam(store.getState().document, "sampler", "steps", steps),
        gesture: "typing",
      });
    edit(9);
    store.undo();
    store.redo();
    edit(10);
    expect(store.getState().history.past).toHaveLength(2);
  });
});
