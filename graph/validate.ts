import { type DefinitionLookup, isPortCompatible, type NodeDefinition } from "./definition.ts";
import type { WorkflowDocument, WorkflowLink, WorkflowNode } from "./document.ts";
import { findInput, linkableInputs } from "./linkable-params.ts";
import { isPlaceholder } from "./placeholder.ts";
import { planExecution } from "./plan.ts";
import { inputTermOf, nameOf, nodeTermOf, outputTermOf, paramTermOf, portTypeTerm } from "./problem-terms.ts";
import type { Problem } from "./problems.ts";
import { isInstance } from "./subgraphs/boundary.ts";
import { flatTargets, flattenWorkflow } from "./subgraphs/flatten.ts";
import { withSubgraphs } from "./subgraphs/lookup.ts";
import { findCycles, indexWorkflow, resolveSource, upstreamOf, type WorkflowIndex } from "./topology.ts";
import { checkValue } from "./validate-values.ts";
import { readParam, visibleParams } from "./values.ts";

/**
 * Everything that is wrong with a workflow, all at once, each with its node and field where it has one.
 *
 * What the outputs (or `targets`) need must be right: errors. What no output needs does not run, so problems there are
 * warnings. A node of unknown type may be an output, so it counts as one; a placeholder for another program's node does
 * not, since the rest of such a workflow is worth running without it. Subgraphs are opened out: a problem inside one is on the
 * path to its node (`detailer/sampler`).
 */
export function validateWorkflow(
  nested: WorkflowDocument,
  known: DefinitionLookup,
  nestedTargets?: readonly string[],
): Problem[] {
  const flat = flattenWorkflow(nested);
  const { document } = flat;
  const definitions = withSubgraphs(document, known);
  const targets = flatTargets(flat, definitions, nestedTargets);
  const scope: Scope = { document, definitions, index: indexWorkflow(document) };
  const problems = [
    ...checkTargets(scope, targets),
    ...checkIds(scope),
    ...document.nodes.flatMap((node) => checkNode(scope, node)),
    ...checkLinks(scope),
    ...checkCycles(scope),
  ];
  const needed = upstreamOf(scope.index, targets ?? outputIds(scope));
  const graded = problems.map((problem) =>
    problem.nodeId === undefined || needed.has(problem.nodeId) ? problem : { ...problem, severity: "warning" as const },
  );
  const all = [...flat.problems, ...graded];
  return [...all, ...checkOutputs(scope, targets, all)];
}

/** The problems that keep the workflow from running. */
export function errorsOf(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ severity }) => severity === "error");
}

interface Scope {
  document: WorkflowDocument;
  definitions: DefinitionLookup;
  index: WorkflowIndex;
}

function outputIds({ document, definitions }: Scope): string[] {
  return document.nodes
    .filter((node) => {
      const definition = definitions(node.type);
      return node.mode === "active" && (definition ? definition.isOutput === true : !isPlaceholder(node));
    })
    .map(({ id }) => id);
}

function checkTargets({ index }: Scope, targets: readonly string[] = []): Problem[] {
  return targets
    .filter((target) => !index.nodes.has(target))
    .map((target) => ({
      code: "unknown-target",
      severity: "error",
      message: `The workflow has no node "${target}" to run.`,
      help: `Name one of its nodes: ${[...index.nodes.keys()].slice(0, 20).join(", ")}.`,
      details: { target, nodes: [...index.nodes.keys()].slice(0, 20).join(", ") },
    }));
}

function checkIds({ document }: Scope): Problem[] {
  const duplicates = <T extends { id: string }>(items: readonly T[]) => {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const { id } of items) (seen.has(id) ? twice : seen).add(id);
    return [...twice];
  };
  return [
    ...duplicates(document.nodes).map(
      (id): Problem => ({
        code: "duplicate-id",
        severity: "error",
        message: `Several nodes have the id "${id}".`,
        help: "Give each node an id of its own.",
        nodeId: id,
        details: { cause: "nodes", id },
      }),
    ),
    ...duplicates(document.links).map(
      (id): Problem => ({
        code: "duplicate-id",
        severity: "warning",
        message: `Several links have the id "${id}".`,
        help: "Give each link an id of its own.",
        details: { cause: "links", id, linkId: id },
      }),
    ),
  ];
}

function checkNode(scope: Scope, node: WorkflowNode): Problem[] {
  const definition = scope.definitions(node.type);
  // One that could be opened out is not here any more; why one could not is told already.
  if (node.mode === "muted" || (isInstance(node) && node.mode === "active")) return [];
  if (!definition) return node.mode === "bypassed" && isPlaceholder(node) ? [] : [unknownNode(node)];
  const name = nodeTermOf(node, definition);
  const problems =
    node.mode === "bypassed" ? [] : [...checkInputs(scope, node, definition), ...checkParams(scope, node, definition)];
  if (node.typeVersion > definition.version) {
    problems.unshift({
      code: "newer-node",
      severity: "warning",
      message: `${nameOf(name)} was saved by a newer Heddle (version ${node.typeVersion} of the node; this one has ${definition.version}).`,
      help: "Check its settings, or update Heddle.",
      nodeId: node.id,
      details: { nodeName: name, saved: node.typeVersion, present: definition.version },
    });
  }
  if (node.typeVersion < definition.version) {
    problems.unshift({
      code: "older-node",
      severity: "warning",
      message: `${nameOf(name)} was made with version ${node.typeVersion} of its kind; the present one is ${definition.version}.`,
      help: "Upgrade it (heddle fmt --upgrade), and check its settings.",
      nodeId: node.id,
      details: { nodeName: name, saved: node.typeVersion, present: definition.version },
    });
  }
  return problems;
}

