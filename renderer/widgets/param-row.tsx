import { memo, useId } from "react";
import type { NodeDefinition, ParamDefinition } from "../../graph/definition.ts";
import type { JsonValue } from "../../graph/document.ts";
import type { Problem } from "../../graph/problems.ts";
import { type SeedMode, setSeedMode } from "../document/seeds.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { editParam } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { BooleanField } from "./boolean-field.tsx";
import { ChoiceField } from "./choice-field.tsx";
import { ImageField } from "./image-field.tsx";
import { LorasField } from "./loras-field.tsx";
import { ModelField } from "./model-field.tsx";
import { NumberField } from "./number-field.tsx";
import { ProblemLine } from "./problem-line.tsx";
import { PromptField } from "./prompt-field.tsx";
import { SeedField } from "./seed-field.tsx";
import { SizeBar, setSize, sizeParams } from "./size-bar.tsx";
import { otherSide, sizeLocks } from "./size-lock.ts";
import { TextField } from "./text-field.tsx";
import type { WidgetProps } from "./widget.ts";

/** The widget of one parameter, and what is wrong with its value. */
export const ParamRow = memo(function ParamRow({
  nodeId,
  definition,
  param,
  value,
  seedMode,
  problem,
}: {
  nodeId: string;
  definition: NodeDefinition;
  param: ParamDefinition;
  value: JsonValue;
  seedMode: SeedMode;
  problem: Problem | undefined;
}) {
  const session = useSession();
  const words = useDefinitionText();
  const text = useText();
  const problemId = useId();
  const common: Omit<WidgetProps<never>, "param"> = {
    nodeId,
    label: words.param(definition, param),
    help: words.paramHelp(definition, param),
    value,
    invalid: problem?.severity === "error",
    describedBy: problem ? problemId : undefined,
    onChange: (next, gesture) =>
      editParam(session, nodeId, param.name, next, gesture && `${nodeId} ${param.name} ${gesture}`),
  };
  /** With the shape locked the other side follows. */
  const changeSide = (
    side: "width" | "height",
    next: number,
    sides: NonNullable<ReturnType<typeof sizeParams>>,
    gesture: string | undefined,
  ) => {
    const ratio = sizeLocks.getState().get(`${session.id} ${nodeId}`);
    if (ratio === undefined) return common.onChange(next, gesture);
    const other = side === "width" ? "height" : "width";
    const size = { [side]: next, [other]: otherSide(side, next, ratio, sides[other]) };
    setSize(session, nodeId, size as { width: number; height: number }, gesture && `${nodeId} size ${gesture}`);
  };
  const widget = () => {
    switch (param.kind) {
      case "number":
      case "integer": {
        const sides = param.name === "width" || param.name === "height" ? sizeParams(definition) : undefined;
        if (!sides) return <NumberField {...common} param={param} />;
        return (
          <>
            <NumberField
              {...common}
              param={param}
              onChange={(next, gesture) => changeSide(param.name as "width" | "height", Number(next), sides, gesture)}
            />
            {param.name === "height" && <SizeBar nodeId={nodeId} definition={definition} />}
          </>
        );
      }
      case "seed":
        return (
          <SeedField
            {...common}
            param={param}
            mode={seedMode}
            onModeChange={(mode) => {
              const patches = setSeedMode(session.documents.getState().graph, nodeId, param.name, mode);
              session.documents.commit({ label: "edit", patches });
            }}
          />
        );
      case "text": {
        const { placeholder } = param;
        const shown = placeholder === undefined ? param : { ...param, placeholder: words.sentence(placeholder) };
        return param.role === "prompt" && param.multiline ? (
          <PromptField {...common} param={shown} />
        ) : (
          <TextField {...common} param={shown} />
        );
      }
      case "boolean":
        return <BooleanField {...common} param={param} />;
      case "choice": {
        const options = param.options.map((option) => ({
          value: option.value,
          label: words.option(definition, param, option),
          help: words.sentence(option.description),
        }));
        return <ChoiceField {...common} value={String(value)} options={options} />;
      }
      case "model":
        return <ModelField {...common} param={param} />;
      case "loras":
        return <LorasField {...common} param={param} />;
      case "image":
        return <ImageField {...common} param={param} />;
    }
  };
  return (
    <div className="nodrag nokey" data-param={param.name}>
      {widget()}
      {problem && <ProblemLine id={problemId}>{problemText(text, problem).message}</ProblemLine>}
    </div>
  );
});
