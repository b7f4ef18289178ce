import { app } from "electron";
import { installMenu, type Language } from "./menu.ts";

const words = {
  en: {
    workflowsAndPictures: "Workflows and pictures",
    allFiles: "All files",
    couldNotStart: "Heddle could not start",
  },
  "zh-CN": { workflowsAndPictures: "工作流和图片", allFiles: "所有文件", couldNotStart: "Heddle 无法启动" },
} as const;

let spoken: Language | undefined;

/** What is said in the language of the page; before a page told, in the system's. */
export const said = () => words[language()];

export function language(): Language {
  return spoken ?? (app.getLocale().toLowerCase().startsWith("zh") ? "zh-CN" : "en");
}

/** The page’s language is this one from now on. */
export function speak(now: Language): void {
  spoken = now;
  installMenu(process.platform, now);
}
