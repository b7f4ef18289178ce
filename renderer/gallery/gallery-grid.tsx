import { useVirtualizer } from "@tanstack/react-virtual";
import { Heart } from "lucide-react";
import { type DragEvent, type KeyboardEvent, type MouseEvent, memo, useEffect, useId, useRef, useState } from "react";
import type { GalleryPicture } from "../../protocol/gallery.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import { dragPictureOut } from "./drag-out.ts";
import styles from "./gallery.module.css";
import { nameOfPicture } from "./picture-name.ts";
import { goTo, indexAfter, type Selection } from "./selection.ts";

const GAP_PX = 8;
/** As high as the fades of the style are. */
const FADE_PX = 28;

export interface GridActions {
  onSelect: (selection: Selection) => void;
  onOpen: (picture: GalleryPicture) => void;
  onLike: (hashes: readonly string[]) => void;
  /** Keys that are no movement; returns whether it was one of the gallery's. */
  onKey: (event: KeyboardEvent) => boolean;
}

/** Only the rows in view are in the page: ten thousand pictures scroll like ten. */
export function GalleryGrid({
  pictures,
  selection,
  tile: wanted,
  actions,
  isFirst,
}: {
  pictures: readonly GalleryPicture[];
  selection: Selection;
  /** Least width of a tile, CSS pixels. */
  tile: number;
  actions: GridActions;
  /** It has the focus when the dialog opens. */
  isFirst: boolean;
}) {
  const text = useText();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const columns = Math.max(1, Math.floor((size.width + GAP_PX) / (wanted + GAP_PX)));
  const tile = Math.floor((size.width - GAP_PX * (columns - 1)) / columns);
  const rows = useVirtualizer({
    count: size.width === 0 ? 0 : Math.ceil(pictures.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => tile + GAP_PX,
    overscan: 2,
    // What the keyboard goes to stands clear of the fades at both ends.
    scrollPaddingStart: FADE_PX,
    scrollPaddingEnd: FADE_PX,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are as high as tiles are wide
  useEffect(() => rows.measure(), [rows, tile]);
  const chosen = new Set(selection.chosen);
  const activeAt = pictures.findIndex(({ hash }) => hash === selection.active);
  const activeRow = Math.floor(activeAt / columns);
  // Where one was before looking at a picture, and where the keyboard leads.
  useEffect(() => {
    if (activeRow >= 0 && size.width > 0) rows.scrollToIndex(activeRow, { align: "auto" });
  }, [rows, activeRow, size.width]);
  const order = () => pictures.map(({ hash }) => hash);
  const shown = rows.getVirtualItems();
  const from = rows.scrollOffset ?? 0;
  const isMoreBelow = from + size.height < rows.getTotalSize() - GAP_PX - 1;
  const isActiveShown = shown.some(({ index }) => index === activeRow);

  const onKeyDown = (event: KeyboardEvent) => {
    if (actions.onKey(event)) {
      event.preventDefault();
      return;
    }
    const perPage = Math.max(1, Math.floor(size.height / (tile + GAP_PX)));
    const to = indexAfter(event.key, Math.max(0, activeAt), pictures.length, columns, perPage);
    const target = to === undefined ? undefined : pictures[activeAt < 0 ? 0 : to];
    if (!target || event.altKey) return;
    event.preventDefault();
    const moveOnly = event.ctrlKey || event.metaKey;
    actions.onSelect(goTo(selection, order(), target.hash, { extend: event.shiftKey, moveOnly }));
  };
  const pictureOf = (event: MouseEvent | DragEvent) => {
    const at = (event.target as Element).closest("[data-at]")?.getAttribute("data-at");
    return at === null || at === undefined ? undefined : pictures[Number(at)];
  };
  const onClick = (event: MouseEvent) => {
    const picture = pictureOf(event);
    if (!picture) return;
    if ((event.target as Element).closest("[data-like]")) {
      actions.onLike([picture.hash]);
      return;
    }
    const how = { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey };
    actions.onSelect(goTo(selection, order(), picture.hash, how));
  };

  return (
    <div className={styles.gridArea} data-above={from > 1 || undefined} data-below={isMoreBelow || undefined}>
      <div
        ref={scroller}
        className={styles.grid}
        role="listbox"
        aria-multiselectable
        aria-label={text("gallery.pictures")}
        aria-activedescendant={isActiveShown ? `${id}-${activeAt}` : undefined}
        tabIndex={0}
        title={text("gallery.keys")}
        data-gallery-grid
        data-first={isFirst || undefined}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onDoubleClick={(event) => {
          const picture = pictureOf(event);
          if (picture) actions.onOpen(picture);
        }}
      >
        <div role="presentation" style={{ position: "relative", height: rows.getTotalSize() }}>
          {shown.map((row) => (
            <div
              key={row.key}
              role="presentation"
              className={styles.row}
              style={{ height: tile, transform: `translateY(${row.start}px)`, gap: GAP_PX }}
            >
              {pictures.slice(row.index * columns, (row.index + 1) * columns).map((picture, column) => {
                const at = row.index * columns + column;
                return (
                  <Tile
                    key={picture.hash}
                    id={`${id}-${at}`}
                    picture={picture}
                    at={at}
                    count={pictures.length}
                    side={tile}
                    isChosen={chosen.has(picture.hash)}
                    isActive={at === activeAt}
                  />
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

const Tile = memo(function Tile({
  id,
  picture,
  at,
  count,
  side,
  isChosen,
  isActive,
}: {
  id: string;
  picture: GalleryPicture;
  at: number;
  count: number;
  side: number;
  isChosen: boolean;
  isActive: boolean;
}) {
  const session = useSession();
  const text = useText();
  const name = nameOfPicture(picture);
  const facts = [
    picture.seed === undefined ? undefined : text("viewer.seed", { seed: picture.seed }),
    picture.favourite ? text("gallery.favourite") : undefined,
    picture.rating > 0 ? text("gallery.stars", { count: picture.rating }) : undefined,
  ].filter((fact) => fact !== undefined);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and says which option is active
    <div
      id={id}
      className={styles.tile}
      style={{ width: side }}
      role="option"
      aria-selected={isChosen}
      aria-label={text.series([text("gallery.picture", { name }), ...facts])}
      aria-setsize={count}
      aria-posinset={at + 1}
      data-at={at}
      data-active={isActive || undefined}
      draggable
      onDragStart={(event) => dragPictureOut(session, event, picture)}
    >
      <StoredPicture
        src={session.host.imageUrl(picture.hash, { thumbnail: side * devicePixelRatio > 256 ? 512 : 256 })}
        alt=""
        decoding="async"
      />
      <span className={styles.like} data-like data-lit={picture.favourite || undefined} aria-hidden>
        <Heart size={14} fill={picture.favourite ? "currentColor" : "none"} />
      </span>
      {picture.rating > 0 && (
        <span className={styles.rating} aria-hidden>
          {"★".repeat(picture.rating)}
        </span>
      )}
    </div>
  );
});
