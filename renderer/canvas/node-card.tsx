import type { NodeProps } from "@xyflow/react";
import {
  NodeResizeControl,
  type ReactFlowState,
  useStore as useFlowState,
  useUpdateNodeInternals,
} from "@xyflow/react";
import { ChevronDown, ChevronRight, CircleHelp, Lock, Pin, Workflow } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { NodeDefinition, ParamDefinition, PortDefinition } from "../../graph/definition.ts";
import type { WorkflowNode } from "../../graph/document.ts";
import { findInput, portOfParam } from "../../graph/linkable-params.ts";
import type { Problem } from "../../graph/problems.ts";
import { isInstance } from "../../graph/subgraphs/boundary.ts";
import { readParam, visibleParams } from "../../graph/values.ts";
import { isLocked, isPinned, socketParams } from "../document/commands.ts";
import { seedModeOf } from "../document/seeds.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { toggleCollapsed } from "../session/actions.ts";
import { useDocument, useNodeRun, useSession, useWorkflowNode } from "../session/context.tsx";
import { CARD_WIDTH, SIZE_LIMITS } from "./card-geometry.ts";
import { FarSockets } from "./far-sockets.tsx";
import type { FlowNode } from "./flow-store.ts";
import styles from "./node.module.css";
import { NodeFacts } from "./node-facts.tsx";
import { NodeFailure, NodeNotice } from "./node-failure.tsx";
import { NodePicture } from "./node-picture.tsx";
import { NodeStatus, ProgressLine } from "./node-status.tsx";
import { NodeTitle } from "./node-title.tsx";
import { ParamSocketRow } from "./param-socket-row.tsx";
import { PortLabel } from "./port-label.tsx";
import { isSameCard } from "./same-card.ts";
import { Socket } from "./socket.tsx";

/** A colour for the header, faint enough for its words. */
const tint = (color: string) => `color-mix(in srgb, ${color} 22%, transparent)`;

const NO_PROBLEMS: readonly Problem[] = [];

/** A node of the workflow, drawn from its definition. */
export const NodeCard = memo(function NodeCard({ id, selected, width, height }: NodeProps<FlowNode>) {
  const isFar = useFlowState(isSeenFromFar);
  const wasNear = useRef(false);
  useEffect(() => {
    if (!isFar) wasNear.current = true;
  }, [isFar]);
  const { issues } = useSession();
  const node = useWorkflowNode(id);
  const definition = useDocument((state) => node && state.definitionOf(node.type));
  const problems = useStore(issues, (state) => state.byNode.get(id)) ?? NO_PROBLEMS;
  if (!node) return null;
  if (!definition) return <UnknownNode node={node} selected={selected} problems={problems} />;
  const props = { node, definition, selected, problems };
  if (!isFar) return <KnownNode {...props} />;
  return (
    <>
      {!wasNear.current && (
        <FarSockets node={node} definition={definition} width={width ?? CARD_WIDTH} height={height ?? 0} />
      )}
      <FarNode {...props} height={height} />
    </>
  );
}, isSameCard);

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
  const isSubgraph = isInstance(node);
  const run = useNodeRun(node.id, isSubgraph);
  const updateInternals = useUpdateNodeInternals();
  const collapsed = node.collapsed === true;
  const sockets = useSocketParams(node, definition);
  const drawn = `${collapsed} ${sockets} ${socketsText(definition)}`;
  const drawnBefore = useRef(drawn);
  useEffect(() => {
    // Sockets come, go and move when the card folds; the first drawing is measured anyway.
    if (drawnBefore.current === drawn) return;
    drawnBefore.current = drawn;
    session.flow.forgetEstimate(node.id);
    updateInternals(node.id);
  }, [drawn, node.id, updateInternals, session]);
  const enter = () => session.documents.enter([...session.documents.getState().path, node.id]);
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
      data-locked={isLocked(node) || undefined}
      data-subgraph={isSubgraph || undefined}
      onDoubleClick={(event) => {
        if (isSubgraph && !(event.target as Element).closest("input, textarea, button, [role=slider]")) enter();
      }}
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
        {isLocked(node) ? (
          <Lock size={12} className={styles.pinned} aria-label={text("lock.locked")} />
        ) : (
          isPinned(node) && <Pin size={12} className={styles.pinned} aria-label={text("node.pinned")} />
        )}
        {isSubgraph && (
          <button
            type="button"
            className={`${styles.fold} nodrag`}
            aria-label={text("subgraph.openNamed", { title })}
            title={text("subgraph.open")}
            onClick={enter}
          >
            <Workflow size={14} />
          </button>
        )}
        <NodeStatus node={node} run={run} />
      </header>
      <ProgressLine run={run} />
      {/* Up here it is in view wherever the card is, however tall. */}
      {run?.phase === "failed" && run.error && (
        <NodeFailure error={run.error} nodeId={node.id} title={title} runId={run.failedIn} />
      )}
      <Ports node={node} definition={definition} problems={problems} collapsed={collapsed} sockets={sockets} />
      {!collapsed && (
        <>
          <Params node={node} definition={definition} problems={problems} sockets={sockets} />
          <NodePicture
            nodeId={node.id}
            isOutput={definition.isOutput === true}
            comparesPairs={node.type === "compare-images"}
            run={run}
          />
          <NodeFacts run={run} params={node.params} />
        </>
      )}
      {run?.warnings.map((warning) => (
        <NodeNotice key={warning.code + warning.message} tone="warning" {...problemText(text, warning)} />
      ))}
      <NodeProblems definition={definition} problems={problems} />
      {!collapsed && definition.params.length > 0 && (
        <NodeResizeControl
          position="right"
          {...SIZE_LIMITS.card}
          resizeDirection="horizontal"
          className={`${styles.resize} nodrag`}
        />
      )}
    </article>
  );
}