function unknownNode(node: WorkflowNode): Problem {
  const name = nodeTermOf(node, undefined);
  const place = { severity: "error" as const, nodeId: node.id };
  return isPlaceholder(node)
    ? {
        ...place,
        code: "unknown-node",
        message: `${nameOf(name)} is a node of ComfyUI’s that Heddle has no equal for.`,
        help: "Mute or delete it, or put one of Heddle’s nodes in its place.",
        details: { cause: "comfyui", nodeName: name, type: node.type },
      }
    : {
        ...place,
        code: "unknown-node",
        message: `This version of Heddle has no node of type "${node.type}".`,
        help: "Update Heddle, or delete or mute the node.",
        details: { type: node.type },
      };
}

function checkInputs({ index, definitions }: Scope, node: WorkflowNode, definition: NodeDefinition): Problem[] {
  return definition.inputs.flatMap((input): Problem[] => {
    const link = index.linksInto.get(node.id)?.get(input.name);
    const source = link && resolveSource(index, definitions, link.from);
    if (input.optional || source?.kind === "port" || source?.kind === "muted" || source?.kind === "missing") return [];
    const place = { severity: "error" as const, nodeId: node.id, field: input.name };
    const name = nodeTermOf(node, definition);
    const details = { nodeName: name, input: inputTermOf(definition, input), type: portTypeTerm(input.type) };
    if (!source) {
      return [
        {
          ...place,
          code: "missing-input",
          message: `${nameOf(name)} needs a link into its input "${input.label}".`,
          help: `Connect an output of type ${input.type} to it.`,
          details,
        },
      ];
    }
    const bypassed = index.nodes.get(source.node)!;
    const bypassedName = nodeTermOf(bypassed, definitions(bypassed.type));
    return [
      {
        ...place,
        code: "missing-input",
        message: `${nameOf(name)} gets nothing at "${input.label}": ${nameOf(bypassedName)} is bypassed and has no linked input of type ${input.type} to pass on.`,
        help: "Switch that node back on, or connect another one.",
        details: { cause: "bypassed", ...details, bypassed: bypassedName },
      },
    ];
  });
}

function checkParams({ index }: Scope, node: WorkflowNode, definition: NodeDefinition): Problem[] {
  const name = nodeTermOf(node, definition);
  const linked = index.linksInto.get(node.id);
  const wrong = visibleParams(definition, node.params).flatMap((param): Problem[] => {
    // What is linked in takes its place, and is checked when it is there.
    if (linked?.has(param.name)) return [];
    const problem = checkValue(param, readParam(node.params, param), `"${param.label}" of ${nameOf(name)}`, () => ({
      term: "param-of-node",
      node: name,
      param: paramTermOf(definition, param),
    }));
    return problem ? [{ ...problem, severity: "error", nodeId: node.id, field: param.name }] : [];
  });
  const known = new Set(definition.params.map((param) => param.name));
  const unknown = Object.keys(node.params)
    .filter((field) => !known.has(field))
    .map(
      (field): Problem => ({
        code: "unknown-param",
        severity: "warning",
        message: `${nameOf(name)} has no setting "${field}"; it is ignored.`,
        help: known.size > 0 ? `Its settings are: ${[...known].join(", ")}.` : "It has no settings.",
        nodeId: node.id,
        field,
        details: {
          ...(known.size > 0 ? {} : { cause: "no-settings" }),
          nodeName: name,
          setting: field,
          settings: definition.params.map((param) => paramTermOf(definition, param)),
        },
      }),
    );
  return [...wrong, ...unknown];
}

function checkLinks(scope: Scope): Problem[] {
  const entered = new Set<string>();
  return scope.document.links.flatMap((link) => {
    const port = JSON.stringify([link.to.node, link.to.port]);
    const second = entered.has(port);
    entered.add(port);
    return [...(second ? [twoLinks(scope, link)] : []), ...checkLink(scope, link)];
  });
}

function twoLinks({ index, definitions }: Scope, link: WorkflowLink): Problem {
  const to = index.nodes.get(link.to.node);
  const definition = to && definitions(to.type);
  const input = definition && findInput(definition, link.to.port);
  const name = to && nodeTermOf(to, definition);
  return {
    code: "input-linked-twice",
    severity: "error",
    message: `Two links enter the input "${link.to.port}"${name ? ` of ${nameOf(name)}` : ""}.`,
    help: "Delete one of them.",
    nodeId: link.to.node,
    field: link.to.port,
    details: {
      linkId: link.id,
      nodeName: name ?? link.to.node,
      input: input ? inputTermOf(definition, input) : link.to.port,
    },
  };
}

