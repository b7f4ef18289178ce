import type { ModelParam } from "../../graph/definition.ts";
import { formatBytes } from "../i18n/format.ts";
import { modelName, saidText } from "../i18n/said-text.ts";
import { useText } from "../i18n/use-text.ts";
import { findModelEntry } from "../models/find-entry.ts";
import { useHost, useSession } from "../session/context.tsx";
import { useModelDetails } from "./model-details.ts";
import { ModelPicker } from "./model-picker.tsx";
import { ProblemLine } from "./problem-line.tsx";
import { TriggerWords } from "./trigger-words.tsx";
import type { WidgetProps } from "./widget.ts";

/** A model of the host's library; the list is asked for again whenever it is opened. */
export function ModelField({
  param,
  nodeId,
  label,
  help,
  value,
  invalid,
  describedBy,
  hidesLabel = false,
  onChange,
}: WidgetProps<ModelParam> & { hidesLabel?: boolean }) {
  const text = useText();
  const { hostState } = useSession();
  const models = useHost((state) => state.models);
  const detailsOf = useModelDetails();
  const name = String(value ?? "");
  const fitting = (models ?? []).filter((model) => model.kind === param.modelKind);
  const chosen = findModelEntry(fitting, name);
  const isMissing = models !== undefined && name !== "" && chosen === undefined;
  const words = param.modelKind === "lora" ? detailsOf("lora", name)?.triggerWords : undefined;
  return (
    <>
      <ModelPicker
        label={label}
        help={help}
        value={chosen?.name ?? name}
        invalid={invalid || isMissing}
        describedBy={describedBy}
        hidesLabel={hidesLabel}
        placeholder={text(
          models === undefined ? "models.loading" : fitting.length > 0 ? "models.choose" : "models.none",
        )}
        choices={fitting.map((model) => ({
          value: model.name,
          label: modelName(text, model),
          help: [saidText(model.description), formatBytes(model.sizeBytes)].filter(Boolean).join(" · "),
          preview: detailsOf(model.kind, model.name)?.preview ?? undefined,
        }))}
        onOpen={() => void hostState.refreshModels().catch(() => {})}
        onChange={onChange}
      />
      {words && words.length > 0 && <TriggerWords nodeId={nodeId} words={words} />}
      {isMissing && !invalid && <MissingModel name={name} />}
    </>
  );
}

function MissingModel({ name }: { name: string }) {
  return <ProblemLine>{useText()("models.missing", { name })}</ProblemLine>;
}
