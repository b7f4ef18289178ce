import { type ErrorPayload, HeddleError, toHeddleError } from "../../common/errors.ts";
import type { DefinitionLookup } from "../definition.ts";
import type { JsonValue, WorkflowDocument } from "../document.ts";
import type { ImageReference, RunEvent } from "../events.ts";
import { type ExecutionPlan, type PlannedNode, planExecution } from "../plan.ts";
import { errorsOf, validateWorkflow } from "../validate.ts";
import { readParams } from "../values.ts";
import { LruCache } from "./cache.ts";
import { contentKey } from "./content-key.ts";
import { withLinkedParams } from "./linked-params.ts";
import { collectInputs, countUses, wantedNodes } from "./needs.ts";
import { RunRecorder } from "./run-recorder.ts";
import type { NodeRunner, PortValues, RunContext } from "./runner.ts";

type RunFinished = Extract<RunEvent, { type: "run-finished" }>;
type NodeFacts = Record<string, string | number | boolean>;

/** All that a node left behind, ready to be used and shown again. */
interface NodeResult {
  readonly outputs: PortValues;
  readonly images: readonly ImageReference[];
  readonly info: NodeFacts;
  readonly warnings: readonly ErrorPayload[];
}

const NOTHING: NodeResult = { outputs: {}, images: [], info: {}, warnings: [] };

export interface ExecutorOptions<Services> {
  definitions: DefinitionLookup;
  /** Loads what a node type does; called for the types that a run needs. */
  loadRunner(type: string): Promise<NodeRunner<Services>>;
  services: Services;
  /** Memory for results that are kept from run to run. */
  cacheBudgetBytes: number;
  /** Total of sessions created so far, to tell how many a run created. */
  sessionsCreated?: () => number;
}

export interface RunOptions {
  runId: string;
  /** Run these nodes and what they need, instead of all output nodes. */
  targets?: readonly string[];
  signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

/**
 * Runs workflows: only what the outputs need, each node once, and nothing whose result is known from an earlier run.
 * Results are kept under content keys, so they serve any workflow with the same parts.
 */
export class Executor<Services> {
  readonly #options: ExecutorOptions<Services>;
  readonly #cache: LruCache<NodeResult>;

  constructor(options: ExecutorOptions<Services>) {
    this.#options = options;
    this.#cache = new LruCache(options.cacheBudgetBytes);
  }

  /** Forgets all kept results. */
  clearCache(): void {
    this.#cache.clear();
  }

