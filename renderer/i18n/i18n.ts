import i18next, { type Resource, type TOptions } from "i18next";
import { en } from "../locales/en.ts";
import type { Settings } from "../settings/settings-store.ts";
import { loadChineseWords } from "./chinese-words.ts";

type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? StripPlural<K> : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];
type StripPlural<K extends string> = K extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : K;

/** Every text of the interface, by its place in `locales/en.ts`. */
export type TextKey = Leaves<typeof en>;

export type Language = "en" | "zh-CN";

export function languageOf(setting: Settings["language"], preferred: readonly string[]): Language {
  if (setting !== "system") return setting;
  const first = preferred.find((tag) => /^(zh|en)\b/i.test(tag));
  return first?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** Where i18next keeps the texts of a language. */
export const NAMESPACE = "translation";

/** @returns the language that it is; English where the words of the one that is wanted cannot be fetched */
export async function startI18n(wanted: Language): Promise<Language> {
  const resources = await loadedResources(wanted).catch(() => undefined);
  const language = resources ? wanted : "en";
  await i18next.init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { [NAMESPACE]: en }, ...resources },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
  return language;
}

let wanted: Language | undefined;

/** Of several changes on their way only the latest counts. Rejects where the words of the language cannot be fetched. */
export async function changeLanguage(language: Language): Promise<void> {
  wanted = language;
  const resources = await loadedResources(language);
  if (wanted !== language) return;
  for (const [loaded, words] of Object.entries(resources))
    i18next.addResourceBundle(loaded, NAMESPACE, words[NAMESPACE]);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Tells the language of the window, now and whenever it changes. */
export function followLanguage(tell: (language: Language) => void): void {
  tell(i18next.language === "zh-CN" ? "zh-CN" : "en");
  i18next.on("languageChanged", tell);
}

/** What a language needs besides English, which is always there. */
async function loadedResources(language: Language): Promise<Resource> {
  return language === "zh-CN" ? { "zh-CN": { [NAMESPACE]: (await loadChineseWords()).zhCN } } : {};
}

/** The English text, which is there in every window: people search by words that they know from other programs, too. */
export const inEnglish = (key: TextKey): string => i18next.t(key, { lng: "en" }) as string;

/** For code outside components; components use {@link useText}, which follows a change of language. */
export function translate(key: TextKey, options: TOptions = {}): string {
  return i18next.t(key, options) as string;
}
