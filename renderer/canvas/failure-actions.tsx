import { Cpu, HardDrive, type LucideIcon, RotateCcw } from "lucide-react";
import { useState } from "react";
import { failureText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { modelsStore } from "../models/models-store.ts";
import { useSession } from "../session/context.tsx";
import { finishRun, runAgain } from "../session/run-again.ts";
import { join } from "../ui/button.tsx";
import styles from "./node.module.css";
import { type FailureActionProps, SmallerPlanAction } from "./smaller-plan-action.tsx";

/** What can be done at once about a failure, on buttons. */
export function FailureActions(props: FailureActionProps) {
  const { error, runId, className } = props;
  const session = useSession();
  const text = useText();
  const { device, reason, neededBytes } = error.details ?? {};
  const isFull = (error.code === "output-not-writable" && reason === "ENOSPC") || error.code === "disk-full";
  const useProcessor = async () => {
    const { devices } = session.host.rpc;
    const { preferences } = await devices.state();
    await devices.change({ ...preferences, device: "cpu" });
    await runAgain(session, runId);
  };
  return (
    <>
      <SmallerPlanAction {...props} />
      {error.code === "engine-stopped" && typeof device === "string" && (
        <Action
          icon={Cpu}
          label={text("devices.useProcessor")}
          help={text("devices.useProcessorHelp")}
          className={className}
          act={useProcessor}
        />
      )}
      {error.code === "output-not-writable" && (
        <Action
          icon={RotateCcw}
          label={text("run.saveAgain")}
          help={text("run.saveAgainHelp")}
          className={className}
          act={() => finishRun(session, runId)}
        />
      )}
      {isFull && (error.code !== "disk-full" || neededBytes !== undefined) && (
        <Action
          icon={HardDrive}
          label={text("run.freeSpace")}
          help={text("run.freeSpaceHelp")}
          className={className}
          act={async () => {
            modelsStore(session.host).setState({ page: "storage", failure: undefined });
            session.view.setState({ dialog: "models" });
          }}
        />
      )}
    </>
  );
}

function Action({
  icon: Icon,
  label,
  help,
  className,
  act,
}: {
  icon: LucideIcon;
  label: string;
  help: string;
  className: string | undefined;
  act: () => Promise<void>;
}) {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      await act();
    } catch (failure) {
      session.view.notify({ tone: "error", text: failureText(failure).message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      className={join(styles.failureAction, "nodrag", className)}
      title={help}
      disabled={isBusy}
      onClick={() => void start()}
    >
      <Icon size={13} className={styles.failureIcon} />
      {label}
    </button>
  );
}
