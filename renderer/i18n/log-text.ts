import i18next from "i18next";
import type { DefinitionLookup } from "../../graph/definition.ts";
import type { NodeName, RunLogLine } from "../../protocol/run-log.ts";
import { formatDuration } from "./format.ts";
import { problemText } from "./problem-text.ts";
import type { DefinitionText, Text } from "./use-text.ts";

/** What lines of a log are told in. */
interface Words {
  readonly text: Text;
  readonly definitionText: Pick<DefinitionText, "title">;
  readonly definitionOf: DefinitionLookup;
}

/** A line of a run's log in the language of the interface. English is the log's own, and that of lines without a fact. */
export function logText(words: Words, { message, fact }: RunLogLine): string {
  if (i18next.language === "en" || !fact) return message;
  const { text } = words;
  const ofNode = (node: NodeName, said: string) => text("log.line.ofNode", { node: nameOf(words, node), said });
  switch (fact.code) {
    case "started":
      return text("log.line.started", { count: fact.nodes });
    case "node-started":
      return ofNode(fact.node, text("log.line.nodeStarted"));
    case "node-step":
      return ofNode(fact.node, text("log.line.nodeStep", { value: fact.value, max: fact.max }));
    case "node-preparing":
      return ofNode(fact.node, text("node.label_preparing"));
    case "node-says":
      return ofNode(fact.node, fact.words);
    case "node-cached":
      return ofNode(fact.node, text("log.line.nodeCached"));
    case "node-done":
      return ofNode(fact.node, text("log.line.nodeDone", { duration: formatDuration(fact.ms) }));
    case "node-problem":
      return ofNode(fact.node, problemText(text, fact.error).message);
    case "done":
      return text("log.line.done", { duration: formatDuration(fact.ms) });
    case "cancelled":
      return text("log.line.cancelled", { duration: formatDuration(fact.ms) });
    case "failed":
      return problemText(text, fact.error).message;
    case "waits-again":
      return bothSaid(problemText(text, fact.error).message, text("log.line.waitsAgain"));
    case "delivered":
      return text(`log.line.delivered_${fact.kind}`, { host: fact.host });
    case "not-delivered": {
      const { kind, host, isLast, error } = fact;
      const reason = problemText(text, error).message;
      const said = text(`log.line.notDelivered_${kind}`, { host, reason });
      return isLast ? bothSaid(said, text("log.line.givenUp")) : said;
    }
  }
}

/** A Chinese full stop brings its own space, and what was answered may be in English. */
const bothSaid = (first: string, then: string) => (first.endsWith("。") ? first + then : `${first} ${then}`);

function nameOf({ definitionText, definitionOf }: Words, { parts, id }: NodeName): string {
  const names = parts.map((part) => {
    if ("title" in part) return part.title;
    const definition = definitionOf(part.type);
    return definition ? definitionText.title(definition) : part.type;
  });
  return names.join(" › ") + (id === undefined ? "" : ` (${id})`);
}
