import { useVirtualizer } from "@tanstack/react-virtual";
import { Columns2, Images, SlidersHorizontal, Star, Workflow } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { ImageReference } from "../../graph/events.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession, useSettings } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Compare } from "./compare.tsx";
import styles from "./gallery.module.css";
import { applyParametersOf, openWorkflowOf } from "./picture-workflow.ts";
import { searchPictures } from "./search.ts";

const MIN_TILE_PX = 150;
const GAP_PX = 10;
const THUMBNAIL_PX = 320;

/** Every picture of the output folder: searched, liked, compared, and led back to the workflow it came from. */
export function GalleryDialog() {
  const session = useSession();
  const text = useText();
  const pictures = useStore(session.gallery, (state) => state.pictures);
  const failure = useStore(session.gallery, (state) => state.failure);
  const favourites = useSettings((state) => state.favourites);
  const [query, setQuery] = useState("");
  const [onlyFavourites, setOnlyFavourites] = useState(false);
  const [chosen, setChosen] = useState<readonly ImageReference[]>([]);
  const [isComparing, setComparing] = useState(false);
  const search = useDeferredValue(query);
  const liked = useMemo(() => new Set(favourites), [favourites]);
  const found = useMemo(
    () => searchPictures(pictures ?? [], search, onlyFavourites ? liked : undefined),
    [pictures, search, onlyFavourites, liked],
  );
  useEffect(() => void session.gallery.refresh(), [session]);

  const close = () => session.view.setState({ dialog: undefined });
  const [first, second] = chosen;
  if (isComparing && first && second) {
    return (
      <Dialog title={text("gallery.compare")} wide="most" onClose={() => setComparing(false)}>
        <Compare first={first} second={second} />
      </Dialog>
    );
  }
  const choose = (picture: ImageReference) =>
    setChosen((before) =>
      before.some(({ hash }) => hash === picture.hash)
        ? before.filter(({ hash }) => hash !== picture.hash)
        : [...before.slice(-1), picture],
    );
  const like = (hash: string) =>
    session.settings.setState({
      favourites: liked.has(hash) ? favourites.filter((one) => one !== hash) : [...favourites, hash],
    });

  return (
    <Dialog title={text("menu.gallery")} wide="most" onClose={close}>
      <div className={styles.bar}>
        <input
          type="search"
          className={styles.search}
          placeholder={text("gallery.search")}
          aria-label={text("gallery.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <IconButton
          label={text("gallery.onlyFavourites")}
          aria-pressed={onlyFavourites}
          onClick={() => setOnlyFavourites(!onlyFavourites)}
        >
          <Star size={16} fill={onlyFavourites ? "currentColor" : "none"} />
        </IconButton>
        <span className={styles.count} role="status">
          {pictures && text("gallery.count", { count: found.length })}
        </span>
        <span className={styles.actions}>
          <Button
            disabled={chosen.length !== 1}
            onClick={() => {
              close();
              if (first) void applyParametersOf(session, first);
            }}
          >
            <SlidersHorizontal size={14} />
            {text("gallery.useParameters")}
          </Button>
          <Button
            disabled={chosen.length !== 1}
            onClick={() => {
              close();
              if (first) void openWorkflowOf(session, first);
            }}
          >
            <Workflow size={14} />
            {text("gallery.openWorkflow")}
          </Button>
          <Button disabled={chosen.length !== 2} onClick={() => setComparing(true)}>
            <Columns2 size={14} />
            {text("gallery.compare")}
          </Button>
        </span>
      </div>
      {failure && <p className={styles.failure}>{problemText(text, failure).message}</p>}
      {pictures?.length === 0 ? (
        <div className={styles.none}>
          <Images size={24} />
          <p>{text("gallery.empty")}</p>
        </div>
      ) : (
        <Grid pictures={found} chosen={chosen} liked={liked} onChoose={choose} onLike={like} />
      )}
    </Dialog>
  );
}

interface GridProps {
  pictures: readonly ImageReference[];
  chosen: readonly ImageReference[];
  liked: ReadonlySet<string>;
  onChoose: (picture: ImageReference) => void;
  onLike: (hash: string) => void;
}

/** Only the rows in view are in the page: ten thousand pictures scroll like ten. */
function Grid({ pictures, chosen, liked, onChoose, onLike }: GridProps) {
  const session = useSession();
  const text = useText();
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!scroller) return;
    const observer = new ResizeObserver(() => setWidth(scroller.clientWidth));
    observer.observe(scroller);
    return () => observer.disconnect();
  }, [scroller]);
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (MIN_TILE_PX + GAP_PX)));
  const tile = Math.floor((width - GAP_PX * (columns - 1)) / columns);
  const rows = useVirtualizer({
    count: width === 0 ? 0 : Math.ceil(pictures.length / columns),
    getScrollElement: () => scroller,
    estimateSize: () => tile + GAP_PX,
    overscan: 3,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are as high as tiles are wide
  useEffect(() => rows.measure(), [rows, tile]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
    <section ref={setScroller} className={styles.grid} aria-label={text("gallery.pictures")} tabIndex={0}>
      <div style={{ position: "relative", height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            className={styles.row}
            style={{ height: tile, transform: `translateY(${row.start}px)`, gap: GAP_PX }}
          >
            {pictures.slice(row.index * columns, (row.index + 1) * columns).map((picture) => (
              <div
                key={picture.hash}
                className={styles.tile}
                style={{ width: tile }}
                data-chosen={chosen.some(({ hash }) => hash === picture.hash) || undefined}
              >
                <button
                  type="button"
                  className={styles.picture}
                  aria-pressed={chosen.some(({ hash }) => hash === picture.hash)}
                  aria-label={text("viewer.result", { seed: picture.seed ?? "–" })}
                  title={picture.path}
                  onClick={() => onChoose(picture)}
                  onDoubleClick={() => session.view.setState({ viewerHash: picture.hash })}
                >
                  <img
                    src={session.host.imageUrl(picture.hash, { thumbnail: THUMBNAIL_PX })}
                    alt=""
                    decoding="async"
                    draggable={false}
                  />
                </button>
                <button
                  type="button"
                  className={styles.like}
                  aria-pressed={liked.has(picture.hash)}
                  aria-label={text("gallery.favourite")}
                  onClick={() => onLike(picture.hash)}
                >
                  <Star size={14} fill={liked.has(picture.hash) ? "currentColor" : "none"} />
                </button>
              </div>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}
