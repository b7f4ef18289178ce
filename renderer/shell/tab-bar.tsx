import { House, Plus, X } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useStore } from "zustand";
import { useLongPress } from "../canvas/long-press.ts";
import { setTitle } from "../document/commands.ts";
import { isDirty } from "../document/document-store.ts";
import { useText } from "../i18n/use-text.ts";
import { closeTab } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { IconButton } from "../ui/button.tsx";
import { MenuItem, MenuSeparator, PointMenu } from "../ui/menu.tsx";
import { MAX_TITLE_LENGTH, onNameKey } from "../ui/name-keys.ts";
import { useReorder } from "../ui/use-reorder.ts";
import { newEmpty, runCommand } from "./commands.ts";
import { shortcutLabel } from "./shortcuts.ts";
import styles from "./tab-bar.module.css";

/** The open workflows, with the start page before them. */
export function TabBar() {
  const session = useSession();
  const { workspace } = session;
  const text = useText();
  const tabs = useStore(workspace, (state) => state.tabs);
  const active = useStore(workspace, (state) => state.active);
  const renaming = useView((state) => state.renamingTab);
  const reorder = useReorder("x", workspace.move);
  const [menu, setMenu] = useState<{ at: { x: number; y: number }; tab: Session } | undefined>();
  const list = useRef<HTMLDivElement>(null);

  const ends = useScrolledTabs(list, active);
  useLongPress(list);

  const onKeyDown = (event: KeyboardEvent) => {
    const ids = [undefined, ...tabs.map(({ id }) => id)];
    const at = ids.indexOf(active);
    const goTo = (index: number) => {
      const id = ids.at(index % ids.length);
      workspace.activate(id);
      list.current?.querySelector<HTMLElement>(`[data-tab="${id ?? ""}"]`)?.focus();
    };
    const actions: Record<string, () => void> = {
      ArrowRight: () => goTo(at + 1),
      ArrowLeft: () => goTo(at - 1),
      Home: () => goTo(0),
      End: () => goTo(-1),
      Delete: () => active !== undefined && closeTab(session, active),
      F2: () => active !== undefined && session.view.setState({ renamingTab: active }),
    };
    const action = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey ? undefined : actions[event.key];
    if (!action || (event.target as Element).getAttribute("role") !== "tab") return;
    event.preventDefault();
    action();
  };

  return (
    <div className={styles.bar}>
      <div
        ref={list}
        className={styles.list}
        role="tablist"
        aria-label={text("tabs.label")}
        onKeyDown={onKeyDown}
        // A wheel that only goes up and down reaches all tabs, too.
        onWheel={({ currentTarget, deltaX, deltaY, deltaMode, ctrlKey }) => {
          if (deltaX === 0 && !ctrlKey) currentTarget.scrollLeft += deltaY * (deltaMode === 0 ? 1 : LINE_PX);
        }}
        {...ends}
        {...reorder}
      >
        <button
          type="button"
          role="tab"
          data-tab=""
          className={styles.home}
          aria-selected={active === undefined}
          aria-label={text("tabs.home")}
          title={text("tabs.home")}
          tabIndex={active === undefined ? 0 : -1}
          onClick={() => workspace.activate(undefined)}
        >
          <House size={16} />
        </button>
        {tabs.map((tab) =>
          renaming === tab.id ? (
            <TitleInput key={tab.id} tab={tab} />
          ) : (
            <TabButton key={tab.id} tab={tab} isActive={tab.id === active} onMenu={(at) => setMenu({ at, tab })} />
          ),
        )}
      </div>
      <IconButton label={text("tabs.new")} shortcut={shortcutLabel("file.newEmpty")} onClick={() => newEmpty(session)}>
        <Plus size={16} />
      </IconButton>
      {menu && (
        <PointMenu at={menu.at} label={menu.tab.documents.getState().document.title} onClose={() => setMenu(undefined)}>
          <MenuItem shortcut={shortcutLabel("file.save")} onClick={() => runCommand(menu.tab, "file.save")}>
            {text("menu.save")}
          </MenuItem>
          <MenuItem onClick={() => runCommand(menu.tab, "file.rename")}>{text("menu.renameWorkflow")}</MenuItem>
          <MenuItem onClick={() => runCommand(menu.tab, "file.properties")}>{text("properties.open")}</MenuItem>
          <MenuSeparator />
          <MenuItem shortcut={shortcutLabel("tab.close")} onClick={() => runCommand(menu.tab, "tab.close")}>
            {text("tabs.close")}
          </MenuItem>
          <MenuItem disabled={tabs.length < 2} onClick={() => runCommand(menu.tab, "tab.closeOthers")}>
            {text("tabs.closeOthers")}
          </MenuItem>
          <MenuItem shortcut={shortcutLabel("tab.reopen")} onClick={() => runCommand(menu.tab, "tab.reopen")}>
            {text("tabs.reopen")}
          </MenuItem>
        </PointMenu>
      )}
    </div>
  );
}

const LINE_PX = 24;

