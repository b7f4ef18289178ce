import { CircleAlert, Columns2, Images, LoaderCircle, PanelRight, SearchX, Trash2, Undo2 } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { type GalleryPicture, MOST_STARS } from "../../protocol/gallery.ts";
import { CompareView } from "../compare/compare-view.tsx";
import { problemLine, problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useSettings } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./gallery.module.css";
import { GalleryGrid, type GridActions } from "./gallery-grid.tsx";
import { NO_FILTER } from "./gallery-store.ts";
import { GalleryToolbar } from "./gallery-toolbar.tsx";
import { PicturePanel } from "./picture-panel.tsx";
import { type Selection, without } from "./selection.ts";

const MOST_COMPARED = 4;

/** The saved pictures: searched, rated, compared, deleted, and led back to the workflow they came from. */
export function GalleryDialog() {
  const session = useSession();
  const { gallery, settings, view } = session;
  const text = useText();
  const state = useStore(gallery);
  const tile = useSettings((one) => one.galleryTile);
  const showsPanel = useSettings((one) => one.galleryPanel);
  const [isComparing, setComparing] = useState(false);
  const [isBack] = useState(state.isBack);
  useEffect(() => gallery.setState({ isBack: false }), [gallery]);
  const compareHelp = useId();
  const [purging, setPurging] = useState<{ readonly count: number; readonly hashes?: readonly string[] }>();
  const body = useRef<HTMLDivElement>(null);
  const { pictures, selection, filter, failure, remaining, trashed } = state;
  const byHash = useMemo(() => new Map(pictures?.map((picture) => [picture.hash, picture])), [pictures]);
  const chosen = selection.chosen.flatMap((hash) => byHash.get(hash) ?? []);
  const first = chosen[0] ?? byHash.get(selection.active ?? "");
  const inTrash = filter.trash === true;
  useEffect(() => {
    const { favourites } = settings.getState();
    const marked = favourites.length > 0 ? gallery.mark(favourites, { favourite: true }) : Promise.resolve();
    void marked.then(() => {
      if (favourites.length > 0) settings.setState({ favourites: [] });
      return gallery.refresh();
    });
  }, [gallery, settings]);
  const isEmpty = pictures?.length === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what had the focus goes with the last picture, and with what stands in its place
  useEffect(() => {
    const focused = document.activeElement;
    const isLost = focused === null || focused === document.body || focused.contains(body.current);
    if (isLost) body.current?.querySelector<HTMLElement>("[data-gallery-grid], [data-gallery-none]")?.focus();
  }, [isEmpty]);

  const close = () => {
    view.setState({ dialog: undefined });
    // Who leaves from the trash does not mean to come back to it.
    if (inTrash) void gallery.setFilter({ trash: false });
  };
  const select = (next: Selection) => gallery.setState({ selection: next });
  const open = (picture: GalleryPicture) => view.setState({ viewerHash: picture.hash });
  const targets = () => (chosen.length > 0 ? chosen : first ? [first] : []);
  const hashes = () => targets().map(({ hash }) => hash);
  const move = async (how: "trash" | "restore") => {
    const gone = hashes();
    if (gone.length === 0) return;
    const order = (pictures ?? []).map(({ hash }) => hash);
    await (how === "trash" ? gallery.trash(gone) : gallery.restore(gone));
    const left = new Set(gallery.getState().pictures?.map(({ hash }) => hash));
    const vanished = new Set(gone.filter((hash) => !left.has(hash)));
    select(without(gallery.getState().selection, order, vanished));
  };
  const undo = async () => {
    const [back] = trashed;
    if (!back) return;
    await gallery.restore(back);
    select({ chosen: back, active: back[0], anchor: back[0] });
  };
  const like = (of: readonly string[]) => {
    const all = of.every((hash) => byHash.get(hash)?.favourite);
    if (of.length > 0) void gallery.mark(of, { favourite: !all });
  };
  const canCompare = chosen.length > 1 && chosen.length <= MOST_COMPARED;
  const onKey = (event: KeyboardEvent): boolean => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey) {
      if (key === "a") {
        const all = (pictures ?? []).map(({ hash }) => hash);
        select({ chosen: all, active: selection.active ?? all[0], anchor: all[0] });
      } else if (key === "z" && trashed.length > 0) void undo();
      else if (key === " " && selection.active) toggleActive();
      else return false;
      return true;
    }
    if (event.altKey) return false;
    if (key === "Enter" && first) open(byHash.get(selection.active ?? "") ?? first);
    else if (key === " ") toggleActive();
    else if (key === "f" || key === "F") like(hashes());
    else if (/^[0-5]$/.test(key) && Number(key) <= MOST_STARS) rate(Number(key));
    else if ((key === "c" || key === "C") && canCompare) setComparing(true);
    else if ((key === "Delete" || key === "Backspace") && !inTrash) void move("trash");
    else if (key === "Delete") purge();
    else return false;
    return true;
  };
  const purge = () => {
    const of = hashes();
    if (of.length > 0) setPurging({ count: of.length, hashes: of });
  };
  const rate = (rating: number) => {
    if (hashes().length > 0) void gallery.mark(hashes(), { rating });
  };
  const toggleActive = () => {
    const { active } = selection;
    if (active === undefined) return;
    const next = selection.chosen.includes(active)
      ? selection.chosen.filter((hash) => hash !== active)
      : [...selection.chosen, active];
    select({ ...selection, chosen: next, anchor: active });
  };
  const actions: GridActions = { onSelect: select, onOpen: open, onLike: like, onKey };

  if (isComparing && canCompare) {
    return (
      <Dialog title={text("compare.title")} wide="full" onClose={() => setComparing(false)}>
        <CompareView pictures={chosen} />
      </Dialog>
    );
  }
  const hasPictures = pictures !== undefined && pictures.length > 0;
  const isFiltered = Object.entries(filter).some(
    ([name, value]) => name !== "trash" && name !== "order" && Boolean(value),
  );

  return (
    <Dialog title={text(inTrash ? "gallery.trash" : "menu.gallery")} wide="full" onClose={close}>
      <div className={styles.bar}>
        <GalleryToolbar tile={tile} onTileChange={(galleryTile) => settings.setState({ galleryTile })} />
        <span className={styles.count} role="status">
          {chosen.length > 1
            ? text("gallery.chosen", { count: chosen.length })
            : pictures && text("gallery.count", { count: pictures.length })}
          {remaining > 0 && ` · ${text("gallery.reading", { count: remaining })}`}
        </span>
        <span className={styles.spacer} />
        {inTrash ? (
          <>
            <Button disabled={!first} onClick={() => void move("restore")}>
              <Undo2 size={14} />
              {text("gallery.restore")}
            </Button>
            <Button disabled={!first} onClick={purge}>
              {text("gallery.purge")}
            </Button>
            <Button
              tone="danger"
              disabled={!pictures?.length}
              // More than a filter leaves of it.
              onClick={() => void gallery.countTrash().then((count) => count > 0 && setPurging({ count }))}
            >
              {text("gallery.purgeAll")}
            </Button>
          </>
        ) : (
          <>
            <Tooltip label={text("gallery.compareHelp")} shortcut={canCompare ? "C" : undefined}>
              <Button
                // Not disabled: who comes to it hears what is to be chosen first.
                aria-disabled={!canCompare || undefined}
                aria-describedby={canCompare ? undefined : compareHelp}
                onClick={() => canCompare && setComparing(true)}
              >
                <Columns2 size={14} />
                {text("gallery.compare")}
              </Button>
            </Tooltip>
            <span id={compareHelp} hidden>
              {text("gallery.compareHelp")}
            </span>
            <Button tone="quiet" onClick={() => void gallery.setFilter({ trash: true })}>
              <Trash2 size={14} />
              {text("gallery.trash")}
            </Button>
          </>
        )}
        <IconButton
          label={text("gallery.details")}
          // Beside no pictures there is no panel.
          aria-pressed={showsPanel && hasPictures}
          disabled={!hasPictures}
          onClick={() => settings.setState({ galleryPanel: !showsPanel })}
        >
          <PanelRight size={16} />
        </IconButton>
      </div>
      {failure && pictures && (
        <p className={styles.failure} role="alert">
          {problemLine(text, failure)}
        </p>
      )}
      <div ref={body} className={styles.body}>
        {pictures === undefined && failure ? (
          <div className={styles.none} role="alert">
            <CircleAlert size={24} className={styles.alert} />
            <p>
              {problemText(text, failure).message}
              <br />
              {problemText(text, failure).help}
            </p>
            <Button onClick={() => void gallery.refresh()}>{text("start.retry")}</Button>
          </div>
        ) : pictures === undefined ? (
          <div className={`${styles.none} ${styles.late}`} role="status">
            <LoaderCircle size={24} className={styles.turning} />
            <p>{text("gallery.readingAll")}</p>
          </div>
        ) : pictures.length === 0 && remaining === 0 ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list's keys work on where it was, too
          <div
            className={styles.none}
            tabIndex={-1}
            data-gallery-none
            onKeyDown={(event) => onKey(event) && event.preventDefault()}
          >
            {isFiltered ? <SearchX size={24} /> : inTrash ? <Trash2 size={24} /> : <Images size={24} />}
            <p>{text(isFiltered ? "gallery.noneFound" : inTrash ? "gallery.trashEmpty" : "gallery.empty")}</p>
            {isFiltered && (
              <Button
                onClick={() =>
                  void gallery.setFilter({
                    ...NO_FILTER,
                    model: undefined,
                    lora: undefined,
                    from: undefined,
                    to: undefined,
                    favourites: false,
                    rating: 0,
                  })
                }
              >
                {text("gallery.clearFilters")}
              </Button>
            )}
          </div>
        ) : (
          <GalleryGrid pictures={pictures} selection={selection} tile={tile} actions={actions} isFirst={isBack} />
        )}
        {showsPanel && hasPictures && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
          <aside className={styles.panel} aria-label={text("gallery.details")} tabIndex={0}>
            {first ? (
              <PicturePanel
                picture={first}
                onOpen={() => open(first)}
                onTrash={inTrash ? undefined : () => void move("trash")}
              />
            ) : (
              <p className={styles.nothing}>{text("gallery.nothingChosen")}</p>
            )}
          </aside>
        )}
      </div>
      {/* In the trash there is a button for it. */}
      {trashed[0] && !inTrash && (
        <div className={styles.undo} role="status">
          <span>{text("gallery.trashed", { count: trashed[0].length })}</span>
          <Button tone="quiet" onClick={() => void undo()}>
            <Undo2 size={14} />
            {text("gallery.undo")}
          </Button>
        </div>
      )}
      {purging && (
        <PurgeDialog
          count={purging.count}
          onClose={() => setPurging(undefined)}
          onPurge={() => {
            setPurging(undefined);
            void gallery.purge(purging.hashes);
          }}
        />
      )}
    </Dialog>
  );
}

function PurgeDialog({ count, onClose, onPurge }: { count: number; onClose: () => void; onPurge: () => void }) {
  const text = useText();
  return (
    <Dialog title={text("gallery.purgeTitle", { count })} description={text("gallery.purgeHelp")} onClose={onClose}>
      <DialogActions>
        <Button onClick={onClose}>{text("common.cancel")}</Button>
        <Button tone="danger" onClick={onPurge}>
          {text("gallery.purge")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