const socketsText = ({ inputs, outputs }: NodeDefinition) =>
  [...inputs, ...outputs].map(({ name, type }) => `${name} ${type}`).join();

/**
 * The card without what cannot be read from afar, exactly as large as the whole one: React Flow then keeps what it knows of
 * the sockets, which are not drawn.
 */
function FarNode({ node, definition, selected, problems, height }: CardProps & { height: number | undefined }) {
  const words = useDefinitionText();
  const run = useNodeRun(node.id, isInstance(node));
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
  // One that is linked to what is bypassed says so itself: another link is not what it needs.
  const isMissing = (problem: Problem) =>
    problem.code === "missing-input" &&
    problem.details?.cause !== "bypassed" &&
    definition.inputs.some(({ name }) => name === problem.field);
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

/** The params that have a socket in their row, one per line: those that are linked, and those that somebody made sockets. */
function useSocketParams(node: WorkflowNode, definition: NodeDefinition): string {
  const linked = useDocument((state) => state.linkedInputs.get(node.id));
  const names = new Set([...(linked?.split("\n") ?? []), ...socketParams(node)]);
  return definition.params
    .flatMap((param) => (names.has(param.name) && portOfParam(param) ? param.name : []))
    .join("\n");
}

function Ports({
  node,
  definition,
  problems,
  collapsed,
  sockets,
}: Omit<CardProps, "selected"> & { collapsed: boolean; sockets: string }) {
  const words = useDefinitionText();
  const { outputs } = definition;
  const title = (side: "inputs" | "outputs", port: PortDefinition) =>
    collapsed ? words.port(definition, side, port) : undefined;
  const names = new Set(definition.params.map(({ name }) => name));
  // An input that stands for a param has its socket in the param's row; folded, there are no rows.
  const inParams = sockets === "" ? [] : sockets.split("\n");
  const inputs = [
    ...definition.inputs.filter(({ name }) => !names.has(name)),
    ...(collapsed ? inParams.flatMap((name) => findInput(definition, name) ?? []) : []),
  ];
  const rows = Math.max(inputs.length, outputs.length);
  if (rows === 0) return null;
  return (
    <div className={collapsed ? styles.foldedPorts : styles.ports}>
      <div className={styles.inputs}>
        {inputs.map((port) => {
          const problem = problems.find((candidate) => candidate.field === port.name);
          return (
            <div key={port.name} className={styles.port}>
              <Socket
                port={port}
                side="inputs"
                isMissing={problem?.severity === "error"}
                title={title("inputs", port)}
              />
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
            <Socket port={port} side="outputs" title={title("outputs", port)} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Params({ node, definition, problems, sockets }: Omit<CardProps, "selected"> & { sockets: string }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const visible = visibleParams(definition, node.params);
  if (visible.length === 0) return null;
  const inSockets = new Set(sockets.split("\n"));
  // A socket in a folded row would have nowhere to be.
  const advanced = visible.filter((param) => param.advanced && !inSockets.has(param.name));
  // A folded field with a problem would hide what to put right.
  const isOpen = open || advanced.some((param) => problems.some((problem) => problem.field === param.name));
  const row = (param: ParamDefinition) => (
    <ParamSocketRow
      key={param.name}
      isSocket={inSockets.has(param.name)}
      nodeId={node.id}
      definition={definition}
      param={param}
      value={readParam(node.params, param)}
      seedMode={seedModeOf(node, param.name)}
      problem={problems.find((problem) => problem.field === param.name)}
    />
  );
  return (
    <div className={styles.params} inert={isLocked(node)}>
      {visible.filter((param) => !advanced.includes(param)).map(row)}
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
  const links = useDocument((state) => state.graph.links);
  const inputs = new Set(links.filter((link) => link.to.node === node.id).map((link) => link.to.port));
  const outputs = new Set(links.filter((link) => link.from.node === node.id).map((link) => link.from.port));
  const port = (name: string) => ({ name, type: "any" as const, label: name });
  const title = node.title || node.type;
  const stops = problems.some(({ severity }) => severity === "error");
  return (
    <article
      className={styles.card}
      data-selected={selected || undefined}
      data-problem={stops ? "error" : "warning"}
      aria-label={title}
    >
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
