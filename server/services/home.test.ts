import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { heddleFolders } from "./home.ts";

test("the variables decide where they are set", () => {
  const folders = heddleFolders({
    HEDDLE_HOME: "/data/heddle",
    HEDDLE_OUTPUT: "/pictures",
    HEDDLE_MODELS: ["/a", "/b"].join(path.delimiter),
  });
  expect(folders).toMatchObject({
    home: "/data/heddle",
    output: "/pictures",
    models: ["/data/heddle/models", "/a", "/b"],
    images: "/data/heddle/images",
    cache: "/data/heddle/cache",
  });
});

test("each platform keeps its own places", () => {
  expect(heddleFolders({}, "darwin").home).toBe(path.join(homedir(), "Library/Application Support/Heddle"));
  expect(heddleFolders({ LOCALAPPDATA: "/appdata" }, "win32").home).toBe("/appdata/Heddle");
  expect(heddleFolders({ XDG_DATA_HOME: "/xdg" }, "linux").home).toBe("/xdg/heddle");
  expect(heddleFolders({}, "darwin").output).toBe(path.join(homedir(), "Pictures/Heddle"));
});

test("Linux names the pictures folder in the user's language", async () => {
  const config = await mkdtemp(path.join(tmpdir(), "heddle-config-"));
  await writeFile(path.join(config, "user-dirs.dirs"), '# comment\nXDG_PICTURES_DIR="$HOME/Bilder"\n');
  expect(heddleFolders({ XDG_CONFIG_HOME: config }, "linux").output).toBe(path.join(homedir(), "Bilder/Heddle"));
  await rm(config, { recursive: true });
});
