import type { JsonValue } from "../../graph/document.ts";

/** What every parameter widget is given. */
export interface WidgetProps<P> {
  readonly param: P;
  readonly nodeId: string;
  readonly label: string;
  readonly help: string | undefined;
  readonly value: JsonValue;
  readonly invalid: boolean;
  /** Id of the element that says what is wrong. */
  readonly describedBy: string | undefined;
  /** Changes with the same `gesture` are one step of undo. */
  onChange(value: JsonValue, gesture?: string): void;
}
