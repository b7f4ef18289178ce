import i18next from "i18next";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDefinition } from "../../nodes/definitions.ts";
import type { LogFact, RunLogLine } from "../../protocol/run-log.ts";
import { zhCN } from "../locales/zh-CN.ts";
import { loadChineseWords } from "./chinese-words.ts";
import { logText } from "./log-text.ts";
import { definitionText, type Text } from "./use-text.ts";

const say = (fact: LogFact | undefined, message = "English.") => {
  const line: RunLogLine = { time: 0, level: "info", message, ...(fact ? { fact } : {}) };
  const text = Object.assign((key: string, options = {}) => String(i18next.t(key, options)), {
    list: (items: readonly string[]) => items.join("、"),
  }) as Text;
  return logText({ text, definitionText: definitionText(i18next.language), definitionOf: findDefinition }, line);
};
const sampler = { parts: [{ type: "sampler" }] };
const inner = { parts: [{ title: "Detailer" }, { type: "prompt" }], id: "detailer/a" };
const error = (code: string) => ({ code, message: "English reason.", help: "" });

beforeAll(async () => {
  await loadChineseWords();
  await i18next.init({ lng: "zh-CN", resources: { "zh-CN": { translation: zhCN } } });
});
afterAll(() => i18next.changeLanguage("zh-CN"));

test("lines are in the language of the interface, nodes under the names that they have there", () => {
  expect(say({ code: "started", nodes: 9 })).toBe("开始：9 个节点。");
  expect(say({ code: "node-started", node: sampler })).toBe("采样器：开始。");
  expect(say({ code: "node-step", node: sampler, value: 3, max: 8 })).toBe("采样器：第 3 / 8 步");
  expect(say({ code: "node-done", node: inner, ms: 3_210 })).toBe("Detailer › 提示词 (detailer/a)：完成，用时 3.2 s。");
  expect(say({ code: "cancelled", ms: 5 })).toBe("运行 5 ms 后取消。");
});

test("problems are told as they are on nodes, and in English where only that is known", () => {
  const translated = say({ code: "failed", error: error("run-lost") });
  expect(translated).toMatch(/\p{Script=Han}/u);
  expect(say({ code: "node-problem", node: sampler, error: error("run-lost") })).toBe(`采样器：${translated}`);
  expect(say({ code: "failed", error: error("nobody-translated-this") })).toBe("English reason.");
  const stopped = (cause: string) => say({ code: "failed", error: { ...error("engine-stopped"), details: { cause } } });
  expect(stopped("out-of-memory")).toContain("内存不足");
  expect(stopped("exit")).toContain("意外结束");
  // What a server answered is worth more than that something went wrong.
  const refused = { kind: "webhook", host: "a.example", isLast: true, error: error("internal-error") } as const;
  expect(say({ code: "not-delivered", ...refused })).toBe("发往 a.example 的 webhook：English reason. 已放弃。");
  const unreachable = { ...refused, error: { ...error("fetch-timeout"), details: { host: "a.example" } } };
  expect(say({ code: "not-delivered", ...unreachable })).toBe(
    "发往 a.example 的 webhook：a.example 没有及时响应。已放弃。",
  );
  expect(say({ code: "waits-again", error: error("engine-stopped") })).toBe("推理引擎意外结束。等待重新开始。");
});

test("what a node writes stays as it is, and so does a line of an earlier Heddle", () => {
  expect(say({ code: "node-says", node: sampler, words: "1 / 3" })).toBe("采样器：1 / 3");
  expect(say(undefined, "Done after 5 ms.")).toBe("Done after 5 ms.");
});

test("English is the log's own", async () => {
  await i18next.changeLanguage("en");
  expect(say({ code: "started", nodes: 9 }, "Started: 9 nodes.")).toBe("Started: 9 nodes.");
});
