import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkValue } from "../../graph/validate-values.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import { fieldsOf, parityDocument } from "./document.ts";
import { endpoints } from "./parameters.ts";
import { places } from "./places.ts";

const root = path.join(import.meta.dirname, "../..");

describe.each(Object.entries(places))("the place %s", (_name, place) => {
  test("is there", () => {
    if (!("node" in place)) return;
    const fields = fieldsOf(findDefinition(place.node)).map(({ name }) => name);
    expect(fields, `fields of ${place.node}`).toContain(place.field);
  });

  test("is shown by a test that exists", async () => {
    const { file, name } = place.shown;
    const text = await readFile(path.join(root, file), "utf8");
    const calls = [...text.matchAll(/\b(?:test|it)(?:\.each\((?:[^()]|\([^()]*\))*\))?\(\s*"((?:[^"\\]|\\.)*)"/g)];
    const names = calls.map(([, title]) => title!.replace(/\\"/g, '"'));
    expect(
      names.some((title) => title.startsWith(name)),
      `"${name}" in ${file}`,
    ).toBe(true);
  });
});

describe.each(endpoints)("$service $name", ({ parameters, type }) => {
  test.each(parameters)("$name has a place that takes all of its range", ({ carried }) => {
    expect(carried.length).toBeGreaterThan(0);
    for (const { place, takes } of carried) {
      if (!("node" in place)) continue;
      const param = findDefinition(place.node)?.params.find(({ name }) => name === place.field);
      if (takes.length > 0) expect(param, `${place.node}.${place.field} is a field with values`).toBeDefined();
      for (const value of takes) expect(checkValue(param!, value, place.field)).toBeUndefined();
    }
  });

  test("is all that the service's own client knows of it", async () => {
    if (type === undefined) return;
    expect(parameters.map(({ name }) => name).toSorted()).toEqual((await typeOfService(type)).toSorted());
  });

  test("has no parameter twice", () => {
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
  });
});

test("docs/parity.md is what npm run parity writes", async () => {
  expect(await readFile(path.join(root, "docs/parity.md"), "utf8")).toBe(parityDocument());
});

let falTypes: Promise<string> | undefined;

/** The fields of a type of fal's client, which generates its types from what the endpoints say of themselves. */
async function typeOfService(name: string): Promise<string[]> {
  falTypes ??= readFile(path.join(root, "node_modules/@fal-ai/client/src/types/endpoints.d.ts"), "utf8");
  const text = await falTypes;
  const alias = new RegExp(`^export type ${name} = (\\w+);`, "m").exec(text)?.[1];
  if (alias !== undefined) return typeOfService(alias);
  const start = text.indexOf(`export type ${name} = {`);
  if (start < 0) throw new Error(`fal's client knows no ${name}`);
  const body = text.slice(start, text.indexOf("\n};", start));
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field]) => field!);
}
