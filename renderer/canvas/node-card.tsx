import type { NodeProps } from "@xyflow/react";
import {
  NodeResizeControl,
  type ReactFlowState,
  useStore as useFlowState,
  useUpdateNodeInternals,
} from "@xyflow/react";
import { ChevronDown, ChevronRight, CircleHelp, Pin } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import type { Problem } from "../../graph/problems.ts";
import { readParam, visibleParams } from "../../graph/values.ts";
import { isPinned } from "../document/commands.ts";
import { unlockedSeeds } from "../document/seeds.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { toggleCollapsed } from "../session/actions.ts";
import { useDocument, useNodeRun, useSession, useWorkflowNode } from "../session/context.tsx";
import { ParamRow } from "../widgets/param-row.tsx";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";
import { NodeFacts } from "./node-facts.tsx";
import { NodeFailure, NodeNotice } from "./node-failure.tsx";
import { NodePicture } from "./node-picture.tsx";
import { NodeStatus, ProgressLine } from "./node-status.tsx";
import { NodeTitle } from "./node-title.tsx";
import { PortLabel } from "./port-label.tsx";
import { Socket } from "./socket.tsx";

/** A colour for the header, faint enough for its words. */
const tint = (color: string) => `color-mix(in srgb, ${color} 22%, transparent)`;

const NO_PROBLEMS: readonly Problem[] = [];

/** A node of the workflow, drawn from its definition. */
export const NodeCard = memo(function NodeCard({ id, selected, height }: NodeProps<FlowNode>) {
  const isFar = useFlowState(isSeenFromFar);
  const { definitionOf, issues } = useSession();
  const node = useWorkflowNode(id);
  const definition = node && definitionOf(node.type);
  const problems = useStore(issues, (state) => state.byNode.get(id)) ?? NO_PROBLEMS;
  if (!node) return null;
  if (!definition) return <UnknownNode node={node} selected={selected} problems={problems} />;
  const props = { node, definition, selected, problems };
  if (isFar) return <FarNode {...props} height={height} />;
  return <KnownNode {...props} />;
});

/** Below this zoom parameters cannot be read, and a workflow of a thousand nodes shows them all at once. */
const FAR_ZOOM = 0.35;
const isSeenFromFar = (state: ReactFlowState) => state.transform[2] < FAR_ZOOM;

interface CardProps {
  node: WorkflowNode;
  definition: NodeDefinition;
  selected: boolean;
  problems: readonly Problem[];
}

function KnownNode({ node, definition, selected, problems }: CardProps) {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const run = useNodeRun(node.id);
  const updateInternals = useUpdateNodeInternals();
  const collapsed = node.collapsed === true;
  const drawnCollapsed = useRef(collapsed);
  useEffect(() => {
    // Sockets move when the card folds; the first drawing is measured anyway.
    if (drawnCollapsed.current === collapsed) return;
    drawnCollapsed.current = collapsed;
    updateInternals(node.id);
  }, [collapsed, node.id, updateInternals]);
  const title = node.title || words.title(definition);
  const hasError = run?.phase === "failed" || problems.some((problem) => problem.severity === "error");

  return (
    <article
      className={styles.card}
      data-selected={selected || undefined}
      data-phase={run?.phase}
      data-mode={node.mode}
      data-category={definition.category}
      data-problem={hasError || undefined}
      aria-label={title}
      data-pinned={isPinned(node) || undefined}
      style={node.color ? { borderColor: node.color } : undefined}
    >
      <header className={styles.header} style={node.color ? { background: tint(node.color) } : undefined}>
        <button
          type="button"
          className={`${styles.fold} nodrag`}
          aria-label={text(collapsed ? "node.unfold" : "node.fold", { title })}
          aria-expanded={!collapsed}
          onClick={() => toggleCollapsed(session, new Set([node.id]))}
        >
          {collapsed ? <ChevronRight size={14} /> : <ChevronDown size={14} />}
        </button>
        <NodeTitle node={node} title={title} />
        {isPinned(node) && <Pin size={12} className={styles.pinned} aria-label={text("node.pinned")} />}
        <NodeStatus node={node} run={run} />
      </header>
      <ProgressLine run={run} />
      <Ports node={node} definition={definition} problems={problems} collapsed={collapsed} />
      {!collapsed && (
        <>
          <Params node={node} definition={definition} problems={problems} />
          <NodePicture nodeId={node.id} isOutput={definition.isOutput === true} run={run} />
          <NodeFacts run={run} params={node.params} />
        </>
      )}
      {run?.phase === "failed" && run.error && <NodeFailure error={run.error} title={title} runId={run.failedIn} />}
      {run?.warnings.map((warning) => (
        <NodeNotice key={warning.code + warning.message} tone="warning" {...problemText(text, warning)} />
      ))}
      <NodeProblems definition={definition} problems={problems} />
      {!collapsed && definition.params.length > 0 && (
        <NodeResizeControl
          position="right"
          minWidth={220}
          maxWidth={720}
          resizeDirection="horizontal"
          className={`${styles.resize} nodrag`}
        />
      )}
    </article>
  );
}

/**
 * The card without what cannot be read from afar, exactly as large as the whole one: React Flow then keeps what it knows of
 * the sockets, which are not drawn.
 */
