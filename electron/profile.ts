import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { app } from "electron";

/**
 * Keeps what the window remembers (tabs, drafts, settings) in Heddle's own folder. Electron's default for a program that is
 * started from its source is one folder for all of them: they would share a profile, and the second one to start would end at
 * once, as there may be one instance of each profile only. To be called before anything asks for either.
 */
export function keepOwnProfile(home: string): void {
  app.setName("Heddle");
  const folder = join(home, "window");
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // Opening the host says what is wrong with the folder, in a window that needs some profile.
    return;
  }
  app.setPath("userData", folder);
}
