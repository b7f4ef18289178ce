import type { ModelParam } from "../../graph/definition.ts";
import { formatBytes } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { ChoiceField } from "./choice-field.tsx";
import { ProblemLine } from "./problem-line.tsx";
import type { WidgetProps } from "./widget.ts";

/** A model of the host's library; the list is asked for again whenever it is opened. */
export function ModelField({ param, label, help, value, invalid, describedBy, onChange }: WidgetProps<ModelParam>) {
  const text = useText();
  const { hostState } = useSession();
  const models = useHost((state) => state.models);
  const name = String(value ?? "");
  const fitting = (models ?? []).filter((model) => model.kind === param.modelKind);
  const isMissing = models !== undefined && name !== "" && !fitting.some((model) => model.name === name);
  return (
    <>
      <ChoiceField
        label={label}
        help={help}
        value={name}
        invalid={invalid || isMissing}
        describedBy={describedBy}
        placeholder={text(
          models === undefined ? "models.loading" : fitting.length > 0 ? "models.choose" : "models.none",
        )}
        options={fitting.map((model) => ({
          value: model.name,
          label: model.label,
          help: [model.description, formatBytes(model.sizeBytes)].filter(Boolean).join(" · "),
        }))}
        onOpen={() => void hostState.refreshModels().catch(() => {})}
        onChange={onChange}
      />
      {isMissing && !invalid && <MissingModel name={name} />}
    </>
  );
}

function MissingModel({ name }: { name: string }) {
  return <ProblemLine>{useText()("models.missing", { name })}</ProblemLine>;
}
