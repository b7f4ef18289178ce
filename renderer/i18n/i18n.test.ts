import i18next from "i18next";
import { beforeEach, expect, test, vi } from "vitest";

let fetched = Promise.withResolvers<void>();
vi.mock("./chinese-words.ts", async () => {
  const words = await import("../locales/chinese.ts");
  return { loadChineseWords: () => fetched.promise.then(() => words), chineseWords: () => words };
});

// Another test in this process may have loaded the real words.
beforeEach(() => void vi.resetModules());

test("a window whose Chinese cannot be fetched starts in English, and stays so until it can", async () => {
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  const { changeLanguage, startI18n, translate } = await import("./i18n.ts");
  const told = () => [i18next.language, document.documentElement.lang, translate("common.close")];
  // As where the file is neither in the browser's cache nor to be had.
  fetched.reject(new TypeError("Failed to fetch dynamically imported module"));
  expect(await startI18n("zh-CN")).toBe("en");
  expect(told()).toEqual(["en", "en", "Close"]);
  await expect(changeLanguage("zh-CN")).rejects.toThrow("Failed to fetch");
  expect(told()).toEqual(["en", "en", "Close"]);
  fetched = Promise.withResolvers<void>();
  fetched.resolve();
  await changeLanguage("zh-CN");
  expect(told()).toEqual(["zh-CN", "zh-CN", "关闭"]);
});

test("who changes their mind while words are fetched gets the language they chose last", async () => {
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  const { changeLanguage, startI18n, translate } = await import("./i18n.ts");
  await startI18n("en");
  fetched = Promise.withResolvers<void>();
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
