import { Maximize, Pause, Play, TableProperties, ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from "react";
import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { IconButton } from "../ui/button.tsx";
import { Segmented } from "../ui/segmented.tsx";
import styles from "./compare.module.css";
import { actualPixels, FITTED, type PaneView, panPane, transformOf, zoomPane } from "./pane-view.ts";
import { ParametersTable } from "./parameters-table.tsx";
import { SplitPictures } from "./split-pictures.tsx";

type Mode = "slider" | "side" | "blink";
const BLINK_MS = 700;
const NUDGE = 0.08;

/** Two to four pictures, looked at together: zoom and place are the same for all. */
export function CompareView({ pictures }: { pictures: readonly ImageReference[] }) {
  const text = useText();
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
    setView((before) => zoomPane(before, Math.exp(-event.deltaY * 0.002), px, py));
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
  const showPixels = () => {
    const box = paneAt(0, 0);
    if (box && first) setView(actualPixels(first, box, window.devicePixelRatio));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Record<string, () => void> = {
      "+": () => setView((before) => zoomPane(before, 1.25)),
      "=": () => setView((before) => zoomPane(before, 1.25)),
      "-": () => setView((before) => zoomPane(before, 0.8)),
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
        <IconButton label={text("menu.zoomOut")} shortcut="−" onClick={() => setView((v) => zoomPane(v, 0.8))}>
          <ZoomOut size={16} />
        </IconButton>
        <span className={styles.percent}>{Math.round(view.zoom * 100)}%</span>
        <IconButton label={text("menu.zoomIn")} shortcut="+" onClick={() => setView((v) => zoomPane(v, 1.25))}>
          <ZoomIn size={16} />
        </IconButton>
        <IconButton label={text("viewer.fit")} shortcut="0" onClick={() => setView(FITTED)}>
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
          role="application"
          aria-label={text("compare.stage")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
          tabIndex={0}
          onWheel={onWheel}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={() => {
            drag.current = undefined;
          }}
          onKeyDown={onKeyDown}
        >
          {mode === "side" &&
            pictures.map((picture) => (
              <div key={picture.hash} className={styles.pane} data-pane>
                <Picture picture={picture} view={view} />
                <Tag picture={picture} />
              </div>
            ))}
          {mode === "slider" && (
            <div className={styles.pane} data-pane>
              <SplitPictures
                first={<Picture picture={first} view={view} />}
                second={<Picture picture={second} view={view} />}
              />
              <Tag picture={first} />
              <Tag picture={second} side="right" />
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
              <Tag picture={shown} />
            </div>
          )}
        </div>
        {showsTable && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard
          <section className={styles.differences} aria-label={text("compare.differences")} tabIndex={0}>
            <ParametersTable first={first} second={second} />
          </section>
        )}
      </div>
    </>
  );
}

function Picture({ picture, view }: { picture: ImageReference; view: PaneView }) {
  const { host } = useSession();
  return (
    <img
      className={styles.image}
      src={host.imageUrl(picture.hash)}
      alt={nameOfPicture(picture)}
      draggable={false}
      data-pixels={view.zoom >= 3 || undefined}
      style={{ transform: transformOf(view) }}
    />
  );
}

function Tag({ picture, side = "left" }: { picture: ImageReference; side?: "left" | "right" }) {
  const text = useText();
  return (
    <span className={styles.tag} data-side={side}>
      {picture.seed === undefined ? nameOfPicture(picture) : text("viewer.seed", { seed: picture.seed })}
    </span>
  );
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