function checkLink({ index, definitions }: Scope, link: WorkflowLink): Problem[] {
  const from = index.nodes.get(link.from.node);
  const to = index.nodes.get(link.to.node);
  if (!from || !to) {
    const missing = from ? link.to.node : link.from.node;
    return [
      {
        code: "link-to-missing-node",
        severity: from || to ? "error" : "warning",
        message: `A link goes ${from ? "to" : "from"} the node "${missing}", which does not exist.`,
        help: "Delete the link.",
        ...(to ? { nodeId: to.id, field: link.to.port } : from && { nodeId: from.id, field: link.from.port }),
        details: { cause: from ? "to" : "from", linkId: link.id, missing },
      },
    ];
  }
  const fromDefinition = definitions(from.type);
  const toDefinition = definitions(to.type);
  const output = fromDefinition?.outputs.find(({ name }) => name === link.from.port);
  const input = toDefinition && findInput(toDefinition, link.to.port);
  const problems: Problem[] = [];
  if (fromDefinition && !output) problems.push(missingPort(from, fromDefinition, "output", link));
  if (toDefinition && !input) problems.push(missingPort(to, toDefinition, "input", link));
  if (output && input && !isPortCompatible(output.type, input.type)) {
    const [fromName, toName] = [nodeTermOf(from, fromDefinition), nodeTermOf(to, toDefinition)];
    problems.push({
      code: "link-type-mismatch",
      severity: "error",
      message: `The output "${output.label}" of ${nameOf(fromName)} is of type ${output.type}, but the input "${input.label}" of ${nameOf(toName)} takes ${input.type}.`,
      help: `Connect an output of type ${input.type} instead.`,
      nodeId: to.id,
      field: input.name,
      details: {
        linkId: link.id,
        fromNode: fromName,
        output: outputTermOf(fromDefinition!, output),
        outputType: portTypeTerm(output.type),
        toNode: toName,
        input: inputTermOf(toDefinition!, input),
        inputType: portTypeTerm(input.type),
      },
    });
  }
  return problems;
}

function missingPort(
  node: WorkflowNode,
  definition: NodeDefinition,
  side: "input" | "output",
  { id, from, to }: WorkflowLink,
): Problem {
  const { port } = side === "input" ? to : from;
  const ports = side === "input" ? linkableInputs(definition) : definition.outputs;
  const name = nodeTermOf(node, definition);
  return {
    code: "link-to-missing-port",
    severity: "error",
    message: `A link ${side === "input" ? "goes to" : "comes from"} the ${side} "${port}" of ${nameOf(name)}, which has no such ${side}.`,
    help: ports.length > 0 ? `Its ${side}s are: ${ports.map((one) => one.name).join(", ")}.` : "Delete the link.",
    nodeId: node.id,
    field: port,
    details: {
      cause: ports.length > 0 ? side : side === "input" ? "no-inputs" : "no-outputs",
      linkId: id,
      nodeName: name,
      port,
      ports: ports.map((one) => (side === "input" ? inputTermOf : outputTermOf)(definition, one)),
    },
  };
}

function checkCycles({ index, definitions }: Scope): Problem[] {
  return findCycles(index).map((cycle) => {
    const terms = cycle.map((id) => {
      const node = index.nodes.get(id)!;
      return nodeTermOf(node, definitions(node.type));
    });
    const names = terms.map(nameOf);
    return {
      code: "cycle",
      severity: "error",
      message:
        cycle.length === 1
          ? `${names[0]} is linked to itself.`
          : `These nodes are linked in a circle, so none of them can start: ${[...names, names[0]].join(" → ")}.`,
      help: "Delete one of the links between them.",
      nodeId: cycle[0],
      details: { ...(cycle.length === 1 ? { cause: "itself" } : {}), nodes: cycle, names: terms },
    };
  });
}

function checkOutputs(scope: Scope, targets: readonly string[] | undefined, others: readonly Problem[]): Problem[] {
  if (!targets && outputIds(scope).length === 0) {
    const muted = scope.document.nodes.some((node) => scope.definitions(node.type)?.isOutput);
    return [
      {
        code: "no-output",
        severity: "error",
        message: muted
          ? "Every output node of this workflow is muted or bypassed, so there is nothing to run."
          : "This workflow has no output node, so there is nothing to run.",
        help: muted ? "Switch one back on." : "Add a Save Image or Preview Image node.",
        details: { cause: muted ? "switched-off" : "none" },
      },
    ];
  }
  if (errorsOf(others).length > 0) return [];
  if (planExecution(scope.document, scope.definitions, targets).targets.length > 0) return [];
  return [
    {
      code: "no-output",
      severity: "error",
      message: "A muted node cuts off every output of this workflow, so there is nothing to run.",
      help: "Switch the muted node back on, or connect another one in its place.",
      details: { cause: "cut-off" },
    },
  ];
}
