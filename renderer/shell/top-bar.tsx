import {
  Boxes,
  FilePlus2,
  FileText,
  FolderOpen,
  Images,
  Info,
  Keyboard,
  LayoutTemplate,
  Menu as MenuIcon,
  Pencil,
  Save,
  SaveAll,
  Search,
  Settings2,
  SquarePlus,
} from "lucide-react";
import { useStore } from "zustand";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession, useSettings } from "../session/context.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuRadioGroup, MenuSeparator } from "../ui/menu.tsx";
import { newEmpty, runCommand } from "./commands.ts";
import { QueueButton, RunControls } from "./run-controls.tsx";
import styles from "./shell.module.css";
import { shortcutLabel } from "./shortcuts.ts";
import { TabBar } from "./tab-bar.tsx";
import { WorkflowProperties } from "./workflow-properties.tsx";

export function TopBar() {
  const hasWorkflow = useStore(useSession().workspace, (state) => state.active !== undefined);
  return (
    <header className={styles.topbar}>
      <div className={styles.left}>
        <FileMenu />
        <TabBar />
      </div>
      <div className={styles.right}>
        <EngineState />
        <SearchButton />
        <SettingsMenu />
        <QueueButton />
        {hasWorkflow && <RunControls />}
      </div>
      <WorkflowProperties />
    </header>
  );
}

function FileMenu() {
  const session = useSession();
  const text = useText();
  return (
    <Menu
      trigger={
        <button type="button" className={styles.brand} aria-label={text("menu.main")}>
          <Mark />
          <MenuIcon size={16} />
        </button>
      }
    >
      <MenuItem
        icon={<FilePlus2 size={16} />}
        shortcut={shortcutLabel("file.newEmpty")}
        onClick={() => newEmpty(session)}
      >
        {text("menu.newEmpty")}
      </MenuItem>
      <MenuItem icon={<LayoutTemplate size={16} />} onClick={() => session.view.setState({ dialog: "templates" })}>
        {text("menu.newFromTemplate")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<FolderOpen size={16} />}
        shortcut={shortcutLabel("file.open")}
        onClick={() => runCommand(session, "file.open")}
      >
        {text("menu.open")}
      </MenuItem>
      <MenuItem
        icon={<Save size={16} />}
        shortcut={shortcutLabel("file.save")}
        onClick={() => runCommand(session, "file.save")}
      >
        {text("menu.save")}
      </MenuItem>
      <MenuItem
        icon={<SaveAll size={16} />}
        shortcut={shortcutLabel("file.saveAs")}
        onClick={() => runCommand(session, "file.saveAs")}
      >
        {text("menu.saveAs")}
      </MenuItem>
      <MenuItem icon={<Pencil size={16} />} onClick={() => runCommand(session, "file.rename")}>
        {text("menu.renameWorkflow")}
      </MenuItem>
      <MenuItem icon={<FileText size={16} />} onClick={() => runCommand(session, "file.properties")}>
        {text("properties.open")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<SquarePlus size={16} />}
        shortcut={shortcutLabel("node.add")}
        onClick={() => runCommand(session, "node.add")}
      >
        {text("menu.addNode")}
      </MenuItem>
      <MenuItem
        icon={<Search size={16} />}
        shortcut={shortcutLabel("app.commands")}
        onClick={() => runCommand(session, "app.commands")}
      >
        {text("menu.commands")}
      </MenuItem>
      <MenuItem
        icon={<Images size={16} />}
        shortcut={shortcutLabel("view.gallery")}
        onClick={() => runCommand(session, "view.gallery")}
      >
        {text("menu.gallery")}
      </MenuItem>
      <MenuItem
        icon={<Boxes size={16} />}
        shortcut={shortcutLabel("view.models")}
        onClick={() => runCommand(session, "view.models")}
      >
        {text("manager.open")}
      </MenuItem>
      <MenuItem
        icon={<Settings2 size={16} />}
        shortcut={shortcutLabel("app.settings")}
        onClick={() => runCommand(session, "app.settings")}
      >
        {text("menu.allSettings")}
      </MenuItem>
      <MenuItem
        icon={<Keyboard size={16} />}
        shortcut={shortcutLabel("app.shortcuts")}
        onClick={() => runCommand(session, "app.shortcuts")}
      >
        {text("menu.shortcuts")}
      </MenuItem>
      <MenuItem icon={<Info size={16} />} onClick={() => runCommand(session, "app.about")}>
        {text("menu.about")}
      </MenuItem>
    </Menu>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className={styles.mark}>
      <path d="M6 3v18M18 3v18M6 12h3M15 12h3" />
      <circle cx="12" cy="12" r="3" />
    </svg>
  );
}

function EngineState() {
  const text = useText();
  const engine = useHost((state) => state.engine);
  const connected = useHost((state) => state.connected);
  const state = connected ? engine : "offline";
  return (
    <span className={styles.engine} data-state={state} title={text(`engine.${state}Help`)}>
      <span className={styles.engineDot} />
      {text(`engine.${state}`)}
    </span>
  );
}

function SearchButton() {
  const session = useSession();
  const text = useText();
  return (
    <IconButton
      label={text("menu.commands")}
      shortcut={shortcutLabel("app.commands")}
      onClick={() => runCommand(session, "app.commands")}
    >
      <Search size={16} />
    </IconButton>
  );
}

function SettingsMenu() {
  const { settings } = useSession();
  const text = useText();
  const theme = useSettings((state) => state.theme);
  const language = useSettings((state) => state.language);
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          className={styles.settings}
          aria-label={text("menu.settings")}
          title={text("menu.settings")}
        >
          <Settings2 size={16} />
        </button>
      }
    >
      <MenuRadioGroup
        label={text("theme.label")}
        value={theme}
        onChange={(next) => settings.setState({ theme: next })}
        options={[
          { value: "system", label: text("theme.system") },
          { value: "dark", label: text("theme.dark") },
          { value: "light", label: text("theme.light") },
          { value: "contrast", label: text("theme.contrast") },
        ]}
      />
      <MenuSeparator />
      <MenuRadioGroup
        label={text("language.label")}
        value={language}
        onChange={(next) => settings.setState({ language: next })}
        options={[
          { value: "system", label: text("language.system") },
          { value: "en", label: "English" },
          { value: "zh-CN", label: "简体中文" },
        ]}
      />
    </Menu>
  );
}
