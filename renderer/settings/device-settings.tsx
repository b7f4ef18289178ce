import { CircleCheck, CircleMinus, LoaderCircle, RotateCw } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import {
  type AutomaticChoice,
  type DevicePreferences,
  type DeviceReport,
  type DeviceState,
  LEAST_MEMORY_BYTES,
  type ModelPlans,
  plannedParts,
} from "../../protocol/devices.ts";
import { formatBytes } from "../i18n/format.ts";
import type { TextKey } from "../i18n/i18n.ts";
import { problemLine } from "../i18n/problem-text.ts";
import { saidText } from "../i18n/said-text.ts";
import { type Text, useText } from "../i18n/use-text.ts";
import { useHost } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Select } from "../ui/select.tsx";
import { deviceReasonKey } from "./device-reason.ts";
import styles from "./devices.module.css";
import { costText, PlanOptions } from "./plan-options.tsx";
import { useDevices } from "./use-devices.ts";

const GB = 1e9;

/** By which words each row is found. */
export const deviceRows = {
  device: ["devices.device", "devices.deviceHelp", "devices.title", "devices.words"],
  precision: [
    "devices.precision",
    "devices.precisionHelp",
    "devices.part_transformer",
    "devices.part_textEncoder",
    "devices.part_vae",
    "devices.title",
  ],
  memory: ["devices.memory", "devices.title", "devices.words"],
} as const satisfies Record<string, readonly TextKey[]>;

/** What the engine computes with, and what this machine has for it. `shows` says which rows are looked for. */
export function DeviceSettings({
  shows,
  showsMachine,
}: {
  shows: (row: keyof typeof deviceRows) => boolean;
  showsMachine: boolean;
}) {
  const text = useText();
  const { report, state, plans, failure, change, tryAgain } = useDevices();
  const isBusy = useHost((host) => host.engine === "busy");
  const problem = failure ?? report?.problem;
  return (
    <>
      {problem && (
        <p className={styles.failure} role="alert">
          {problemLine(text, problem)}
        </p>
      )}
      {state && (
        <>
          {state.isPending && isBusy && (
            <p className={styles.pending} role="status">
              {text("devices.pending")}
            </p>
          )}
          {shows("device") && <DeviceChoice report={report} state={state} onChange={change} />}
          {shows("precision") && <PrecisionChoice report={report} plans={plans} state={state} onChange={change} />}
          {shows("memory") && report && (
            <MemoryField
              report={report}
              bytes={state.preferences.memoryBytes}
              onChange={(memoryBytes) => change({ memoryBytes })}
            />
          )}
        </>
      )}
      {showsMachine && <Machine report={report} state={state} onTryAgain={tryAgain} />}
    </>
  );
}

interface ChoiceProps {
  report: DeviceReport | undefined;
  state: DeviceState;
  onChange: (changes: Partial<DevicePreferences>) => void;
}

function DeviceChoice({ report, state: { preferences, inUse }, onChange }: ChoiceProps) {
  const text = useText();
  const offered = report?.devices ?? [];
  const isKnown = preferences.device === "auto" || offered.some(({ device }) => device === preferences.device);
  return (
    <Row
      label={text("devices.device")}
      help={
        inUse?.automatic && preferences.device === "auto"
          ? automaticText(text, inUse.automatic)
          : text("devices.deviceHelp")
      }
      warning={
        inUse?.fallback
          ? `${text("devices.fallback")} ${text(deviceReasonKey(preferences.device, inUse.fallback))}`
          : undefined
      }
    >
      {(id) => (
        <Select
          className={styles.select}
          aria-labelledby={id}
          value={preferences.device}
          onChange={(event) => onChange({ device: event.target.value as DevicePreferences["device"] })}
        >
          <option value="auto">{text("devices.device_auto")}</option>
          {!isKnown && <option value={preferences.device}>{text(`devices.device_${preferences.device}`)}</option>}
          {offered.map(({ device, works }) => (
            <option key={device} value={device}>
              {works
                ? text(`devices.device_${device}`)
                : text("devices.notAvailable", { device: text(`devices.device_${device}`) })}
            </option>
          ))}
        </Select>
      )}
    </Row>
  );
}

function automaticText(text: Text, { device, reason, factor }: AutomaticChoice): string {
  return text(
    reason === "not-faster" && factor === null ? "devices.automatic_none-works" : `devices.automatic_${reason}`,
    {
      device: text(`devices.device_${device}`),
      factor: factor?.toFixed(1) ?? "",
    },
  );
}

/** A plan for each part of all models, with what it costs. */
function PrecisionChoice({ plans, state: { preferences }, onChange }: ChoiceProps & { plans: ModelPlans | undefined }) {
  const text = useText();
  const { precision } = preferences;
  return (
    <fieldset className={styles.group}>
      <legend>{text("devices.precision")}</legend>
      <p>{text("devices.precisionHelp")}</p>
      {plannedParts.map((part) => {
        const known = plans?.parts.find((one) => one.part === part);
        const option = known?.options.find(({ plan }) => plan === precision[part]);
        return (
          <Row key={part} label={text(`devices.part_${part}`)} help={option && costText(text, part, option, false)}>
            {(id) => (
              <Select
                className={styles.select}
                aria-labelledby={id}
                value={precision[part]}
                onChange={(event) => onChange({ precision: { ...precision, [part]: event.target.value } })}
              >
                <option value="auto">{text("devices.precision_auto")}</option>
                <PlanOptions part={part} options={known?.options ?? []} chosen={precision[part]} hasModel={false} />
              </Select>
            )}
          </Row>
        );
      })}
    </fieldset>
  );
}

