import { HeddleError } from "../common/errors.ts";
import type { DefinitionLookup, ParamDefinition } from "../graph/definition.ts";
import type { JsonValue, WorkflowDocument } from "../graph/document.ts";
import { withSubgraphs } from "../graph/subgraphs/lookup.ts";
import { parseImageValue, parseSeed, seedToJson } from "../graph/values.ts";

/** What an `image` param is to hold for a picture file that was named in the terminal. */
type TakePicture = (path: string) => Promise<string>;

/**
 * The document with params set as `node.param=value`. A value is read as its param wants it; one that cannot be read so
 * stays text, for the validation to report. Only here, where a person names it, may a picture be given by its path.
 * @throws HeddleError `bad-setting`: not of that form, or no such node or param; and what `takePicture` throws
 */
export async function applySettings(
  document: WorkflowDocument,
  settings: readonly string[],
  known: DefinitionLookup,
  takePicture: TakePicture,
): Promise<WorkflowDocument> {
  const changed = structuredClone(document);
  const definitions = withSubgraphs(document, known);
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
    node.params[name] = param ? await readValue(param, text, takePicture) : text;
  }
  return changed;
}

async function readValue(param: ParamDefinition, text: string, takePicture: TakePicture): Promise<JsonValue> {
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
    case "image":
      return text === "" || parseImageValue(text) !== undefined ? text : takePicture(text);
    case "loras":
      return parseJson(text) ?? text;
    default:
      return text;
  }
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badSetting(message: string, help: string): HeddleError {
  return new HeddleError({ code: "bad-setting", message, help });
}
