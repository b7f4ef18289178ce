import i18next from "i18next";
import { ChevronRight } from "lucide-react";
import type { JsonValue } from "../../graph/document.ts";
import type { TextKey } from "../i18n/i18n.ts";
import { factText, needsName } from "../i18n/said-text.ts";
import { type Text, useText } from "../i18n/use-text.ts";
import type { NodeRun } from "../run/run-state.ts";
import styles from "./node.module.css";
import { RunningText } from "./running-text.tsx";

type Fact = readonly [name: string, value: string];

/** What the run found out, on one line; opened, as a list. What the settings say already is left out. While it runs: what it says. */
export function NodeFacts({ run, params }: { run: NodeRun | undefined; params: Readonly<Record<string, JsonValue>> }) {
  const text = useText();
  const facts = Object.entries(run?.info ?? {}).flatMap(([name, value]): Fact[] =>
    value !== "" && String(params[name]) !== String(value) ? [[name, factText(text, name, value)]] : [],
  );
  if (facts.length === 0) return <RunningText run={run} />;
  return (
    <details className={`${styles.facts} nodrag`}>
      <summary className={styles.factsLine}>
        <ChevronRight size={14} />
        <span>{facts.map((fact) => inShort(text, fact)).join(" · ")}</span>
      </summary>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{nameOf(text, name)}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function inShort(text: Text, [name, value]: Fact): string {
  return needsName(text, value) ? `${nameOf(text, name)} ${value}` : value;
}

/** A fact's name in the language of the interface; of an unknown one, `shortestSide` is Shortest side. */
function nameOf(text: Text, name: string): string {
  const key = `facts.${name}` as TextKey;
  if (i18next.exists(key)) return text(key);
  const words = name
    .replaceAll(/[-_]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
