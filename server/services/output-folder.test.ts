import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createOutputFolder } from "./output-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-output-"));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

test("the folder is made when the first picture comes", async () => {
  const output = createOutputFolder(path.join(folder, "new"));
  const file = await output.write("2026/cat", "png", bytes("1"));
  expect(file).toBe(path.join(folder, "new", "2026", "cat.png"));
  expect(await readFile(file, "utf8")).toBe("1");
  expect(await output.has(file)).toBe(true);
  expect(await output.has(`${file}x`)).toBe(false);
});

describe("nothing is overwritten", () => {
  test("a name that is taken gets a number", async () => {
    const output = createOutputFolder(folder);
    for (const text of ["1", "2", "3"]) await output.write("cat", "png", bytes(text));
    expect((await readdir(folder)).sort()).toEqual(["cat-2.png", "cat-3.png", "cat.png"]);
    expect(await readFile(path.join(folder, "cat.png"), "utf8")).toBe("1");
  });

  test("the counter goes on after the highest number, for each name by itself", async () => {
    await writeFile(path.join(folder, "a (x)-0041.png"), "");
    const output = createOutputFolder(folder);
    const names = ["a (x)-%counter%", "a (x)-%counter%", "b-%counter%"];
    for (const name of names) await output.write(name, "png", bytes(""));
    expect((await readdir(folder)).sort()).toEqual([
      "a (x)-0041.png",
      "a (x)-0042.png",
      "a (x)-0043.png",
      "b-0001.png",
    ]);
  });

  test("a counter that comes twice is the same number", async () => {
    const output = createOutputFolder(folder);
    expect(path.basename(await output.write("%counter%-%COUNTER%", "png", bytes("")))).toBe("0001-0001.png");
    expect(path.basename(await output.write("%counter%-%COUNTER%", "png", bytes("")))).toBe("0002-0002.png");
  });

  test("many at once all get names of their own", async () => {
    const output = createOutputFolder(folder);
    const files = await Promise.all(Array.from({ length: 20 }, () => output.write("%counter%", "png", bytes("x"))));
    expect(new Set(files).size).toBe(20);
  });
});

describe("nothing is written outside", () => {
  test.each(["../x", "a/../../x", "/etc/x", "C:\\x", "a\\b", "", "a//b", ".", "a\0b"])(
    "%j is refused",
    async (name) => {
      const output = createOutputFolder(path.join(folder, "inner"));
      await expect(output.write(name, "png", bytes(""))).rejects.toMatchObject({ code: "output-outside-folder" });
    },
  );

  test("an odd extension is refused", async () => {
    await expect(createOutputFolder(folder).write("x", "png/../../y", bytes(""))).rejects.toMatchObject({
      code: "output-outside-folder",
    });
  });

  test("a link inside the folder that leads out is refused", async () => {
    const inner = path.join(folder, "inner");
    await mkdir(path.join(folder, "elsewhere"));
    await mkdir(inner);
    await symlink(path.join(folder, "elsewhere"), path.join(inner, "link"));
    await expect(createOutputFolder(inner).write("link/x", "png", bytes(""))).rejects.toMatchObject({
      code: "output-outside-folder",
    });
    expect(await readdir(path.join(folder, "elsewhere"))).toEqual([]);
  });

  test("whatever the name, files appear inside or not at all", async () => {
    const inner = path.join(folder, "inner");
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", ":", "%", "\0"), maxLength: 8 }),
        async (name) => {
          const file = await createOutputFolder(inner)
            .write(name, "png", bytes(""))
            .catch(() => inner + path.sep);
          expect(file.startsWith(inner + path.sep)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
    expect((await readdir(folder)).filter((name) => name !== "inner")).toEqual([]);
  });
});

test("a place that cannot be written says why", async () => {
  await writeFile(path.join(folder, "file"), "");
  const output = createOutputFolder(path.join(folder, "file"));
  const error = await output.write("x", "png", bytes("")).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "output-not-writable",
    message: expect.stringMatching(/because .*(folder|exists)/),
  });
});

test.skipIf(process.getuid?.() === 0)(
  "a folder without permission says so (root may write anywhere, so not as root)",
  async () => {
    await chmod(folder, 0o500);
    const write = createOutputFolder(folder).write("x", "png", bytes(""));
    await expect(write).rejects.toMatchObject({
      code: "output-not-writable",
      message: expect.stringContaining("permission"),
    });
  },
);
