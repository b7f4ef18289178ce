import { implement } from "@orpc/server";
import type { BrowserWindow } from "electron";
import { desktopContract } from "../protocol/desktop.ts";
import { type RouterContext, router } from "../server/router.ts";
import { wireErrors } from "../server/wire-errors.ts";
import { chooseFolderDialog, openFileDialog, openPlace, saveFileDialog, saveToPlace } from "./dialogs.ts";
import { speak } from "./language.ts";

interface DesktopContext extends RouterContext {
  window: BrowserWindow;
}

const desktop = implement(desktopContract).$context<DesktopContext>().use(wireErrors);

/** The contract of every host, and this system's dialogs. */
export const desktopRouter = desktop.router({
  ...router,
  dialogs: {
    openFile: desktop.dialogs.openFile.handler(({ context }) => openFileDialog(context.window)),
    saveFile: desktop.dialogs.saveFile.handler(({ context, input }) =>
      saveFileDialog(context.window, input.suggestedName, input.bytes),
    ),
  },
  folders: {
    ...router.folders,
    choose: desktop.folders.choose.handler(({ context }) => chooseFolderDialog(context.window)),
  },
  files: {
    openAgain: desktop.files.openAgain.handler(({ input }) => openPlace(input.place)),
    saveTo: desktop.files.saveTo.handler(({ context, input }) =>
      saveToPlace(context.window, input.suggestedName, input.bytes, input.place, input.overwrites),
    ),
  },
  window: {
    // Electron takes a number below 0 for "no bar".
    showProgress: desktop.window.showProgress.handler(({ context, input }) =>
      context.window.setProgressBar(input.share ?? -1),
    ),
    speak: desktop.window.speak.handler(({ input }) => speak(input.language)),
  },
});
