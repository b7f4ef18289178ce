import { useVirtualizer } from "@tanstack/react-virtual";
import { Folder, FolderSymlink } from "lucide-react";
import { useEffect, useRef } from "react";
import type { ListedFolder } from "../../protocol/folders.ts";
import { useText } from "../i18n/use-text.ts";
import styles from "./folder-dialog.module.css";

const ROW_PX = 32;

/** Folders, thousands of them where need be; the field above has the focus and says which one is active. */
export function FolderList({
  id,
  folders,
  active,
  onOpen,
}: {
  id: string;
  folders: readonly ListedFolder[];
  /** Below 0: none. */
  active: number;
  onOpen: (folder: ListedFolder) => void;
}) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: folders.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active, { align: "auto" });
  }, [rows, active]);
  return (
    <div
      ref={scroller}
      id={id}
      className={styles.scroller}
      role="listbox"
      aria-label={text("folders.list")}
      // What scrolls has to be reached by keyboard, in browsers that do not see to it.
      tabIndex={-1}
    >
      <div role="presentation" style={{ position: "relative", height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const folder = folders[index];
          if (!folder) return null;
          const Icon = folder.isLink ? FolderSymlink : Folder;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field opens what is active
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
            <div
              key={folder.path}
              id={`${id}-${index}`}
              className={styles.row}
              role="option"
              aria-selected={index === active}
              aria-setsize={folders.length}
              aria-posinset={index + 1}
              data-hidden={folder.isHidden}
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
              title={folder.path}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onOpen(folder)}
            >
              <Icon size={16} aria-hidden />
              <span>{folder.name}</span>
              {folder.isLink && <span className="visually-hidden">{text("folders.link")}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}
