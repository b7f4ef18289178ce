import { expect, it } from "vitest";
import type { WorkflowDocument } from "../../graph/document.ts";
import { serializeWorkflow } from "../../graph/serialize.ts";
import { toggleSafetyCheck } from "./form-commands.ts";
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
