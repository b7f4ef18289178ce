import { useEffect, useId, useState } from "react";
import type { DeviceState, ModelPlans, PlannedPart, PlanOption } from "../../protocol/devices.ts";
import type { ModelDetails } from "../../protocol/models.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { costText, PlanOptions } from "../settings/plan-options.tsx";
import { Select } from "../ui/select.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** In what precision the parts of a model compute on this machine, with what each choice costs. */
export function ModelPlansSection({ model: { kind, name } }: { model: ModelDetails }) {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const engine = useHost((state) => state.engine);
  const [plans, setPlans] = useState<ModelPlans>();
  const [state, setState] = useState<DeviceState>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: an engine that started anew may compute on another device
  useEffect(() => {
    let isWanted = true;
    void store.attempt(async () => {
      const [nextPlans, nextState] = await Promise.all([
        host.rpc.devices.plans({ model: { kind, name } }),
        host.rpc.devices.state(),
      ]);
      if (!isWanted) return;
      setPlans(nextPlans);
      setState(nextState);
    });
    return () => {
      isWanted = false;
    };
  }, [host, store, kind, name, engine]);
  if (!plans?.path || !state || plans.parts.length === 0) return null;
  const { preferences } = state;
  const own = preferences.models[plans.path] ?? {};
  const choose = (part: PlannedPart, plan: string) =>
    void store.attempt(async () => {
      const chosen = { [part]: plan === "" ? null : plan };
      setState(await host.rpc.devices.choosePlans({ kind, name, plans: chosen }));
    });
  return (
    <section className={styles.plans} aria-label={text("devices.modelPlans")}>
      <h4>{text("devices.modelPlans")}</h4>
      {plans.parts.map((one) => (
        <PartPlan
          key={one.part}
          {...one}
          own={own[one.part]}
          general={preferences.precision[one.part]}
          onChoose={(plan) => choose(one.part, plan)}
        />
      ))}
    </section>
  );
}

function PartPlan({
  part,
  options,
  automatic,
  own,
  general,
  onChoose,
}: ModelPlans["parts"][number] & {
  own: PlanOption["plan"] | undefined;
  general: PlanOption["plan"];
  onChoose: (plan: string) => void;
}) {
  const text = useText();
  const id = useId();
  const nameOf = (plan: PlanOption["plan"]) => text(`devices.precision_${plan}`);
  const automaticName = automatic
    ? text("devices.automatic", { plan: nameOf(automatic.plan) })
    : text("devices.precision_auto");
  const setting = own ?? general;
  const used = options.find(({ plan }) => plan === (setting === "auto" ? automatic?.plan : setting));
  return (
    <div className={styles.plan}>
      <label htmlFor={id}>{text(`devices.part_${part}`)}</label>
      <Select id={id} value={own ?? ""} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{text("devices.asSettings", { plan: nameOf(general) })}</option>
        <option value="auto">{automaticName}</option>
        <PlanOptions part={part} options={options} chosen={setting} hasModel />
      </Select>
      {used && <small className={styles.cost}>{costText(text, part, used, true)}</small>}
    </div>
  );
}
