import { Minimize2 } from "lucide-react";
import { useEffect, useState } from "react";
import type { ErrorPayload } from "../../common/errors.ts";
import type { SmallerPlan } from "../../protocol/devices.ts";
import { failureText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { lackOf, questionFor } from "../run/smaller-plan.ts";
import { useSession } from "../session/context.tsx";
import { runAgain } from "../session/run-again.ts";
import { join } from "../ui/button.tsx";
import styles from "./node.module.css";

export interface FailureActionProps {
  error: ErrorPayload;
  nodeId: string | undefined;
  /** The run that failed; the last one when absent. */
  runId?: string | undefined;
  className?: string | undefined;
}

/**
 * After memory or disk space ran out: the next smaller plan for the model that the node computes with (any model of the
 * workflow where no node is known), and another run.
 */
export function SmallerPlanAction({ error, nodeId, runId, className }: FailureActionProps) {
  const session = useSession();
  const text = useText();
  const [smaller, setSmaller] = useState<SmallerPlan>();
  const [isBusy, setBusy] = useState(false);
  const lacks = lackOf(error);
  useEffect(() => {
    if (!lacks) return;
    let isWanted = true;
    // Without an answer there is the sentence above, which says what else helps.
    session.host.rpc.devices
      .smaller({ ...questionFor(session.documents.getState(), nodeId ?? "", session.definitionOf), lacks })
      .then(
        (found) => isWanted && setSmaller(found ?? undefined),
        () => {},
      );
    return () => {
      isWanted = false;
    };
  }, [session, nodeId, lacks]);
  if (!smaller) return null;
  const { kind, name, label, part, plan } = smaller;
  const use = async () => {
    setBusy(true);
    try {
      await session.host.rpc.devices.choosePlans({ kind, name, plans: { [part]: plan } });
      await runAgain(session, runId);
    } catch (failure) {
      session.view.notify({ tone: "error", text: failureText(failure).message });
    } finally {
      setBusy(false);
    }
  };
  const names = { plan: text(`devices.precision_${plan}`), part: text(`devices.ofPart_${part}`) };
  return (
    <button
      type="button"
      className={join(styles.failureAction, "nodrag", className)}
      title={text("devices.useSmallerHelp", { ...names, model: label, interpolation: { escapeValue: false } })}
      disabled={isBusy}
      onClick={() => void use()}
    >
      <Minimize2 size={13} className={styles.failureIcon} />
      {text("devices.useSmaller", names)}
    </button>
  );
}
