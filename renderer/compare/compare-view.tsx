import { Maximize, Pause, Play, TableProperties, ZoomIn, ZoomOut } from "lucide-react";
import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type WheelEvent,
} from "react";
import { useStore } from "zustand";
import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { labelOfPicture } from "../sweep/sweep-store.ts";
import { IconButton } from "../ui/button.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import styles from "./compare.module.css";
import { FITTED, type PaneView, panPane, type Size, transformOf, zoomOfPixels, zoomPane } from "./pane-view.ts";
import { ParametersTable } from "./parameters-table.tsx";
import { captionsOf, type PictureCaption } from "./picture-captions.ts";
import { SplitPictures } from "./split-pictures.tsx";

type Mode = "slider" | "side" | "blink";
const NO_PROMPTS: ReadonlyMap<string, string> = new Map();
const BLINK_MS = 700;
const NUDGE = 0.08;

/** Two to four pictures, looked at together: zoom and place are the same for all. */
export function CompareView({ pictures }: { pictures: readonly ImageReference[] }) {
  const { sweeps } = useSession();
  const text = useText();
  const matrix = useStore(sweeps);
  const isPair = pictures.length === 2;
  const [chosenMode, setMode] = useState<Mode>(isPair ? "slider" : "side");
  const mode = isPair || chosenMode !== "slider" ? chosenMode : "side";
  const [view, setView] = useState<PaneView>(FITTED);
  const [showsTable, setShowsTable] = useState(false);
  const stage = useRef<HTMLDivElement>(null);
  const blink = useBlink(mode === "blink", pictures.length);
  const drag = useRef<{ x: number; y: number }>(undefined);
  const panes = mode === "side" ? pictures.length : 1;
  const [first, second] = pictures;
  const prompts = usePrompts(pictures);
  const captions = useMemo(
    () =>
      captionsOf(
        pictures.map((picture) => ({ ...picture, prompt: prompts.get(picture.hash) })),
        (hash) => labelOfPicture(matrix, hash),
        (seed) => text("viewer.seed", { seed }),
      ),
    [pictures, prompts, matrix, text],
  );
  const pane = usePaneSize(stage, panes);
  /** In the first picture: a matrix has one size, and others are seen beside it as large as it is. */
  const pixelZoom = pane && first ? zoomOfPixels(first, pane, window.devicePixelRatio) : 1;
  const least = Math.min(1, pixelZoom);
  const percent = Math.round((100 * view.zoom) / pixelZoom);
  const zoomBy = (factor: number) => setView((before) => zoomPane(before, factor, { least }));

  /** The pane under a point, as all panes are alike. */
  const paneAt = (x: number, y: number) => {
    const all = [...(stage.current?.querySelectorAll("[data-pane]") ?? [])].map((pane) => pane.getBoundingClientRect());
    return all.find((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) ?? all[0];
  };
  const onWheel = (event: WheelEvent) => {
    const box = paneAt(event.clientX, event.clientY);
    if (!box) return;
    const px = (event.clientX - box.left) / box.width - 0.5;
    const py = (event.clientY - box.top) / box.height - 0.5;
    setView((before) => zoomPane(before, Math.exp(-event.deltaY * 0.002), { px, py, least }));
  };
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current;
    const box = paneAt(event.clientX, event.clientY);
    if (!from || !box) return;
    setView((before) => panPane(before, (event.clientX - from.x) / box.width, (event.clientY - from.y) / box.height));
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const showPixels = () => setView({ ...FITTED, zoom: pixelZoom });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Record<string, () => void> = {
      "+": () => zoomBy(1.25),
      "=": () => zoomBy(1.25),
      "-": () => zoomBy(0.8),
      "0": () => setView(FITTED),
      "1": showPixels,
      ArrowLeft: () => setView((before) => panPane(before, NUDGE, 0)),
      ArrowRight: () => setView((before) => panPane(before, -NUDGE, 0)),
      ArrowUp: () => setView((before) => panPane(before, 0, NUDGE)),
      ArrowDown: () => setView((before) => panPane(before, 0, -NUDGE)),
      ...(mode === "blink" ? { " ": blink.step } : {}),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  if (!first || !second) return null;
  const shown = pictures[blink.index] ?? first;

  return (
    <>
      <div className={styles.bar}>
        <Segmented<Mode>
          label={text("compare.mode")}
          value={mode}
          options={[
            ...(isPair ? [{ value: "slider" as const, label: text("compare.slider") }] : []),
            { value: "side", label: text("compare.side") },
            { value: "blink", label: text("compare.blink") },
          ]}
          onChange={setMode}
        />
        {mode === "blink" && (
          <IconButton label={text(blink.isOn ? "compare.pause" : "compare.play")} onClick={blink.toggle}>
            {blink.isOn ? <Pause size={16} /> : <Play size={16} />}
          </IconButton>
        )}
        <span className={styles.spacer} />
        <IconButton label={text("menu.zoomOut")} shortcut="−" onClick={() => zoomBy(0.8)}>
          <ZoomOut size={16} />
        </IconButton>
        <button
          type="button"
          className={styles.percent}
          title={text("viewer.actualSize")}
          aria-label={text("viewer.actualSizeAt", { percent })}
          onClick={showPixels}
        >
          {percent}%
        </button>
        <IconButton label={text("menu.zoomIn")} shortcut="+" onClick={() => zoomBy(1.25)}>
          <ZoomIn size={16} />
        </IconButton>
        <IconButton
          label={text("viewer.fit")}
          shortcut="0"
          aria-pressed={view.zoom === 1}
          onClick={() => setView(FITTED)}
        >
          <Maximize size={16} />
        </IconButton>
        <IconButton
          label={text("compare.differences")}
          aria-pressed={showsTable}
          onClick={() => setShowsTable(!showsTable)}
        >
          <TableProperties size={16} />
        </IconButton>
      </div>
      <div className={styles.body}>
        <div
          ref={stage}
          className={styles.stage}
          data-panes={panes}
          style={{ "--ratio": Math.max(...pictures.map(({ width, height }) => width / height)) } as CSSProperties}
          role="application"
          aria-label={text("compare.stage")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
          tabIndex={0}
          onWheel={onWheel}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          // Also where the system takes the pointer away.
          onLostPointerCapture={() => {
            drag.current = undefined;
          }}
          onKeyDown={onKeyDown}
        >
          {mode === "side" &&
            pictures.map((picture, at) => (
              <div key={picture.hash} className={styles.pane} data-pane>
                <Picture picture={picture} view={view} />
                <Tag picture={picture} caption={captions[at]} view={view} />
              </div>
            ))}
          {mode === "slider" && (
            <div className={styles.pane} data-pane>
              <SplitPictures
                first={<Picture picture={first} view={view} />}
                second={<Picture picture={second} view={view} />}
              />
              <Tag picture={first} caption={captions[0]} view={view} side="left" />
              <Tag picture={second} caption={captions[1]} view={view} side="right" />
            </div>
          )}
          {mode === "blink" && (
            <div className={styles.pane} data-pane>
              {pictures.map((picture) => (
                <div
                  key={picture.hash}
                  className={styles.layer}
                  style={{ visibility: picture === shown ? "visible" : "hidden" }}
                >
                  <Picture picture={picture} view={view} />
                </div>
              ))}
              <Tag picture={shown} caption={captions[pictures.indexOf(shown)]} view={view} />
            </div>
          )}
        </div>
        {showsTable && (
          <section
            className={styles.differences}
            data-many={pictures.length > 2 || undefined}
            aria-label={text("compare.differences")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
            tabIndex={0}
          >
            <ParametersTable pictures={pictures} captions={captions} />
          </section>
        )}
      </div>
    </>
  );
}

function Picture({ picture, view }: { picture: ImageReference; view: PaneView }) {
  const { host } = useSession();
  return (
    <StoredPicture
      className={styles.image}
      src={host.imageUrl(picture.hash)}
      alt={nameOfPicture(picture)}
      data-pixels={view.zoom >= 3 || undefined}
      style={{ transform: transformOf(view) }}
    />
  );
}

/** On the picture as it lies in its pane, in a lower corner, where a side is given in that half of it; one that is larger than its pane has it where it was fitted. */
function Tag({
  picture: { width, height },
  caption,
  view,
  side,
}: {
  picture: ImageReference;
  caption: PictureCaption | undefined;
  view: PaneView;
  side?: "left" | "right";
}) {
  return (
    <div
      className={styles.frame}
      style={{ "--ratio": width / height, "--zoom": Math.min(1, view.zoom) } as CSSProperties}
    >
      <span className={styles.tag} data-side={side}>
        <strong>{caption?.letter}</strong> {caption?.name}
      </span>
    </div>
  );
}

/** The size of a pane in CSS pixels, as all are alike; undefined before there is one. */
function usePaneSize(stage: RefObject<HTMLDivElement | null>, panes: number): Size | undefined {
  const [size, setSize] = useState<Size>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: more panes are smaller ones, in a stage of the same size
  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return;
    const measure = () => {
      const box = element.querySelector("[data-pane]")?.getBoundingClientRect();
      if (box && box.width > 0) setSize({ width: box.width, height: box.height });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [stage, panes]);
  return size;
}

/** Which picture is seen: the next one every moment, or when it is asked for. Nothing moves for those who want stillness. */
function useBlink(active: boolean, count: number) {
  const [index, setIndex] = useState(0);
  const [isOn, setOn] = useState(() => !window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  const step = () => setIndex((before) => (before + 1) % count);
  useEffect(() => {
    if (!active || !isOn) return;
    const timer = setInterval(() => setIndex((before) => (before + 1) % count), BLINK_MS);
    return () => clearInterval(timer);
  }, [active, isOn, count]);
  return {
    index,
    isOn,
    toggle: () => setOn(!isOn),
    step() {
      setOn(false);
      step();
    },
  };
}

/** Prompts of saved pictures, by hash, once they are read. */
function usePrompts(pictures: readonly ImageReference[]): ReadonlyMap<string, string> {
  const { host } = useSession();
  const [prompts, setPrompts] = useState(NO_PROMPTS);
  const hashes = pictures.map(({ hash }) => hash).join(" ");
  useEffect(() => {
    let isWanted = true;
    const read = async (hash: string) => [hash, (await host.rpc.gallery.details({ hash }))?.prompt ?? ""] as const;
    Promise.all(hashes.split(" ").map(read)).then(
      (found) => isWanted && setPrompts(new Map(found)),
      // Captions name the files then.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [host, hashes]);
  return prompts;
}
