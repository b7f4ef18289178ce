import { useEffect, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useSession } from "../session/context.tsx";
import { checkpointFor } from "./checkpoint-for.ts";
import styles from "./field.module.css";

const PAUSE_MS = 300;

/** How many tokens of the limit a prompt takes, counted by the tokenizer of the checkpoint that feeds the node. */
export function TokenCount({ nodeId, text }: { nodeId: string; text: string }) {
  const t = useText();
  const { host, definitionOf } = useSession();
  const checkpoint = useDocument((state) => checkpointFor(state, definitionOf, nodeId));
  const [count, setCount] = useState<{ tokens: number; limit: number }>();
  useEffect(() => {
    if (checkpoint === undefined) return;
    let current = true;
    const timer = setTimeout(() => {
      host.rpc.prompts.countTokens({ checkpoint, text }).then(
        (answer) => current && setCount(answer),
        () => current && setCount(undefined),
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [host, checkpoint, text]);
  if (!count || checkpoint === undefined) return null;
  const over = count.tokens > count.limit;
  return (
    <span className={styles.count} data-over={over || undefined} title={t("prompt.tokensHelp")}>
      {over ? t("prompt.tokensOver", { ...count }) : t("prompt.tokens", { ...count })}
    </span>
  );
}
