import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("one begins in each turn of the event loop, in the order in which they came", async () => {
  const turns = new Turns();
  const begun: number[] = [];
  for (let index = 0; index < 3; index++) void turns.next().then(() => begun.push(index));
  const seen: number[][] = [];
  for (let turn = 0; turn < 4; turn++) {
    await nextTurn();
    seen.push([...begun]);
  }
  // This test's turns and those of the line are in the same queue, so that it may see one more or less.
  expect(seen.every((now, turn) => now.length <= turn + 1)).toBe(true);
  expect(begun).toEqual([0, 1, 2]);
  await turns.next();
});

test("whoever comes while others have their turn stands behind those who wait", async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const again = turns.next().then(async () => {
    begun.push("first");
    await turns.next();
    begun.push("first again");
  });
  await Promise.all([again, turns.next().then(() => begun.push("second"))]);
  expect(begun).toEqual(["first", "second", "first again"]);
});

test("it is quiet when nobody waits, and after a while though somebody always does", async () => {
  const turns = new Turns();
  let answered = 0;
  for (let index = 0; index < 20; index++) void turns.next().then(() => (answered += 1));
  await turns.quiet(60_000);
  expect(answered).toBe(20);

  let isOver = false;
  const comeBack = async () => {
    while (!isOver) await turns.next();
  };
  const always = Promise.all([comeBack(), comeBack()]);
  await turns.quiet(20);
  isOver = true;
  await always;
});
