import { Popover } from "@base-ui/react/popover";
import { ArrowLeft, Heart, ListFilter } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import popup from "../ui/popup.module.css";
import { SearchField } from "../ui/search-field.tsx";
import { Stars } from "../ui/stars.tsx";
import { ChoiceField } from "../widgets/choice-field.tsx";
import styles from "./gallery.module.css";
import type { GalleryFilter } from "./gallery-store.ts";

const PAUSE_MS = 150;
export const TILE_PX = { min: 96, max: 400, usual: 176 } as const;

/** Search, filters, order and size of the tiles. */
export function GalleryToolbar({ tile, onTileChange }: { tile: number; onTileChange: (px: number) => void }) {
  const { gallery } = useSession();
  const text = useText();
  const filter = useStore(gallery, (state) => state.filter);
  const [words, setWords] = useState(filter.words);
  const sent = useRef(filter.words);
  useEffect(() => {
    if (words === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = words;
      void gallery.setFilter({ words });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [gallery, words]);
  useEffect(() => {
    // Cleared from elsewhere.
    if (filter.words !== sent.current) {
      sent.current = filter.words;
      setWords(filter.words);
    }
  }, [filter.words]);
  return (
    <>
      {filter.trash && (
        <Button tone="quiet" onClick={() => void gallery.setFilter({ trash: false })}>
          <ArrowLeft size={16} />
          {text("gallery.leaveTrash")}
        </Button>
      )}
      <SearchField
        className={styles.search}
        label={text("gallery.search")}
        placeholder={text("gallery.searchShort")}
        value={words}
        onChange={setWords}
      />
      <IconButton
        label={text("gallery.onlyFavourites")}
        aria-pressed={filter.favourites === true}
        onClick={() => void gallery.setFilter({ favourites: !filter.favourites })}
      >
        <Heart size={16} fill={filter.favourites ? "currentColor" : "none"} />
      </IconButton>
      <Filters filter={filter} />
      <input
        type="range"
        className={styles.tileSize}
        min={TILE_PX.min}
        max={TILE_PX.max}
        step={8}
        value={tile}
        aria-label={text("gallery.tileSize")}
        title={text("gallery.tileSize")}
        onChange={(event) => onTileChange(Number(event.target.value))}
      />
    </>
  );
}

function Filters({ filter }: { filter: GalleryFilter }) {
  const { gallery } = useSession();
  const text = useText();
  const models = useStore(gallery, (state) => state.models);
  const loras = useStore(gallery, (state) => state.loras);
  const set = (change: Partial<GalleryFilter>) => void gallery.setFilter(change);
  const count = [filter.model, filter.lora, filter.from, filter.to, filter.rating || undefined].filter(
    (one) => one !== undefined,
  ).length;
  const field = { help: undefined, invalid: false, describedBy: undefined };
  const options = (any: string, facets: typeof models) => [
    { value: "", label: any },
    ...facets.map(({ name, count: many }) => ({ value: name, label: `${shortName(name)} (${many})` })),
  ];
  return (
    <Popover.Root>
      <Popover.Trigger
        render={
          <Button tone="quiet">
            <ListFilter size={16} />
            {text("gallery.filters")}
            {count > 0 && <span className={styles.badge}>{count}</span>}
          </Button>
        }
      />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" className={popup.positioner}>
          <Popover.Popup className={`${popup.popup} ${styles.filters}`} aria-label={text("gallery.filters")}>
            <ChoiceField
              {...field}
              label={text("gallery.order")}
              value={filter.order ?? "newest"}
              options={[
                { value: "newest", label: text("gallery.newest") },
                { value: "oldest", label: text("gallery.oldest") },
                { value: "rating", label: text("gallery.byRating") },
              ]}
              onChange={(order) => set({ order: order as "newest" })}
            />
            <ChoiceField
              {...field}
              label={text("gallery.model")}
              value={filter.model ?? ""}
              options={options(text("gallery.anyModel"), models)}
              onChange={(model) => set({ model: model || undefined })}
            />
            <ChoiceField
              {...field}
              label={text("gallery.lora")}
              value={filter.lora ?? ""}
              options={options(text("gallery.anyLora"), loras)}
              onChange={(lora) => set({ lora: lora || undefined })}
            />
            <div className={styles.dates}>
              <label>
                {text("gallery.from")}
                <input
                  type="date"
                  value={filter.from ?? ""}
                  max={filter.to}
                  onChange={(event) => set({ from: event.target.value || undefined })}
                />
              </label>
              <label>
                {text("gallery.to")}
                <input
                  type="date"
                  value={filter.to ?? ""}
                  min={filter.from}
                  onChange={(event) => set({ to: event.target.value || undefined })}
                />
              </label>
            </div>
            <div className={styles.atLeast}>
              <span>{text("gallery.atLeast")}</span>
              <Stars value={filter.rating ?? 0} onChange={(rating) => set({ rating })} />
            </div>
            <Button
              disabled={count === 0}
              onClick={() => set({ model: undefined, lora: undefined, from: undefined, to: undefined, rating: 0 })}
            >
              {text("gallery.clearSet")}
            </Button>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** `ink` of `styles/ink.safetensors`. */
export function shortName(name: string): string {
  return (name.split("/").at(-1) ?? name).replace(/\.(safetensors|gguf)$/, "");
}
