import { expect, test } from "vitest";
import { isPath, matchingFolders } from "./matching-folders.ts";

const folder = (name: string) => ({ name, path: `/${name}`, isHidden: name.startsWith("."), isLink: false });
const folders = [".cache", "Heddle", "my-heddle", "loras", ".config"].map(folder);
const names = (typed: string, hidden = false) => matchingFolders(folders, typed, { hidden }).map(({ name }) => name);

test("a path is told from words", () => {
  for (const path of ["/", "/home", "~", "~/models", "C:\\AI", "d:/ai", "C:", "\\\\nas\\models"])
    expect(isPath(path), path).toBe(true);
  for (const words of ["", "models", "a/b", "~models", "c", "lora:2"]) expect(isPath(words), words).toBe(false);
});

test("hidden folders are shown when they are wanted, or asked for by name", () => {
  expect(names("")).toEqual(["Heddle", "my-heddle", "loras"]);
  expect(names("", true)).toEqual([".cache", "Heddle", "my-heddle", "loras", ".config"]);
  expect(names(".co")).toEqual([".config"]);
});

test("what begins with what was typed comes first, whatever the case", () => {
  expect(names("HED")).toEqual(["Heddle", "my-heddle"]);
  expect(names("eddle")).toEqual(["Heddle", "my-heddle"]);
  expect(names("my")).toEqual(["my-heddle"]);
  expect(names("nothing")).toEqual([]);
});