function FarNode({ node, definition, selected, problems, height }: CardProps & { height: number | undefined }) {
  const words = useDefinitionText();
  const run = useNodeRun(node.id);
  const title = node.title || words.title(definition);
  const hasError = run?.phase === "failed" || problems.some((problem) => problem.severity === "error");
  return (
    <article
      className={`${styles.card} ${styles.far}`}
      data-selected={selected || undefined}
      data-phase={run?.phase}
      data-mode={node.mode}
      data-problem={hasError || undefined}
      aria-label={title}
      style={{ height, borderColor: node.color }}
    >
      <h2 className={styles.farTitle}>{title}</h2>
      <ProgressLine run={run} />
      {!node.collapsed && <NodePicture nodeId={node.id} isOutput={false} run={run} />}
    </article>
  );
}

/** What is wrong with the node as a whole; problems of a parameter stand at its field. */
function NodeProblems({ definition, problems }: Pick<CardProps, "definition" | "problems">) {
  const text = useText();
  const words = useDefinitionText();
  const isMissing = (problem: Problem) => problem.code === "missing-input";
  const missing = problems.filter(isMissing);
  const inputs = definition.inputs
    .filter((port) => missing.some((problem) => problem.field === port.name))
    .map((port) => words.port(definition, "inputs", port));
  const others = problems.filter(
    (problem) => !isMissing(problem) && !definition.params.some(({ name }) => name === problem.field),
  );
  return (
    <>
      {missing[0] && (
        <NodeNotice tone={missing[0].severity} message={text("node.needsLinks", { inputs: text.list(inputs) })} />
      )}
      {others.map((problem) => (
        <NodeNotice key={problem.code + problem.message} tone={problem.severity} {...problemText(text, problem)} />
      ))}
    </>
  );
}

function Ports({ node, definition, problems, collapsed }: Omit<CardProps, "selected"> & { collapsed: boolean }) {
  const { inputs, outputs } = definition;
  const rows = Math.max(inputs.length, outputs.length);
  if (rows === 0) return null;
  return (
    <div className={collapsed ? styles.foldedPorts : styles.ports}>
      <div className={styles.inputs}>
        {inputs.map((port) => {
          const problem = problems.find((candidate) => candidate.field === port.name);
          return (
            <div key={port.name} className={styles.port}>
              <Socket port={port} side="inputs" isMissing={problem?.severity === "error"} />
              {!collapsed && (
                <PortLabel nodeId={node.id} definition={definition} port={port} side="inputs" problem={problem} />
              )}
            </div>
          );
        })}
      </div>
      <div className={styles.outputs}>
        {outputs.map((port) => (
          <div key={port.name} className={styles.port}>
            {!collapsed && <PortLabel nodeId={node.id} definition={definition} port={port} side="outputs" />}
            <Socket port={port} side="outputs" />
          </div>
        ))}
      </div>
    </div>
  );
}

function Params({ node, definition, problems }: Omit<CardProps, "selected">) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const visible = visibleParams(definition, node.params);
  if (visible.length === 0) return null;
  const advanced = visible.filter((param) => param.advanced);
  // A folded field with a problem would hide what to put right.
  const isOpen = open || advanced.some((param) => problems.some((problem) => problem.field === param.name));
  const unlocked = unlockedSeeds(node);
  const row = (param: ParamDefinition) => (
    <ParamRow
      key={param.name}
      nodeId={node.id}
      definition={definition}
      param={param}
      value={readParam(node.params, param)}
      seedLocked={!unlocked.includes(param.name)}
      problem={problems.find((problem) => problem.field === param.name)}
    />
  );
  return (
    <div className={styles.params}>
      {visible.filter((param) => !param.advanced).map(row)}
      {advanced.length > 0 && (
        <button
          type="button"
          className={`${styles.more} nodrag`}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
          {text("node.advanced", { count: advanced.length })}
        </button>
      )}
      {isOpen && advanced.map(row)}
    </div>
  );
}

/** A node of a type that this version does not have: kept as it is, with the sockets that its links use. */
function UnknownNode({ node, selected, problems }: Omit<CardProps, "definition">) {
  const text = useText();
  const links = useDocument((state) => state.document.links);
  const inputs = new Set(links.filter((link) => link.to.node === node.id).map((link) => link.to.port));
  const outputs = new Set(links.filter((link) => link.from.node === node.id).map((link) => link.from.port));
  const port = (name: string) => ({ name, type: "any" as const, label: name });
  const title = node.title || node.type;
  return (
    <article className={styles.card} data-selected={selected || undefined} data-problem aria-label={title}>
      <header className={styles.header}>
        <CircleHelp size={14} className={styles.unknownIcon} />
        <NodeTitle node={node} title={title} />
      </header>
      <div className={styles.ports}>
        <div className={styles.inputs}>
          {[...inputs].map((name) => (
            <div key={name} className={styles.port}>
              <Socket port={port(name)} side="inputs" />
              <span className={styles.portName}>{name}</span>
            </div>
          ))}
        </div>
        <div className={styles.outputs}>
          {[...outputs].map((name) => (
            <div key={name} className={styles.port}>
              <span className={styles.portName}>{name}</span>
              <Socket port={port(name)} side="outputs" />
            </div>
          ))}
        </div>
      </div>
      {problems.map((problem) => (
        <NodeNotice key={problem.code + problem.message} tone={problem.severity} {...problemText(text, problem)} />
      ))}
    </article>
  );
}