  /**
   * Runs the document and tells everything through `onEvent`; the last event is also the result. Never rejects: what
   * goes wrong is in the events. A failed node takes down what hangs on it, other branches still complete.
   */
  async run(document: WorkflowDocument, options: RunOptions): Promise<RunFinished> {
    const recorder = new RunRecorder();
    const sessionsBefore = this.#options.sessionsCreated?.() ?? 0;
    const emit = (event: RunEvent) => {
      if (event.type === "node-finished") recorder.nodeFinished(event);
      options.onEvent(event);
    };
    const fail = (nodeId: string | undefined, error: HeddleError) => {
      recorder.nodeFailed(error);
      if (nodeId !== undefined) emit({ type: "node-failed", runId: options.runId, nodeId, error: error.toPayload() });
    };
    const [firstProblem, ...otherProblems] = errorsOf(
      validateWorkflow(document, this.#options.definitions, options.targets),
    );
    if (firstProblem) {
      emit({ type: "run-started", runId: options.runId, nodeIds: [] });
      for (const problem of [firstProblem, ...otherProblems]) fail(problem.nodeId, new HeddleError(problem));
    } else {
      const plan = planExecution(document, this.#options.definitions, options.targets);
      emit({ type: "run-started", runId: options.runId, nodeIds: plan.nodes.map(({ id }) => id) });
      await this.#runPlan({ plan, workflow: document as JsonValue, options, recorder, emit, fail });
    }
    const sessionsCreated = (this.#options.sessionsCreated?.() ?? 0) - sessionsBefore;
    const finished = recorder.finish(options.runId, options.signal.aborted, sessionsCreated);
    options.onEvent(finished);
    return finished;
  }

  async #runPlan(run: Run): Promise<void> {
    const { plan, options, fail } = run;
    const prepared = await this.#prepare(run);
    const wanted = wantedNodes(plan, prepared);
    const results = new Map<string, NodeResult>();
    const usesLeft = countUses(plan, wanted, prepared);
    for (const planned of plan.nodes) {
      if (options.signal.aborted) return;
      const node = prepared.get(planned.id);
      if (!node) continue;
      if (!wanted.has(planned.id) || node.reusable) {
        // A result that is not wanted may have been evicted; nothing reads it then.
        results.set(planned.id, replay(run, planned.id, node.kept ?? NOTHING));
        continue;
      }
      try {
        const inputs = collectInputs(planned, results);
        if (!inputs) continue;
        // Another node of this run may just have computed the same.
        const same = node.runner.isEffectCurrent ? undefined : this.#cache.get(node.key);
        results.set(planned.id, same ? replay(run, planned.id, same) : await this.#runNode(run, planned, node, inputs));
      } catch (error) {
        if (options.signal.aborted) return;
        fail(planned.id, toHeddleError(error).at(planned.id));
      }
      for (const { node: source } of Object.values(planned.inputs)) {
        const left = (usesLeft.get(source) ?? 0) - 1;
        usesLeft.set(source, left);
        if (left <= 0) results.delete(source);
      }
    }
  }

  /** Loads runners, computes content keys and looks results up. Nodes that fail at this, and all behind them, are absent. */
  async #prepare({ plan, options, fail }: Run): Promise<Map<string, PreparedNode<Services>>> {
    const prepared = new Map<string, PreparedNode<Services>>();
    const keys = new Map<string, string>();
    for (const planned of plan.nodes) {
      if (options.signal.aborted) break;
      if (Object.values(planned.inputs).some((source) => !prepared.has(source.node))) continue;
      try {
        const runner = await this.#options.loadRunner(planned.definition.type);
        const params = readParams(planned.definition, planned.node);
        const fingerprint = (await runner.fingerprint?.(this.#options.services, params)) ?? "";
        const key = contentKey(planned, {
          keys,
          fingerprint,
          ...(runner.isEffectCurrent ? { scope: planned.id } : {}),
        });
        const kept = this.#cache.get(key);
        const isCurrent = async () =>
          (await runner.isEffectCurrent?.(this.#options.services, [...(kept?.images ?? [])])) ?? true;
        keys.set(planned.id, key);
        prepared.set(planned.id, { runner, key, kept, reusable: kept !== undefined && (await isCurrent()) });
      } catch (error) {
        fail(planned.id, toHeddleError(error).at(planned.id));
      }
    }
    return prepared;
  }

  async #runNode(
    { workflow, options, recorder, emit }: Run,
    planned: PlannedNode,
    { runner, key }: PreparedNode<Services>,
    inputs: PortValues,
  ): Promise<NodeResult> {
    const { runId, signal } = options;
    const nodeId = planned.id;
    emit({ type: "node-started", runId, nodeId });
    const startedAt = performance.now();
    const info: NodeFacts = {};
    const images: ImageReference[] = [];
    const warnings: ErrorPayload[] = [];
    let isRunning = true;
    const context: RunContext<Services> = {
      nodeId,
      services: this.#options.services,
      signal,
      workflow,
      progress: (update) => isRunning && emit({ type: "node-progress", runId, nodeId, ...update }),
      warn: (warning) => {
        if (!isRunning) return;
        warnings.push({ ...warning, nodeId });
        emit({ type: "node-warning", runId, nodeId, warning: { ...warning, nodeId } });
      },
      info: (facts) => Object.assign(info, facts),
      images: (references) => images.push(...references),
      timed: (part, work) => recorder.timed(part, work),
    };
    try {
      const params = withLinkedParams(planned.definition, readParams(planned.definition, planned.node), inputs);
      const outputs = await runner.run(context, inputs, params);
      const result: NodeResult = { outputs, images, info, warnings };
      this.#cache.set(key, result, runner.sizeOf?.(outputs) ?? 0);
      emit(nodeFinished(runId, nodeId, result, { cached: false, durationMs: performance.now() - startedAt }));
      return result;
    } finally {
      isRunning = false;
    }
  }
}

/** What belongs to one run. */
interface Run {
  readonly plan: ExecutionPlan;
  readonly workflow: JsonValue;
  readonly options: RunOptions;
  readonly recorder: RunRecorder;
  emit(event: RunEvent): void;
  /** Records a failure, and tells it on its node where it has one. */
  fail(nodeId: string | undefined, error: HeddleError): void;
}

interface PreparedNode<Services> {
  readonly runner: NodeRunner<Services>;
  readonly key: string;
  readonly kept: NodeResult | undefined;
  /** Kept, and its effect (a saved file) is still there. */
  readonly reusable: boolean;
}

/** Tells again what a kept result has to tell. */
function replay({ options: { runId }, emit }: Run, nodeId: string, kept: NodeResult): NodeResult {
  for (const warning of kept.warnings) emit({ type: "node-warning", runId, nodeId, warning: { ...warning, nodeId } });
  emit(nodeFinished(runId, nodeId, kept, { cached: true, durationMs: 0 }));
  return kept;
}

function nodeFinished(
  runId: string,
  nodeId: string,
  result: NodeResult,
  how: { cached: boolean; durationMs: number },
): Extract<RunEvent, { type: "node-finished" }> {
  return {
    type: "node-finished",
    runId,
    nodeId,
    ...how,
    ...(result.images.length > 0 ? { images: [...result.images] } : {}),
    ...(Object.keys(result.info).length > 0 ? { info: { ...result.info } } : {}),
  };
}
