import { expect, test } from "vitest";
import type { KeyValues } from "./key-values.ts";
import { patient } from "./patient-database.ts";

/** A database that refuses so often, then answers. */
function refusing(times: number, error: Error) {
  let asked = 0;
  const waits: number[] = [];
  const answer = async <T>(value: T): Promise<T> => {
    asked++;
    if (asked <= times) throw error;
    return value;
  };
  const database: KeyValues = {
    get: () => answer<unknown>("kept"),
    getMany: () => answer<unknown[]>([]),
    setMany: () => answer(undefined),
    delMany: () => answer(undefined),
    entries: () => answer<[string, unknown][]>([]),
  };
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { database: patient(database, wait), waits, asked: () => asked };
}
const named = (name: string) => Object.assign(new Error(name), { name });

test("a database that another browser still holds is asked until it answers, with longer waits", async () => {
  const { database, waits } = refusing(3, named("UnknownError"));
  expect(await database.get("window 1")).toBe("kept");
  expect(waits).toEqual([100, 200, 400]);
});

test("one that goes on refusing is given up", async () => {
  const { database, asked } = refusing(99, named("UnknownError"));
  await expect(database.entries()).rejects.toThrow("UnknownError");
  expect(asked()).toBe(5);
});

test("a full disk is told at once", async () => {
  const { database, asked } = refusing(1, named("QuotaExceededError"));
  await expect(database.setMany([])).rejects.toThrow("QuotaExceededError");
  expect(asked()).toBe(1);
});