/** Keeps the tab in front in view, whatever becomes wider or narrower, and says at which ends there are more tabs. */
function useScrolledTabs(list: RefObject<HTMLElement | null>, active: string | undefined) {
  const [ends, setEnds] = useState({ left: false, right: false });
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const look = () => {
      const { scrollLeft, clientWidth, scrollWidth } = element;
      const [left, right] = [scrollLeft > 0, scrollLeft + clientWidth < scrollWidth - 1];
      setEnds((before) => (before.left === left && before.right === right ? before : { left, right }));
    };
    const show = () => {
      const tab = element.querySelector(`[data-tab="${active ?? ""}"]`);
      (tab?.closest("[data-item]") ?? tab)?.scrollIntoView({ block: "nearest", inline: "nearest" });
      look();
    };
    const sizes = new ResizeObserver(show);
    const front = element.querySelector(`[data-item="${active ?? ""}"]`);
    for (const one of [element, front]) if (one) sizes.observe(one);
    show();
    element.addEventListener("scroll", look);
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [list, active]);
  return { "data-scrolled": ends.left || undefined, "data-more": ends.right || undefined };
}

function TabButton({
  tab,
  isActive,
  onMenu,
}: {
  tab: Session;
  isActive: boolean;
  onMenu: (at: { x: number; y: number }) => void;
}) {
  const { workspace, view } = useSession();
  const text = useText();
  const title = useStore(tab.documents, (state) => state.document.title);
  const dirty = useStore(tab.documents, isDirty);
  const isRunning = useStore(tab.runs, (state) => state.phase !== "idle");
  const percent = useStore(tab.runs, (state) => Math.round(state.progress * 100));
  const hasFailed = useStore(tab.runs, (state) => state.last?.status === "failed" || state.failure !== undefined);
  const states = [
    ...(dirty ? [text("title.unsaved")] : []),
    ...(isRunning ? [text("tabs.running")] : hasFailed ? [text("tabs.failed")] : []),
  ];
  return (
    <div role="presentation" className={styles.tab} data-item={tab.id} data-active={isActive || undefined}>
      <button
        type="button"
        role="tab"
        data-tab={tab.id}
        className={styles.name}
        aria-selected={isActive}
        aria-label={text.series([title, ...states])}
        title={title}
        tabIndex={isActive ? 0 : -1}
        onClick={() => workspace.activate(tab.id)}
        onDoubleClick={() => view.setState({ renamingTab: tab.id })}
        // Else browsers begin to scroll a list that has more tabs than room.
        onMouseDown={(event) => event.button === 1 && event.preventDefault()}
        onAuxClick={(event) => event.button === 1 && closeTab(tab)}
        onContextMenu={(event) => {
          event.preventDefault();
          workspace.activate(tab.id);
          onMenu({ x: event.clientX, y: event.clientY });
        }}
        onKeyDown={(event) => {
          if (event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
          // Its own menu, and not that of the canvas.
          event.preventDefault();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          onMenu({ x: left, y: bottom });
        }}
      >
        <span className={styles.title}>{title}</span>
        {dirty && <span className={styles.dirty} />}
        {!isActive && hasFailed && !isRunning && <span className={styles.failed} />}
      </button>
      {/* For the pointer; the keyboard has Delete and the shortcut. */}
      <button
        type="button"
        aria-hidden="true"
        tabIndex={-1}
        className={styles.close}
        title={text("tabs.closeNamed", { title })}
        onClick={() => closeTab(tab)}
      >
        <X size={13} />
      </button>
      {isRunning && <span className={styles.progress} style={{ width: `${percent}%` }} />}
    </div>
  );
}

/** The title of a workflow, edited in the place of its tab, but not in the list, where only tabs may be. */
function TitleInput({ tab }: { tab: Session }) {
  const place = useRef<HTMLSpanElement>(null);
  const [over, setOver] = useState<{ bar: Element; left: number }>();
  useLayoutEffect(() => {
    const bar = place.current?.closest(`.${styles.bar}`);
    if (!place.current || !bar) return;
    place.current.scrollIntoView({ block: "nearest", inline: "nearest" });
    setOver({ bar, left: place.current.getBoundingClientRect().left - bar.getBoundingClientRect().left });
  }, []);
  return (
    <>
      <span ref={place} role="presentation" className={styles.renamed} />
      {over && createPortal(<TitleField tab={tab} left={over.left} />, over.bar)}
    </>
  );
}

function TitleField({ tab, left }: { tab: Session; left: number }) {
  const { view } = useSession();
  const text = useText();
  const title = tab.documents.getState().document.title;
  const done = (value: string) => {
    view.setState({ renamingTab: undefined });
    const patches = setTitle(tab.documents.getState().document, value.trim() || title);
    tab.documents.commit({ label: "title", patches });
  };
  return (
    <input
      className={styles.rename}
      data-tab-name=""
      style={{ left }}
      aria-label={text("title.label")}
      defaultValue={title}
      maxLength={MAX_TITLE_LENGTH}
      data-name
      spellCheck={false}
      // biome-ignore lint/a11y/noAutofocus: a person asked for this field
      autoFocus
      onFocus={(event) => event.target.select()}
      onBlur={(event) => done(event.target.value)}
      onKeyDown={(event) => {
        const { value } = event.currentTarget;
        onNameKey(event, { take: () => done(value), leave: () => done(title) });
      }}
    />
  );
}
