import { randomUUID } from "node:crypto";
import { type ErrorPayload, HeddleError, toHeddleError } from "../../common/errors.ts";
import type { DefinitionLookup, NodeDefinition } from "../definition.ts";
import type { JsonValue, WorkflowDocument } from "../document.ts";
import type { ImageReference, RunEvent } from "../events.ts";
import { findInput } from "../linkable-params.ts";
import { type ExecutionPlan, type PlannedNode, planExecution } from "../plan.ts";
import { inputTermOf } from "../problem-terms.ts";
import { errorsOf, validateWorkflow } from "../validate.ts";
import { readParams } from "../values.ts";
import { LruCache } from "./cache.ts";
import { contentKey } from "./content-key.ts";
import { withLinkedParams } from "./linked-params.ts";
import { anchorLists, isListValue, itemRuns, type ListValue, listOfRuns } from "./lists.ts";
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
    const told = new Set<string>();
    const fail = (nodeId: string | undefined, error: HeddleError) => {
      // What is computed first is tried again with the rest, and tells its failure once.
      if (nodeId !== undefined && told.has(nodeId)) return;
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
      const run: Run = { plan, workflow: document as JsonValue, options, recorder, told, emit, fail };
      const early = await this.#namesToComputeFirst(plan);
      if (early.length > 0)
        await this.#runPlan({ ...run, plan: planExecution(document, this.#options.definitions, early) });
      await this.#runPlan(run);
    }
    const sessionsCreated = (this.#options.sessionsCreated?.() ?? 0) - sessionsBefore;
    const finished = recorder.finish(options.runId, options.signal.aborted, sessionsCreated);
    options.onEvent(finished);
    return finished;
  }

  /**
   * The nodes that compute which file another one reads: what is in a file counts for the content keys of all that hang on
   * it, so its name has to be known before they are looked up.
   */
  async #namesToComputeFirst({ nodes }: ExecutionPlan): Promise<string[]> {
    const sources = nodes.map(async ({ definition, inputs }) => {
      const linked = definition.params.flatMap(({ name }) => inputs[name]?.node ?? []);
      if (linked.length === 0) return [];
      const runner = await this.#options.loadRunner(definition.type).catch(() => undefined);
      return runner?.fingerprint ? linked : [];
    });
    return [...new Set((await Promise.all(sources)).flat())];
  }

  async #runPlan(run: Run): Promise<void> {
    const { plan, options, told, fail } = run;
    const prepared = await this.#prepare(run);
    const wanted = wantedNodes(plan, prepared);
    const results = new Map<string, NodeResult>();
    const planOf = new Map(plan.nodes.map((planned) => [planned.id, planned]));
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
        const inputs = collectInputs(planned, results, planOf);
        if (!inputs) continue;
        // Another node of this run may just have computed the same.
        const same = node.runner.isEffectCurrent ? undefined : this.#cache.get(node.key);
        results.set(planned.id, same ? replay(run, planned.id, same) : await this.#runNode(run, planned, node, inputs));
      } catch (error) {
        if (options.signal.aborted) return;
        fail(planned.id, withInputTerm(toHeddleError(error), planned.definition).at(planned.id));
        told.add(planned.id);
      }
      for (const { node: source } of Object.values(planned.inputs)) {
        const left = (usesLeft.get(source) ?? 0) - 1;
        usesLeft.set(source, left);
        if (left <= 0) results.delete(source);
      }
    }
  }

  /** Loads runners, computes content keys and looks results up. Nodes that fail at this, and all behind them, are absent. */
  async #prepare({ plan, options, workflow, fail }: Run): Promise<Map<string, PreparedNode<Services>>> {
    const prepared = new Map<string, PreparedNode<Services>>();
    const keys = new Map<string, string>();
    for (const planned of plan.nodes) {
      if (options.signal.aborted) break;
      if (Object.values(planned.inputs).some((source) => !prepared.has(source.node))) continue;
      try {
        const runner = await this.#options.loadRunner(planned.definition.type);
        const fingerprint = await this.#fingerprint(runner, planned, prepared, workflow);
        const scope = runner.isEffectCurrent || runner.makesLists ? { scope: planned.id } : {};
        const inputKeys = Object.fromEntries(
          Object.entries(planned.inputs).map(([name, { node, port }]) => [name, `${keys.get(node) ?? ""} ${port}`]),
        );
        const keyWith = (inputs: Readonly<Record<string, string>>) =>
          contentKey(planned, { inputs: { ...inputKeys, ...inputs }, fingerprint, ...scope });
        const key = keyWith({});
        const kept = this.#cache.get(key);
        const isCurrent = async () =>
          (await runner.isEffectCurrent?.(this.#options.services, [...(kept?.images ?? [])])) ?? true;
        keys.set(planned.id, key);
        prepared.set(planned.id, { runner, key, keyWith, kept, reusable: kept !== undefined && (await isCurrent()) });
      } catch (error) {
        fail(planned.id, toHeddleError(error).at(planned.id));
      }
    }
    return prepared;
  }

  /** Of what the node really reads: names that are linked in were computed before, see {@link #namesToComputeFirst}. */
  async #fingerprint(
    runner: NodeRunner<Services>,
    { definition, node, inputs }: PlannedNode,
    prepared: ReadonlyMap<string, PreparedNode<Services>>,
    workflow: JsonValue,
  ): Promise<string> {
    if (!runner.fingerprint) return "";
    const linked = definition.params.flatMap(({ name }): [string, unknown][] => {
      const source = inputs[name];
      return source ? [[name, prepared.get(source.node)?.kept?.outputs[source.port]]] : [];
    });
    // It was not kept, or it is about to be computed in the first place: nothing may be taken from the cache.
    if (linked.some(([, value]) => value === undefined)) return randomUUID();
    const values = Object.fromEntries(linked);
    const fingerprints = (itemRuns(values)?.runs.map(({ inputs: item }) => item) ?? [values]).map((item) =>
      runner.fingerprint?.(
        this.#options.services,
        withLinkedParams(definition, readParams(definition, node), item),
        workflow,
      ),
    );
    return (await Promise.all(fingerprints)).join(" ");
  }

  async #runNode(
    run: Run,
    planned: PlannedNode,
    node: PreparedNode<Services>,
    inputs: PortValues,
  ): Promise<NodeResult> {
    const { runId } = run.options;
    run.emit({ type: "node-started", runId, nodeId: planned.id });
    const startedAt = performance.now();
    const items = node.runner.takesLists ? undefined : itemRuns(inputs);
    const { computed, ...result } = items
      ? await this.#runItems(run, planned, node, items)
      : {
          ...(await this.#compute(run, planned, node, {
            inputs,
            key: node.key,
            report: { label: undefined, done: 0, of: 1, told: new Set() },
          })),
          computed: 1,
        };
    run.told.add(planned.id);
    if (items) this.#cache.set(node.key, result, sizeOfLists(node.runner, result.outputs));
    run.emit(
      nodeFinished(runId, planned.id, result, { cached: computed === 0, durationMs: performance.now() - startedAt }),
    );
    return result;
  }

  /** Runs a node once for each item of the lists that it was given; items that are known are not computed again. */
  async #runItems(
    run: Run,
    planned: PlannedNode,
    node: PreparedNode<Services>,
    { axes, runs }: NonNullable<ReturnType<typeof itemRuns>>,
  ): Promise<NodeResult & { computed: number }> {
    const results: NodeResult[] = [];
    const keys: string[] = [];
    const told = new Set<string>();
    let computed = 0;
    for (const [index, { label, inputs, keys: itemKeys }] of runs.entries()) {
      run.options.signal.throwIfAborted();
      const key = node.keyWith(itemKeys);
      keys.push(key);
      const kept = this.#cache.get(key);
      const isCurrent = async () =>
        (await node.runner.isEffectCurrent?.(this.#options.services, [...(kept?.images ?? [])])) ?? true;
      if (kept && (await isCurrent())) {
        results.push(kept);
        continue;
      }
      const report = { label: `${index + 1} / ${runs.length}`, done: index, of: runs.length, told };
      try {
        results.push(await this.#compute(run, planned, node, { inputs, key, report }));
        computed++;
      } catch (error) {
        throw run.options.signal.aborted ? error : inItem(toHeddleError(error), label);
      }
    }
    const isComplete = (port: string) => results.every(({ outputs }) => port in outputs);
    const ports = planned.definition.outputs.map(({ name }) => name).filter(isComplete);
    const outputs = Object.fromEntries(
      ports.map((port): [string, ListValue] => [
        port,
        listOfRuns(
          axes,
          results.map((result) => result.outputs[port]),
          keys.map((key) => `${key} ${port}`),
        ),
      ]),
    );
    const warnings = results.flatMap((result) => result.warnings);
    return {
      outputs,
      images: results.flatMap(({ images }) => images),
      info: { ...commonFacts(results.map(({ info }) => info)), items: runs.length },
      warnings: warnings.filter(({ message }, i) => warnings.findIndex((other) => other.message === message) === i),
      computed,
    };
  }

  /** Runs the runner with plain inputs, and keeps what it left behind. */
  async #compute(
    { workflow, options, recorder, emit }: Run,
    planned: PlannedNode,
    { runner }: PreparedNode<Services>,
    { inputs, key, report }: { inputs: PortValues; key: string; report: ItemReport },
  ): Promise<NodeResult> {
    const { runId, signal } = options;
    const nodeId = planned.id;
    const info: NodeFacts = {};
    const images: ImageReference[] = [];
    const warnings: ErrorPayload[] = [];
    let isRunning = true;
    const context: RunContext<Services> = {
      nodeId,
      services: this.#options.services,
      signal,
      workflow,
      progress: ({ value, max, label = report.label, ...update }) =>
        isRunning &&
        emit({
          ...{ type: "node-progress", runId, nodeId, ...update },
          value: report.done * max + value,
          max: report.of * max,
          ...(label === undefined ? {} : { label }),
        }),
      warn: (warning) => {
        if (!isRunning) return;
        warnings.push({ ...warning, nodeId });
        if (report.told.has(warning.message)) return;
        report.told.add(warning.message);
        emit({ type: "node-warning", runId, nodeId, warning: { ...warning, nodeId } });
      },
      info: (facts) => Object.assign(info, facts),
      images: (references) => images.push(...references),
      timed: (part, work) => recorder.timed(part, work),
    };
    try {
      const params = withLinkedParams(planned.definition, readParams(planned.definition, planned.node), inputs);
      const given = await runner.run(context, inputs, params);
      const outputs = runner.makesLists ? anchorLists(given, nodeId, key) : given;
      const result: NodeResult = { outputs, images, info, warnings };
      this.#cache.set(key, result, runner.sizeOf?.(outputs) ?? 0);
      return result;
    } finally {
      isRunning = false;
    }
  }
}

/** Which of several runs of a node its progress belongs to. */
interface ItemReport {
  readonly label: string | undefined;
  readonly done: number;
  readonly of: number;
  /** Warnings that an earlier item gave rise to. */
  readonly told: Set<string>;
}

function inItem(error: HeddleError, label: string): HeddleError {
  const payload = error.toPayload();
  return new HeddleError({ ...payload, message: `${label}: ${payload.message}` }, { cause: error.cause });
}

/** What holds for all items. */
function commonFacts(infos: readonly NodeFacts[]): NodeFacts {
  const [first = {}] = infos;
  return Object.fromEntries(Object.entries(first).filter(([name, fact]) => infos.every((info) => info[name] === fact)));
}

function sizeOfLists<Services>(runner: NodeRunner<Services>, outputs: PortValues): number {
  const lists = Object.entries(outputs).flatMap(([port, value]) =>
    isListValue(value) ? [[port, value] as const] : [],
  );
  const count = lists[0]?.[1].items.length ?? 0;
  const itemAt = (index: number) => Object.fromEntries(lists.map(([port, list]) => [port, list.items[index]]));
  return Array.from({ length: count }, (_, index) => runner.sizeOf?.(itemAt(index)) ?? 0).reduce((a, b) => a + b, 0);
}

/** What belongs to one run. */
interface Run {
  readonly plan: ExecutionPlan;
  readonly workflow: JsonValue;
  readonly options: RunOptions;
  readonly recorder: RunRecorder;
  /** Nodes that have told already what they have to tell. */
  readonly told: Set<string>;
  emit(event: RunEvent): void;
  /** Records a failure, and tells it on its node where it has one. */
  fail(nodeId: string | undefined, error: HeddleError): void;
}

interface PreparedNode<Services> {
  readonly runner: NodeRunner<Services>;
  readonly key: string;
  /** The key with other keys for some inputs: that of one item of lists. */
  keyWith(inputs: Readonly<Record<string, string>>): string;
  readonly kept: NodeResult | undefined;
  /** Kept, and its effect (a saved file) is still there. */
  readonly reusable: boolean;
}

/** The node's own input that a failure names becomes a term, for which interfaces have words. */
function withInputTerm(error: HeddleError, definition: NodeDefinition): HeddleError {
  const name = error.details?.input;
  const input = typeof name === "string" ? findInput(definition, name) : undefined;
  if (!input) return error;
  const details = { ...error.details, input: inputTermOf(definition, input) };
  return new HeddleError({ ...error.toPayload(), details }, { cause: error.cause });
}

/** Tells again what a kept result has to tell. */
function replay({ options: { runId }, told, emit }: Run, nodeId: string, kept: NodeResult): NodeResult {
  if (told.has(nodeId)) return kept;
  told.add(nodeId);
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
