import { useState } from "react";
import type { ParamDefinition } from "../../graph/definition.ts";
import type { JsonValue } from "../../graph/document.ts";
import { parseSeed, seedToJson } from "../../graph/values.ts";
import { modelName } from "../i18n/said-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost } from "../session/context.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { randomOf, rangeOf } from "./cells.ts";
import styles from "./sweep.module.css";

export type SweepableParam = Exclude<ParamDefinition, { kind: "image" | "loras" }>;
type NumericParam = Extract<ParamDefinition, { kind: "number" | "integer" | "seed" }>;

/** Pictures and lists of LoRAs are no values that one would write down. */
export const isSweepable = (param: ParamDefinition): param is SweepableParam =>
  param.kind !== "image" && param.kind !== "loras";

/** Seeds that are drawn at random stay short. */
const MAX_RANDOM_SEED = 2 ** 32 - 1;

/** The values of one axis, in the way that suits the param. */
export function AxisEditor({
  param,
  label,
  values,
  onChange,
}: {
  param: SweepableParam;
  label: string;
  values: readonly JsonValue[];
  onChange: (values: JsonValue[]) => void;
}) {
  switch (param.kind) {
    case "number":
    case "integer":
    case "seed":
      return <Numbers param={param} label={label} values={values} onChange={onChange} />;
    case "text":
      return <Texts label={label} values={values} onChange={onChange} />;
    case "boolean":
      return <Booleans label={label} values={values} onChange={onChange} />;
    case "choice":
      return <Choices label={label} values={values} onChange={onChange} options={param.options} />;
    case "model":
      return <Models kind={param.modelKind} label={label} values={values} onChange={onChange} />;
  }
}

interface EditorProps {
  label: string;
  values: readonly JsonValue[];
  onChange: (values: JsonValue[]) => void;
}

function Numbers({ param, label, values, onChange }: EditorProps & { param: NumericParam }) {
  const text = useText();
  const [mode, setMode] = useState<"list" | "range" | "random">("list");
  const [list, setList] = useState(values.map(String).join(", "));
  const isWhole = param.kind !== "number";
  const least = param.kind === "seed" ? 0 : param.min;
  const most = param.kind === "seed" ? MAX_RANDOM_SEED : param.max;
  const numbers = values.flatMap((value) => (typeof value === "number" ? value : []));
  const [range, setRange] = useState({
    from: String(numbers.length > 0 ? Math.min(...numbers) : least),
    to: String(numbers.length > 1 ? Math.max(...numbers) : most),
    count: String(Math.max(values.length, 3)),
  });
  const write = (next: JsonValue[]) => {
    setList(next.map(String).join(", "));
    onChange(next);
  };
  const fill = (how: "range" | "random", next: typeof range) => {
    const [from, to, count] = [Number(next.from), Number(next.to), Math.min(500, Math.round(Number(next.count)))];
    if (![from, to, count].every(Number.isFinite) || count < 1) return;
    write(how === "range" ? rangeOf(from, to, count, isWhole) : randomOf(from, to, count, isWhole));
  };
  const change = (part: Partial<typeof range>) => {
    const next = { ...range, ...part };
    setRange(next);
    if (mode !== "list") fill(mode, next);
  };
  const field = (name: keyof typeof range) => (
    <label className={styles.small}>
      <span>{text(`sweep.${name}`)}</span>
      <input
        type="number"
        className={`${styles.input} ${styles.narrow}`}
        value={range[name]}
        step={name === "count" || isWhole ? 1 : "any"}
        onChange={(event) => change({ [name]: event.target.value })}
      />
    </label>
  );
  return (
    <div className={styles.editor}>
      <Segmented
        label={text("sweep.how", { label })}
        value={mode}
        options={(["list", "range", "random"] as const).map((value) => ({ value, label: text(`sweep.${value}`) }))}
        onChange={(next) => {
          setMode(next);
          if (next !== "list") fill(next, range);
        }}
      />
      {mode !== "list" && (
        <div className={styles.numbers}>
          {field("from")}
          {field("to")}
          {field("count")}
        </div>
      )}
      <input
        className={`${styles.input} ${styles.wide}`}
        aria-label={text("sweep.valuesOf", { label })}
        placeholder={text("sweep.listHint")}
        value={list}
        onChange={(event) => {
          setList(event.target.value);
          onChange(parseNumbers(event.target.value, param.kind === "seed"));
        }}
      />
    </div>
  );
}

/** What is no number stays a word, for the check of the values to tell. */
function parseNumbers(list: string, isSeed: boolean): JsonValue[] {
  const words = list.split(/[,;\s]+/).filter(Boolean);
  return words.map((word) => {
    const seed = isSeed ? parseSeed(word) : undefined;
    if (seed !== undefined) return seedToJson(seed);
    const number = Number(word);
    return Number.isFinite(number) ? number : word;
  });
}

function Texts({ label, values, onChange }: EditorProps) {
  const text = useText();
  const [lines, setLines] = useState(values.map(String).join("\n"));
  return (
    <textarea
      className={styles.area}
      aria-label={text("sweep.valuesOf", { label })}
      placeholder={text("sweep.linesHint")}
      rows={4}
      value={lines}
      onChange={(event) => {
        setLines(event.target.value);
        onChange(event.target.value.split("\n").filter((line) => line.trim() !== ""));
      }}
    />
  );
}

function Choices({
  label,
  values,
  options,
  onChange,
}: EditorProps & { options: readonly { value: JsonValue; label: string }[] }) {
  const text = useText();
  return (
    <fieldset className={styles.choices} aria-label={text("sweep.valuesOf", { label })}>
      {options.map((option) => (
        <label key={String(option.value)} className={styles.choice}>
          <input
            type="checkbox"
            checked={values.includes(option.value)}
            onChange={(event) =>
              onChange(
                // In the order of the options, however they were ticked.
                options
                  .map(({ value }) => value)
                  .filter((value) => (value === option.value ? event.target.checked : values.includes(value))),
              )
            }
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

function Booleans(props: EditorProps) {
  const text = useText();
  const options = [
    { value: true, label: text("subgraph.on") },
    { value: false, label: text("subgraph.off") },
  ];
  return <Choices {...props} options={options} />;
}

function Models({ kind, ...props }: EditorProps & { kind: string }) {
  const models = useHost((state) => state.models) ?? [];
  const text = useText();
  const options = models
    .filter((model) => model.kind === kind)
    .map((model) => ({ value: model.name, label: modelName(text, model) }));
  return <Choices {...props} options={options} />;
}
