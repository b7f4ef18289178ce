import { CornerLeftUp } from "lucide-react";
import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { JsonValue } from "../../graph/document.ts";
import { prefixOf } from "../document/scope.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useDocument, useSession } from "../session/context.tsx";
import { showNode } from "../session/look.ts";
import { valueText } from "../sweep/cells.ts";
import { outsideOf } from "./outside.ts";
import styles from "./subgraph.module.css";

/** The row of a param whose value is set outside of the subgraph: the value, and the way to where it is set. */
export function OutsideParam({
  nodeId,
  definition,
  param,
  value,
}: {
  nodeId: string;
  definition: NodeDefinition;
  param: ParamDefinition;
  /** The usual value, for nodes outside that have none. */
  value: JsonValue;
}) {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const document = useDocument((state) => state.document);
  const inside = useDocument((state) => state.inside);
  const path = useDocument((state) => state.path);
  const outside = outsideOf({ document, inside, path }, nodeId, param.name);
  if (!outside) return null;
  const label = words.param(definition, param);
  const subgraph = inside[outside.path.length];
  const name = outside.node.title || (subgraph?.title ?? outside.node.id);
  const shown = outside.isLinked ? text("subgraph.linkedOutside") : textOf(outside.value ?? value);
  return (
    <button
      type="button"
      className={`${styles.outside} nodrag`}
      title={text("subgraph.outsideHelp", { name })}
      onClick={() => {
        showNode(session, prefixOf(outside.path) + outside.node.id);
        requestAnimationFrame(() => focusField(outside.node.id, outside.param));
      }}
    >
      <span className={styles.outsideLabel}>{label}</span>
      <span className={styles.outsideValue}>{shown}</span>
      <span className="visually-hidden">{text("subgraph.outsideOf", { name })}</span>
      <CornerLeftUp size={12} />
    </button>
  );

  function textOf(one: JsonValue): string {
    if (param.kind === "choice") {
      const option = param.options.find((candidate) => candidate.value === one);
      if (option) return words.option(definition, param, option);
    }
    if (typeof one === "boolean") return text(one ? "subgraph.on" : "subgraph.off");
    return typeof one === "object" ? text("subgraph.setOutside") : valueText(one);
  }
}

/** The field that the value is changed in, once its card is drawn. */
function focusField(nodeId: string, param: string): void {
  const card = document.querySelector(`.react-flow__node[data-id="${CSS.escape(nodeId)}"]`);
  const row = card?.querySelector(`[data-param="${CSS.escape(param)}"]`);
  row?.querySelector<HTMLElement>("input, textarea, button, [tabindex]")?.focus();
}
