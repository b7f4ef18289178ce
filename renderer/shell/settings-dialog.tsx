import { type ReactNode, useState } from "react";
import { inEnglish, type TextKey, translate } from "../i18n/i18n.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useSettings } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { DeviceSettings, deviceRows } from "../settings/device-settings.tsx";
import type { Settings } from "../settings/settings-store.ts";
import { Dialog } from "../ui/dialog.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Select } from "../ui/select.tsx";
import styles from "./shell.module.css";

const SWITCHES = [
  ["autoRun", "run.auto", "settings.autoRunHelp"],
  ["snapToGrid", "menu.snap", "settings.snapHelp"],
  ["minimap", "menu.minimap", "settings.minimapHelp"],
  ["resultsOpen", "results.show", "settings.resultsHelp"],
  ["queueOpen", "settings.queue", "settings.queueHelp"],
  ["stripPrivate", "manager.stripPrivate", "manager.stripPrivateHelp"],
  ["notifications", "settings.notifications", "settings.notificationsHelp"],
] as const satisfies readonly (readonly [keyof Settings, TextKey, TextKey])[];

/** Who cannot read the language of the window looks for their own. */
const LANGUAGES = "语言 English 英文 Chinese 简体中文";

/** Everything a person can prefer, found by a word of its name or help. */
export function SettingsDialog() {
  const session = useSession();
  const text = useText();
  const settings = useSettings((state) => state);
  const [query, setQuery] = useState("");
  const [page, setPage] = useState<"general" | "devices">("general");
  const words = query.normalize("NFKC").trim().toLowerCase();
  const isIn = (said: string) => said.toLowerCase().includes(words);
  const has = (...keys: TextKey[]) => keys.some((key) => isIn(text(key)) || isIn(inEnglish(key)));
  const rows: ReactNode[] = [];
  if (has("theme.label", "theme.dark", "theme.light", "theme.contrast", "theme.words")) {
    rows.push(
      <Choice
        key="theme"
        label={text("theme.label")}
        value={settings.theme}
        options={(["system", "dark", "light", "contrast"] as const).map((value) => [value, text(`theme.${value}`)])}
        onChange={(theme) => session.settings.setState({ theme })}
      />,
    );
  }
  if (has("language.label") || isIn(LANGUAGES)) {
    rows.push(
      <Choice
        key="language"
        label={text("language.label")}
        value={settings.language}
        options={[
          ["system", text("language.system")],
          ["en", "English"],
          ["zh-CN", "简体中文"],
        ]}
        onChange={(language) => session.settings.setState({ language })}
      />,
    );
  }
  for (const [name, label, help] of SWITCHES) {
    if (!has(label, help)) continue;
    rows.push(
      <label key={name} className={styles.setting}>
        <span>
          {text(label)}
          <small>{text(help)}</small>
        </span>
        <input
          type="checkbox"
          checked={settings[name]}
          onChange={(event) =>
            name === "notifications" && event.target.checked
              ? void allowNotifications(session)
              : session.settings.setState({ [name]: event.target.checked })
          }
        />
      </label>,
    );
  }
  const isSearching = query.trim() !== "";
  const showsDevice = (row: keyof typeof deviceRows) => !isSearching || has(...deviceRows[row]);
  const hasDevices = isSearching
    ? showsDevice("device") || showsDevice("precision") || showsDevice("memory")
    : page === "devices";
  const shown = isSearching || page === "general" ? rows : [];
  return (
    <Dialog title={text("menu.settings")} wide="medium" onClose={() => session.view.setState({ dialog: undefined })}>
      <SearchField
        className={styles.settingsSearch}
        label={text("settings.search")}
        value={query}
        onChange={setQuery}
      />
      {!isSearching && (
        <div className={styles.settingsPages}>
          <Segmented
            label={text("devices.pages")}
            value={page}
            options={(["general", "devices"] as const).map((value) => ({
              value,
              label: text(value === "general" ? "devices.general" : "devices.title"),
            }))}
            onChange={setPage}
          />
        </div>
      )}
      <div className={styles.settingsList}>
        {shown}
        {hasDevices && <DeviceSettings shows={showsDevice} showsMachine={!isSearching} />}
        {shown.length === 0 && !hasDevices && <p className={styles.noTemplates}>{text("settings.none")}</p>}
      </div>
    </Dialog>
  );
}

/** The system asks for leave only now, when somebody wants to be told. */
async function allowNotifications({ settings, view }: Session): Promise<void> {
  const isAllowed = "Notification" in globalThis && (await Notification.requestPermission()) === "granted";
  settings.setState({ notifications: isAllowed });
  if (!isAllowed) view.notify({ tone: "info", text: translate("settings.notificationsRefused") });
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <label className={styles.setting}>
      <span>{label}</span>
      <Select className={styles.settingSelect} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </Select>
    </label>
  );
}
