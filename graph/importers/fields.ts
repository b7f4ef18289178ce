import type { JsonValue } from "../document.ts";

/** A JSON object whose fields are not checked yet. */
export type Fields = { [key: string]: JsonValue };

export function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: JsonValue | undefined): Fields {
  return isFields(value) ? value : {};
}

/** The objects of a list; anything else in it is left out. */
export function objectsOf(value: JsonValue | undefined): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** Text, or a number as text: ids come as both. */
export function idOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Whole numbers from 0 on: slots. */
export function indexOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
