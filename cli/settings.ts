import { HeddleError } from "../common/errors.ts";
import type { DefinitionLookup, ParamDefinition } from "../graph/definition.ts";
import type { JsonValue, WorkflowDocument } from "../graph/document.ts";
import { parseSeed, seedToJson } from "../graph/values.ts";

/**
 * The document with params set as `node.param=value`. A value is read as its param wants it; one that cannot be read so
 * stays text, for the validation to report.
 * @throws HeddleError `bad-setting`: not of that form, or no such node or param
 */
export function applySettings(
  document: WorkflowDocument,
  settings: readonly string[],
  definitions: DefinitionLookup,
): WorkflowDocument {
  const changed = structuredClone(document);
  for (const setting of settings) {
    const [, nodeId, name, text] = /^([^=]+)\.([^.=]+)=(.*)$/s.exec(setting) ?? [];
    if (nodeId === undefined || name === undefined || text === undefined) {
      throw badSetting(`"${setting}" is no setting.`, "Write it as node.param=value, for example sampler.seed=7.");
    }
    const node = changed.nodes.find(({ id }) => id === nodeId);
    if (!node) {
      const ids = changed.nodes.map(({ id }) => id).join(", ");
      throw badSetting(`The workflow has no node "${nodeId}".`, `Its nodes are: ${ids || "none"}.`);
    }
    const definition = definitions(node.type);
    const param = definition?.params.find((candidate) => candidate.name === name);
    if (definition && !param) {
      const names = definition.params.map((candidate) => candidate.name).join(", ");
      throw badSetting(
        `The node "${nodeId}" (${definition.title}) has no "${name}".`,
        `It has: ${names || "nothing to set"}.`,
      );
    }
    node.params[name] = param ? readValue(param, text) : text;
  }
  return changed;
}

function readValue(param: ParamDefinition, text: string): JsonValue {
  switch (param.kind) {
    case "number":
    case "integer": {
      const number = Number(text);
      return text.trim() !== "" && Number.isFinite(number) ? number : text;
    }
    case "seed": {
      const seed = parseSeed(text.trim());
      return seed === undefined ? text : seedToJson(seed);
    }
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    default:
      return text;
  }
}

function badSetting(message: string, help: string): HeddleError {
  return new HeddleError({ code: "bad-setting", message, help });
}
