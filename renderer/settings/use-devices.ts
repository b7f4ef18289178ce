import { useEffect, useState } from "react";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { DevicePreferences, DeviceReport, DeviceState, ModelPlans } from "../../protocol/devices.ts";
import { useHost, useSession } from "../session/context.tsx";

export interface Devices {
  /** `undefined` while devices are tried, which takes some seconds after a start of the host. */
  readonly report: DeviceReport | undefined;
  readonly state: DeviceState | undefined;
  /** What can be chosen on the device in use, once that is known. */
  readonly plans: ModelPlans | undefined;
  readonly failure: ErrorPayload | undefined;
  change(changes: Partial<DevicePreferences>): void;
  tryAgain(): void;
}

/** What the host found to compute with, and what it does with it; follows the engine. */
export function useDevices(): Devices {
  const { rpc } = useSession().host;
  const engine = useHost((state) => state.engine);
  const [report, setReport] = useState<DeviceReport>();
  const [state, setState] = useState<DeviceState>();
  const [plans, setPlans] = useState<ModelPlans>();
  const [failure, setFailure] = useState<ErrorPayload>();
  const [trial, setTrial] = useState(0);

  // The engine says that it starts or is ready; with what, is asked for.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the engine is the reason to ask again
  useEffect(() => follow(rpc.devices.state(), setState, setFailure), [rpc, engine, report]);
  useEffect(() => {
    setReport(undefined);
    return follow(rpc.devices.report({ again: trial > 0 }), setReport, setFailure);
  }, [rpc, trial]);

  const device = state?.inUse?.device;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another device has other plans
  useEffect(() => {
    if (!report) return;
    return follow(rpc.devices.plans({ model: null }), setPlans, setFailure);
  }, [rpc, report, device]);

  return {
    report,
    state,
    plans,
    failure,
    change(changes) {
      if (!state) return;
      setFailure(undefined);
      const preferences = { ...state.preferences, ...changes };
      // Shown at once; what the host makes of it follows.
      setState({ ...state, preferences });
      void rpc.devices.change(preferences).then(setState, (error: unknown) => {
        setFailure(toHeddleError(error).toPayload());
        setState(state);
      });
    },
    tryAgain: () => setTrial(trial + 1),
  };
}

/** Hands over what comes, unless nobody waits for it any more. */
function follow<T>(
  answer: Promise<T>,
  take: (value: T) => void,
  takeFailure: (failure: ErrorPayload) => void,
): () => void {
  let isWanted = true;
  answer.then(
    (value) => isWanted && take(value),
    (error: unknown) => isWanted && takeFailure(toHeddleError(error).toPayload()),
  );
  return () => {
    isWanted = false;
  };
}
