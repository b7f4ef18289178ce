import { createContext, useContext, useMemo } from "react";
import { useStore } from "zustand";
import type { WorkflowNode } from "../../graph/document.ts";
import type { DocumentState } from "../document/document-store.ts";
import { prefixOf } from "../document/scope.ts";
import { outerRun } from "../run/outer-run.ts";
import type { NodeRun, RunState } from "../run/run-state.ts";
import type { Settings } from "../settings/settings-store.ts";
import type { HostState } from "./host-store.ts";
import type { Session } from "./session.ts";
import type { ViewState } from "./view-store.ts";

const SessionContext = createContext<Session | undefined>(undefined);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it");
  return session;
}

export const useDocument = <T,>(select: (state: DocumentState) => T): T => useStore(useSession().documents, select);
export const useRun = <T,>(select: (state: RunState) => T): T => useStore(useSession().runs, select);
export const useView = <T,>(select: (state: ViewState) => T): T => useStore(useSession().view, select);
export const useHost = <T,>(select: (state: HostState) => T): T => useStore(useSession().hostState, select);
export const useSettings = <T,>(select: (state: Settings) => T): T => useStore(useSession().settings, select);

export const useWorkflowNode = (id: string): WorkflowNode | undefined => useDocument((s) => s.nodesById.get(id));
/** Stands before the ids of the nodes here in what is told of a run. */
export const usePrefix = (): string => useDocument((s) => prefixOf(s.path));

/** How a node of the graph that is being edited runs; for a subgraph, how the nodes inside do. */
export function useNodeRun(id: string, isSubgraph = false): NodeRun | undefined {
  const key = usePrefix() + id;
  const found = useRun((s) => (isSubgraph ? s.nodes : s.nodes.get(key)));
  return useMemo(
    () => (found instanceof Map ? outerRun(found, `${key}/`) : (found as NodeRun | undefined)),
    [found, key],
  );
}
