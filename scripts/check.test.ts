import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { runChecks } from "./check.ts";

/** Commands that print their words on both ways out, and end with their codes. */
async function commands(...programs: { words: string; code: number }[]): Promise<string[]> {
  const { path } = await temporaryFolder();
  return Promise.all(
    programs.map(async ({ words, code }, at) => {
      const file = join(path, `${at}.cjs`);
      const source = `console.log("${words}"); console.error("${words}, too"); process.exitCode = ${code};`;
      await writeFile(file, source);
      return `node ${file}`;
    }),
  );
}

it("fails when one fails, and all are heard with what they printed", async () => {
  const [first = "", second = "", third = ""] = await commands(
    { words: "one", code: 0 },
    { words: "two", code: 3 },
    { words: "three", code: 0 },
  );
  const heard = new Map<string, [boolean, string]>();
  const passed = await runChecks([first, second, third], 2, ({ command, passed, output }) =>
    heard.set(command, [passed, output]),
  );
  expect(passed).toBe(false);
  expect(Object.fromEntries(heard)).toEqual({
    [first]: [true, "one\none, too\n"],
    [second]: [false, "two\ntwo, too\n"],
    [third]: [true, "three\nthree, too\n"],
  });
});

it("passes when all pass", async () => {
  expect(await runChecks(await commands({ words: "one", code: 0 }), 2, () => undefined)).toBe(true);
});

it("fails when a program is not there", async () => {
  const outputs: string[] = [];
  expect(await runChecks(["no-such-program-anywhere"], 1, ({ output }) => outputs.push(output))).toBe(false);
  expect(outputs.join()).toContain("no-such-program-anywhere");
});