/** In GB; counts when the field is left or Enter is pressed. */
function MemoryField({
  report,
  bytes,
  onChange,
}: {
  report: DeviceReport;
  bytes: number | null;
  onChange: (bytes: number | null) => void;
}) {
  const text = useText();
  const shown = bytes === null ? "" : String(Math.round(bytes / (GB / 10)) / 10);
  const [typed, setTyped] = useState<string>();
  const most = Math.floor(report.memoryBytes / (GB / 10)) / 10;
  const least = LEAST_MEMORY_BYTES / GB;
  const commit = () => {
    if (typed === undefined) return;
    const wanted = Number(typed);
    const isSet = typed.trim() !== "" && Number.isFinite(wanted);
    const value = isSet ? Math.min(most, Math.max(least, wanted)) : undefined;
    setTyped(undefined);
    if (String(value ?? "") !== shown) onChange(value === undefined ? null : Math.round(value * GB));
  };
  return (
    <Row
      label={text("devices.memory")}
      help={text("devices.memoryHelp", {
        detected: formatBytes(report.detectedBudgetBytes),
        total: formatBytes(report.memoryBytes),
      })}
    >
      {(id) => (
        <span className={styles.amount}>
          <input
            type="number"
            aria-labelledby={id}
            min={least}
            max={most}
            step={0.5}
            placeholder={(report.detectedBudgetBytes / GB).toFixed(1)}
            value={typed ?? shown}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={commit}
            onKeyDown={(event) => event.key === "Enter" && commit()}
          />
          GB
        </span>
      )}
    </Row>
  );
}

function Machine({
  report,
  state,
  onTryAgain,
}: {
  report: DeviceReport | undefined;
  state: DeviceState | undefined;
  onTryAgain: () => void;
}) {
  const text = useText();
  return (
    <section className={styles.machine} aria-label={text("devices.machine")}>
      <header>
        <h3>{text("devices.machine")}</h3>
        <Button disabled={!report} onClick={onTryAgain}>
          <RotateCw size={14} />
          {text("devices.again")}
        </Button>
      </header>
      {report ? (
        <ul className={styles.devices}>
          {report.devices.map((tried) => (
            <li key={tried.device} data-works={tried.works || undefined}>
              {tried.works ? <CircleCheck size={16} /> : <CircleMinus size={16} />}
              <div>
                <strong>
                  {text(`devices.device_${tried.device}`)}
                  {tried.device === state?.inUse?.device && <span className={styles.tag}>{text("devices.inUse")}</span>}
                </strong>
                {tried.device === "cpu" ? (
                  <small>
                    <ProcessorFacts report={report} />
                  </small>
                ) : (
                  <State tried={tried} />
                )}
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <p className={styles.trying} role="status">
          <LoaderCircle size={16} className={styles.turning} />
          {text("devices.trying")}
        </p>
      )}
    </section>
  );
}

function ProcessorFacts({ report: { processor, threads, memoryBytes, integerSpeedup } }: { report: DeviceReport }) {
  const text = useText();
  const facts = [
    processor,
    text("devices.threads", { count: threads }),
    text("devices.memoryFact", { size: formatBytes(memoryBytes) }),
    integerSpeedup !== null && text("devices.integers", { factor: integerSpeedup.toFixed(1) }),
  ];
  return facts.filter(Boolean).join(" · ");
}

function State({ tried: { device, works, halfPrecision, speed, reason } }: { tried: DeviceReport["devices"][number] }) {
  const text = useText();
  if (!works) {
    return (
      <>
        <small>{text(deviceReasonKey(device, reason))}</small>
        {reason && (
          <Disclosure label={text("devices.whyDetails")} className={styles.details}>
            <code>{saidText(reason)}</code>
          </Disclosure>
        )}
      </>
    );
  }
  const facts = [
    text(halfPrecision ? "devices.worksHalf" : "devices.works"),
    speed !== null && text("devices.speed", { factor: speed < 0.1 ? speed.toFixed(2) : speed.toFixed(1) }),
  ];
  return <small>{facts.filter(Boolean).join(" · ")}</small>;
}

function Row({
  label,
  help,
  warning,
  children,
}: {
  label: string;
  help: string | undefined;
  warning?: string | undefined;
  children: (labelId: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={styles.row}>
      <div>
        <span id={id}>{label}</span>
        {help && <small>{help}</small>}
      </div>
      {children(id)}
      {warning && (
        <p className={styles.warning} role="status">
          {warning}
        </p>
      )}
    </div>
  );
}
