import { useEffect, useMemo, useState } from "react";
import type { ParamDefinition } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { parseLoras, readParam } from "../../graph/values.ts";
import type { Host } from "../../protocol/host.ts";
import { setParam } from "../document/commands.ts";
import { applyPatches } from "../document/patch.ts";
import { translate } from "../i18n/i18n.ts";
import { useDocument, useHost, useSession } from "../session/context.tsx";
import { useModelDetails } from "./model-details.ts";
import { completingAt } from "./prompt-syntax.ts";
import { withWords } from "./prompt-target.ts";

export interface Suggestion {
  readonly kind: "wildcard" | "lora" | "word";
  readonly label: string;
  readonly note: string;
  /** Written in place of what was begun. */
  readonly insert: string;
  /** Name of a LoRA that goes into the stack. */
  readonly lora?: string;
}

const MOST = 8;

/** What could be meant before the caret: wildcard files, LoRAs, trigger words of the LoRAs in the workflow. */
export function usePromptSuggestions({
  nodeId,
  param,
  text,
  caret,
  wildcards,
}: {
  nodeId: string;
  /** Name of the param that holds the text. */
  param: string;
  text: string;
  caret: number | undefined;
  wildcards: readonly string[] | undefined;
}) {
  const session = useSession();
  const models = useHost((state) => state.models);
  const detailsOf = useModelDetails();
  const graph = useDocument((state) => (caret === undefined ? undefined : state.graph));
  const [chosen, setChosen] = useState<{ caret: number; index: number }>();
  const completing = caret === undefined ? undefined : completingAt(text, caret);
  const suggestions = useMemo((): Suggestion[] => {
    if (!completing || !graph) return [];
    const query = completing.query.toLowerCase();
    const loras = (models ?? []).filter(({ kind }) => kind === "lora");
    const wordsOf = (name: string) => detailsOf("lora", name)?.triggerWords ?? [];
    const all: Suggestion[] =
      completing.kind === "wildcard"
        ? (wildcards ?? []).map((name) => ({
            ...{ kind: "wildcard", label: name, note: translate("prompt.wildcard"), insert: `__${name}__` },
          }))
        : completing.kind === "lora"
          ? loras.map(({ name, label }) => ({
              ...{ kind: "lora", label, note: translate("prompt.lora"), insert: wordsOf(name).join(", "), lora: name },
            }))
          : [...lorasIn(graph, session.definitionOf)].flatMap((name) =>
              wordsOf(name).map((word): Suggestion => {
                const label = loras.find((one) => one.name === name)?.label ?? name;
                return {
                  kind: "word",
                  label: word,
                  note: translate("prompt.triggerWord", { name: label }),
                  insert: word,
                };
              }),
            );
    const fits = (label: string) =>
      completing.kind === "word"
        ? label.toLowerCase().startsWith(query) && label.toLowerCase() !== query
        : label.toLowerCase().includes(query);
    return all.filter(({ label }) => fits(label)).slice(0, MOST);
  }, [completing, graph, models, detailsOf, wildcards, session]);
  const isChosen = chosen !== undefined && chosen.caret === caret;
  const index = isChosen ? Math.min(chosen.index, suggestions.length - 1) : 0;

  return {
    suggestions,
    index,
    current: suggestions[index],
    /** Enter takes a suggestion only where one began something that words do not begin with, or went to it. */
    isChosen: isChosen || (completing !== undefined && completing.kind !== "word"),
    move(step: 1 | -1) {
      if (caret === undefined || suggestions.length === 0) return;
      setChosen({ caret, index: (index + step + suggestions.length) % suggestions.length });
    },
    /** Writes a suggestion, in one step of undo with what else it does; returns where the caret goes. */
    accept({ insert, lora }: Suggestion, gesture: string): number {
      if (!completing || caret === undefined) return caret ?? 0;
      const before = text.slice(0, completing.from);
      const after = text.slice(caret);
      const isDouble = lora !== undefined && withWords(text, [insert]) === text;
      const written = `${before}${isDouble ? "" : insert}`;
      const { graph: current } = session.documents.getState();
      const words = setParam(current, nodeId, param, written + after);
      const stacked = lora === undefined ? [] : addToStack(applyPatches(current, words), lora);
      session.documents.commit({
        label: "edit",
        patches: [...words, ...stacked],
        gesture: lora === undefined ? `${nodeId} ${param} ${gesture}` : undefined,
      });
      return written.length;
    },
  };
}

/** Names of the LoRAs that the workflow uses. Asked for at every key: nodes whose type has no LoRAs are passed over. */
function lorasIn(graph: WorkflowDocument, definitionOf: ReturnType<typeof useSession>["definitionOf"]): Set<string> {
  const names = new Set<string>();
  const paramsOf = new Map<string, readonly ParamDefinition[]>();
  for (const node of graph.nodes) {
    let params = paramsOf.get(node.type);
    if (!params) {
      params = (definitionOf(node.type)?.params ?? []).filter(holdsLoras);
      paramsOf.set(node.type, params);
    }
    for (const param of params) {
      const value = readParam(node.params, param);
      if (param.kind === "model") names.add(String(value));
      else for (const { name } of parseLoras(value) ?? []) names.add(name);
    }
  }
  return names;
}

const holdsLoras = (param: ParamDefinition) =>
  param.kind === "loras" || (param.kind === "model" && param.modelKind === "lora");

/** Puts a LoRA at the end of the first stack of the workflow, unless it is there. */
function addToStack(graph: WorkflowDocument, name: string) {
  const stack = graph.nodes.find(({ type }) => type === "lora-stack");
  const entries = stack && (parseLoras(stack.params.loras) ?? []);
  if (!stack || !entries || entries.some((entry) => entry.name === name)) return [];
  return setParam(graph, stack.id, "loras", [...entries, { name, weight: 1, enabled: true }]);
}

const known = new WeakMap<Host, Promise<string[]>>();

/** Names of the wildcard files; asked for when they are first wanted, `undefined` until they are known. */
export function useWildcardNames(wanted: boolean): readonly string[] | undefined {
  const { host } = useSession();
  const [names, setNames] = useState<readonly string[]>();
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const asked = known.get(host) ?? host.rpc.prompts.wildcards();
    known.set(host, asked);
    asked.then(
      (found) => current && setNames(found),
      () => known.delete(host),
    );
    return () => {
      current = false;
    };
  }, [host, wanted]);
  return names;
}
