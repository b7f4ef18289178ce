import type { NodeRun } from "../run/run-state.ts";
import styles from "./node.module.css";

/** What the run found out: model, token count, size, as the node reported it. */
export function NodeFacts({ run }: { run: NodeRun | undefined }) {
  const facts = Object.entries(run?.info ?? {}).filter(([, value]) => value !== "");
  if (facts.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{humanise(name)}</dt>
          <dd title={String(value)}>{String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** `shortestSide` → `Shortest side`. */
function humanise(name: string): string {
  const words = name
    .replaceAll(/[-_]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
