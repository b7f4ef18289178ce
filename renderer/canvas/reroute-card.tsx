import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useStore } from "zustand";
import { useDefinitionText } from "../i18n/use-text.ts";
import { useDocument, useSession, useWorkflowNode } from "../session/context.tsx";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";
import { isSameCard } from "./same-card.ts";
import { Socket } from "./socket.tsx";

/** A bend in a link: two sockets and nothing else, in the colour of what goes through. */
export const RerouteCard = memo(function RerouteCard({ id, selected }: NodeProps<FlowNode>) {
  const { definitionOf, flow, issues } = useSession();
  const words = useDefinitionText();
  const node = useWorkflowNode(id);
  const linkId = useDocument((state) => state.linkByInput.get(`${id}\nvalue`)?.id);
  const type = useStore(flow, (state) => state.links.find((link) => link.id === linkId)?.data?.portType ?? "any");
  const hasError = useStore(issues, (state) => state.byNode.get(id)?.some(({ severity }) => severity === "error"));
  const definition = node && definitionOf(node.type);
  const [input] = definition?.inputs ?? [];
  const [output] = definition?.outputs ?? [];
  if (!node || !definition || !input || !output) return null;
  return (
    <article
      className={styles.reroute}
      data-selected={selected || undefined}
      data-problem={hasError || undefined}
      aria-label={node.title || words.title(definition)}
    >
      <Socket port={{ ...input, type }} side="inputs" />
      <Socket port={{ ...output, type }} side="outputs" />
    </article>
  );
}, isSameCard);
