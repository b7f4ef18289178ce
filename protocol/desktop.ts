import { z } from "zod";
import { contract } from "./contract.ts";
import { procedure } from "./procedure.ts";

/** What the desktop host offers on top: the system's own dialogs, which only its main process can open. */
const chosenFileSchema = z.object({
  name: z.string(),
  bytes: z.instanceof(Blob),
  /** Name of the place it lies in, for saving there without asking and opening it again, also in a later run. */
  place: z.string(),
});

export const desktopContract = {
  ...contract,
  dialogs: {
    /** `null` when the person changes their mind. */
    openFile: procedure.output(chosenFileSchema.nullable()),
    /** Resolves with the name that the file got, or `null`. */
    saveFile: procedure
      .input(z.object({ suggestedName: z.string().min(1).max(255), bytes: z.instanceof(Blob), mimeType: z.string() }))
      .output(z.string().nullable()),
  },
  folders: {
    ...contract.folders,
    /** The path of a folder that the person chooses; `null` when they change their mind. */
    choose: procedure.output(z.string().nullable()),
  },
  files: {
    /** What the file at a place holds now; `null` when nobody knows that place any more. */
    openAgain: procedure.input(z.object({ place: z.string() })).output(chosenFileSchema.nullable()),
    /**
     * Saves where `place` says, else where the person chooses; `null` when they change their mind. `file-changed` where another
     * program has written there since, unless `overwrites`.
     */
    saveTo: procedure
      .input(
        z.object({
          place: z.string().optional(),
          overwrites: z.boolean().optional(),
          suggestedName: z.string().min(1).max(255),
          bytes: z.instanceof(Blob),
        }),
      )
      .output(z.object({ name: z.string(), place: z.string() }).nullable()),
  },
  window: {
    /** How far a run is, 0 to 1, on the icon in the dock or task bar; `null` when it is over. */
    showProgress: procedure.input(z.object({ share: z.number().min(0).max(1).nullable() })),
    /** The language of the page is that of the application's menus and dialogs, too. */
    speak: procedure.input(z.object({ language: z.enum(["en", "zh-CN"]) })),
  },
};

export type DesktopContract = typeof desktopContract;
