import type { Settings, SettingsStore } from "./settings-store.ts";

/** Keeps `data-theme` of the page at what the settings, or the system, ask for. */
export function followTheme(settings: SettingsStore): void {
  const light = matchMedia("(prefers-color-scheme: light)");
  const apply = ({ theme }: Settings) => {
    document.documentElement.dataset.theme = theme === "system" ? (light.matches ? "light" : "dark") : theme;
  };
  apply(settings.getState());
  settings.subscribe(apply);
  light.addEventListener("change", () => apply(settings.getState()));
}
