import i18next from "i18next";
import { expect, test, vi } from "vitest";

const fetched = Promise.withResolvers<void>();
vi.mock("./chinese-words.ts", async () => {
  const words = await import("../locales/chinese.ts");
  return { loadChineseWords: () => fetched.promise.then(() => words), chineseWords: () => words };
});

test("who changes their mind while words are fetched gets the language they chose last", async () => {
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  const { changeLanguage, startI18n, translate } = await import("./i18n.ts");
  await startI18n("en");
  const first = changeLanguage("zh-CN");
  await changeLanguage("en");
  fetched.resolve();
  await first;
  expect([i18next.language, document.documentElement.lang, translate("common.close")]).toEqual(["en", "en", "Close"]);
  await changeLanguage("zh-CN");
  expect([i18next.language, document.documentElement.lang, translate("common.close")]).toEqual([
    "zh-CN",
    "zh-CN",
    "关闭",
  ]);
});
