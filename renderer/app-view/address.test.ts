import { expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Workspace, WorkspaceState } from "../session/workspace.ts";
import { followAddress } from "./address.ts";
import { createFaceStore } from "./face-store.ts";

it("asks for the template that an address names, also where it is written wrongly", () => {
  const asked = vi.fn(() => false);
  const face = createFaceStore();
  const tabs = createStore<WorkspaceState>(() => ({ tabs: [], active: undefined }));
  const workspace = Object.assign(tabs, { current: () => ({ face }) }) as unknown as Workspace;
  for (const hash of ["#app/text%20to%20image", "#app/%E0%A4%A"]) {
    const location = { hash, pathname: "/", search: "" } as Location;
    const history = { replaceState: vi.fn() } as unknown as History;
    followAddress(workspace, asked, { location, history, addEventListener: () => {} });
  }
  expect(asked.mock.calls).toEqual([["text to image"], ["%E0%A4%A"]]);
});
