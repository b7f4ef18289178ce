import i18next from "i18next";
import type { DefinitionLookup } from "../../graph/definition.ts";
import { definitionText } from "./use-text.ts";

/** Definitions whose sockets and settings are called as in the language of the window: what is named after them is kept. */
export function spokenDefinitions(definitionOf: DefinitionLookup): DefinitionLookup {
  if (i18next.language === "en") return definitionOf;
  const words = definitionText(i18next.language);
  return (type) => {
    const definition = definitionOf(type);
    return (
      definition && {
        ...definition,
        inputs: definition.inputs.map((port) => ({ ...port, label: words.port(definition, "inputs", port) })),
        outputs: definition.outputs.map((port) => ({ ...port, label: words.port(definition, "outputs", port) })),
        params: definition.params.map((param) => ({ ...param, label: words.param(definition, param) })),
      }
    );
  };
}
