import { expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { namesTwice, setProperties, toggleSafetyCheck } from "./form-commands.ts";
import { applyPatches } from "./patch.ts";

const empty: WorkflowDocument = { format: "heddle-workflow", version: 1, title: "Test", nodes: [], links: [] };

it("switches the safety check of the whole workflow off, and on again, and keeps other settings", () => {
  const document = { ...empty, settings: { ofAnotherVersion: 7 } };
  const off = toggleSafetyCheck(document);
  expect(off.isOn).toBe(false);
  const changed = applyPatches(document, off.patches);
  expect(changed.settings).toEqual({ ofAnotherVersion: 7, safetyCheck: false });
  expect(serializeWorkflow(changed)).toContain('"safetyCheck": false');
  const on = toggleSafetyCheck(changed);
  expect(on.isOn).toBe(true);
  expect(applyPatches(changed, on.patches).settings).toEqual({ ofAnotherVersion: 7, safetyCheck: true });
});

it("changes what a workflow says of itself in one step, and nothing where nothing is changed", () => {
  const exposed = [{ node: "a", param: "text", name: "words" }];
  const patches = setProperties(empty, { title: "Cats", description: "Draws cats", exposed });
  expect(patches).toHaveLength(1);
  const changed = applyPatches(empty, patches);
  expect(changed).toMatchObject({ title: "Cats", description: "Draws cats", exposed });
  expect(setProperties(changed, { title: "Cats", description: "Draws cats", exposed: [...exposed] })).toEqual([]);
  expect(applyPatches(changed, setProperties(changed, { title: "Cats", description: "" }))).not.toHaveProperty(
    "exposed",
  );
});

it("finds names of inputs that several have, their own or the usual one", () => {
  const entry = (node: string, name?: string) => ({ node, param: "text", ...(name ? { name } : {}) });
  expect(namesTwice([entry("a"), entry("b")]).size).toBe(0);
  expect([...namesTwice([entry("a"), entry("b", "a.text"), entry("c", "x")])]).toEqual(["a.text"]);
});
