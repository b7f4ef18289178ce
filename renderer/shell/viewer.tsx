import { Dialog } from "@base-ui/react/dialog";
import {
  ChevronLeft,
  ChevronRight,
  Copy,
  Download,
  Heart,
  Maximize,
  SlidersHorizontal,
  Trash2,
  Workflow,
  X,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type WheelEvent,
} from "react";
import { useStore } from "zustand";
import type { ImageReference } from "../../graph/events.ts";
import type { GalleryPicture } from "../../protocol/gallery.ts";
import { isSame } from "../document/same-content.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";
import { SendMenu } from "../gallery/picture-panel.tsx";
import { applyParametersOf, openWorkflowOf } from "../gallery/picture-workflow.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText, saveImage } from "../session/actions.ts";
import { useRun, useSession, useView } from "../session/context.tsx";
import { labelOfPicture, shownSweep } from "../sweep/sweep-store.ts";
import { IconButton } from "../ui/button.tsx";
import { Stars } from "../ui/stars.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import styles from "./viewer.module.css";
import { centre, fitScale, keptInView, type Placement, zoomAround } from "./viewer-placement.ts";

const NUDGE_PX = 64;

/** A result, large: zoom with the wheel, pan by dragging, Esc closes, arrows go through the session's results. */
export function Viewer() {
  const session = useSession();
  const text = useText();
  const hash = useView((state) => state.viewerHash);
  const results = useRun((state) => state.results);
  const pictures = useStore(session.gallery, (state) => state.pictures);
  const isInTrash = useStore(session.gallery, (state) => state.filter.trash === true);
  const isInGallery = useView((state) => state.dialog === "gallery");
  const sweep = useStore(session.sweeps, (state) => (state.isOpen ? shownSweep(state) : undefined));
  const label = useStore(session.sweeps, (state) => labelOfPicture(state, hash));
  const queued = useStore(session.queue, (state) => state.runs);
  // Out of the gallery one goes on through what it found, out of a matrix through its cells, else through the session's results.
  const list = isInGallery
    ? (pictures ?? [])
    : (sweep?.images.filter((image) => image !== undefined) ?? results.map((result) => result.image));
  const at = list.findIndex((picture) => picture.hash === hash);
  const saved = pictures?.find((picture) => picture.hash === hash);
  // Runs of other tabs and of programs are in the queue.
  const image =
    list[at] ??
    saved ??
    results.find((result) => result.image.hash === hash)?.image ??
    findOnNodes(session.runs.getState().nodes, hash) ??
    queued.flatMap(({ images }) => images).find((one) => one.hash === hash);
  const isGone = hash !== undefined && !image;
  useEffect(() => {
    // Another window deleted it: the gallery that it took the place of is seen again.
    if (!isGone) return;
    if (isInGallery) session.gallery.setState({ isBack: true });
    session.view.setState({ viewerHash: undefined });
  }, [isGone, isInGallery, session]);
  if (!hash || !image) return null;
  const show = (next: string | undefined) => {
    session.view.setState({ viewerHash: next });
    // The gallery is found again where one left off.
    if (isInGallery && next) {
      session.gallery.setState({ selection: { chosen: [next], active: next, anchor: next } });
    }
  };
  const go = (step: number) => {
    const next = list[at + step]?.hash;
    if (at >= 0 && next) show(next);
  };
  const leave = () => session.view.setState({ viewerHash: undefined });
  const close = () => {
    if (isInGallery) session.gallery.setState({ isBack: true });
    leave();
  };
  const trash = async () => {
    const next = isInGallery ? (list[at + 1]?.hash ?? list[at - 1]?.hash) : undefined;
    if (next === undefined) close();
    else show(next);
    const moved = await session.gallery.trash([hash]);
    const { failure, pictures: left } = session.gallery.getState();
    if (failure && left?.some((picture) => picture.hash === hash)) {
      const { message, help } = problemText(text, failure);
      show(hash);
      session.view.notify({ tone: "error", text: message, detail: help });
      return;
    }
    if (isInGallery || moved === 0) return;
    // In the gallery there is a button for it.
    const action = { label: text("gallery.undo"), run: () => void session.gallery.restore([hash]) };
    session.view.notify({ tone: "info", text: text("gallery.trashed", { count: 1 }), action });
  };
  return (
    <OpenViewer
      key="viewer"
      image={image}
      label={label}
      saved={saved}
      onTrash={saved && !isInTrash ? trash : undefined}
      onClose={close}
      onLeave={leave}
      onPrevious={at > 0 ? () => go(-1) : undefined}
      onNext={at >= 0 && at < list.length - 1 ? () => go(1) : undefined}
    />
  );
}

function findOnNodes(
  nodes: ReadonlyMap<string, { images?: readonly ImageReference[] | undefined }>,
  hash: string | undefined,
): ImageReference | undefined {
  for (const node of nodes.values()) {
    const found = node.images?.find((image) => image.hash === hash);
    if (found) return found;
  }
  return undefined;
}

interface ViewerProps {
  image: ImageReference;
  /** Of a run in a matrix: its values. */
  label: string | undefined;
  /** What the gallery knows of it. */
  saved: GalleryPicture | undefined;
  /** `undefined` where it cannot be moved to the trash. */
  onTrash: (() => void) | undefined;
  onClose: () => void;
  /** For something else than what it was opened from. */
  onLeave: () => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

function OpenViewer({ image, label, saved, onTrash, onClose, onLeave, onPrevious, onNext }: ViewerProps) {
  const session = useSession();
  const text = useText();
  // The dialog mounts its content late: what depends on the stage waits for it.
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const drag = useRef<{ x: number; y: number }>(undefined);
  const [placement, setPlacement] = useState<Placement>({ x: 0, y: 0, scale: 1 });
  /** How all of the picture is seen. */
  const [fitted, setFitted] = useState<Placement>();
  const { width, height } = image;

  const showAll = useCallback(() => {
    const box = stage?.getBoundingClientRect();
    if (!box) return;
    const all = centre({ width, height }, box, fitScale({ width, height }, box));
    setFitted(all);
    setPlacement(all);
  }, [stage, width, height]);
  const actualSize = useCallback(() => {
    const box = stage?.getBoundingClientRect();
    if (box) setPlacement(centre({ width, height }, box, 1 / window.devicePixelRatio));
  }, [stage, width, height]);
  const zoom = useCallback(
    (factor: number, point?: { x: number; y: number }) => {
      const box = stage?.getBoundingClientRect();
      if (!box) return;
      const around = point ?? { x: box.width / 2, y: box.height / 2 };
      setPlacement((current) => keptInView(zoomAround(current, factor, around), { width, height }, box));
    },
    [stage, width, height],
  );
  const pan = (dx: number, dy: number) => {
    const box = stage?.getBoundingClientRect();
    if (!box) return;
    setPlacement((current) => keptInView({ ...current, x: current.x + dx, y: current.y + dy }, { width, height }, box));
  };

  useLayoutEffect(() => {
    showAll();
    window.addEventListener("resize", showAll);
    return () => window.removeEventListener("resize", showAll);
  }, [showAll]);

  const onWheel = (event: WheelEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.002), { x: event.clientX - box.left, y: event.clientY - box.top });
  };
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    pan(event.clientX - from.x, event.clientY - from.y);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const like = () => saved && void session.gallery.mark([saved.hash], { favourite: !saved.favourite });
  const onKeyDown = (event: KeyboardEvent) => {
    const actions: Record<string, (() => void) | undefined> = {
      ArrowLeft: onPrevious,
      ArrowRight: onNext,
      "+": () => zoom(1.25),
      "=": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": showAll,
      "1": actualSize,
      ...(event.shiftKey
        ? {
            ArrowLeft: () => pan(NUDGE_PX, 0),
            ArrowRight: () => pan(-NUDGE_PX, 0),
            ArrowUp: () => pan(0, NUDGE_PX),
            ArrowDown: () => pan(0, -NUDGE_PX),
          }
        : {}),
      ...(saved ? { f: like, F: like } : {}),
      Delete: onTrash,
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  };
  const percent = Math.round(placement.scale * window.devicePixelRatio * 100);

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Popup className={styles.viewer} onKeyDown={onKeyDown} initialFocus={() => stage ?? true}>
          <header className={styles.bar}>
            <Dialog.Title className={styles.title}>
              <span>
                {width} × {height}
              </span>
              {label !== undefined && <span className={styles.seed}>{label}</span>}
              {image.seed !== undefined && (
                <span className={styles.seed}>{text("viewer.seed", { seed: image.seed })}</span>
              )}
              {image.path && (
                <span className={styles.path} title={image.path}>
                  {nameOfPicture(image)}
                </span>
              )}
            </Dialog.Title>
            <div className={styles.tools}>
              {saved && (
                <>
                  <Stars
                    value={saved.rating}
                    onChange={(rating) => void session.gallery.mark([saved.hash], { rating })}
                  />
                  <IconButton
                    label={text("gallery.favourite")}
                    shortcut="F"
                    aria-pressed={saved.favourite}
                    onClick={like}
                  >
                    <Heart size={16} fill={saved.favourite ? "currentColor" : "none"} />
                  </IconButton>
                  {onTrash && (
                    <IconButton label={text("gallery.delete")} shortcut="Del" onClick={onTrash}>
                      <Trash2 size={16} />
                    </IconButton>
                  )}
                  <span className={styles.divider} />
                </>
              )}
              <IconButton label={text("menu.zoomOut")} shortcut="−" onClick={() => zoom(0.8)}>
                <ZoomOut size={16} />
              </IconButton>
              <button
                type="button"
                className={styles.percent}
                title={text("viewer.actualSize")}
                aria-label={text("viewer.actualSizeAt", { percent })}
                onClick={actualSize}
              >
                {percent}%
              </button>
              <IconButton label={text("menu.zoomIn")} shortcut="+" onClick={() => zoom(1.25)}>
                <ZoomIn size={16} />
              </IconButton>
              <IconButton
                label={text("viewer.fit")}
                shortcut="0"
                aria-pressed={fitted && isSame(placement, fitted)}
                onClick={showAll}
              >
                <Maximize size={16} />
              </IconButton>
              {image.seed !== undefined && (
                <IconButton
                  label={text("viewer.copySeed")}
                  onClick={() => void copyText(session, image.seed ?? "", text("viewer.seedCopied"))}
                >
                  <Copy size={16} />
                </IconButton>
              )}
              <IconButton
                label={text("gallery.useParameters")}
                onClick={() => {
                  onLeave();
                  session.view.setState({ dialog: undefined });
                  void applyParametersOf(session, image);
                }}
              >
                <SlidersHorizontal size={16} />
              </IconButton>
              <IconButton
                label={text("gallery.openWorkflow")}
                onClick={() => {
                  onLeave();
                  session.view.setState({ dialog: undefined });
                  void openWorkflowOf(session, image);
                }}
              >
                <Workflow size={16} />
              </IconButton>
              <SendMenu picture={image} onLeave={onLeave} compact />
              <IconButton label={text("viewer.save")} onClick={() => void saveImage(session, image)}>
                <Download size={16} />
              </IconButton>
              <span className={styles.divider} />
              <Dialog.Close
                render={
                  <IconButton label={text("common.close")} shortcut="Esc">
                    {<X size={18} />}
                  </IconButton>
                }
              />
            </div>
          </header>
          <div
            ref={setStage}
            className={styles.stage}
            role="application"
            aria-label={text("viewer.stage")}
            tabIndex={-1}
            onWheel={onWheel}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            // Also where the system takes the pointer away.
            onLostPointerCapture={() => {
              drag.current = undefined;
            }}
            onDoubleClick={() => (percent === 100 ? showAll() : actualSize())}
          >
            <StoredPicture
              data-viewer-image
              className={styles.image}
              src={session.host.imageUrl(image.hash)}
              alt={text("viewer.result", { seed: image.seed ?? "–" })}
              width={width}
              height={height}
              goneClassName={styles.gone}
              data-pixels={placement.scale >= 2 || undefined}
              style={{ transform: `translate(${placement.x}px, ${placement.y}px) scale(${placement.scale})` }}
            />
          </div>
          {onPrevious && (
            <IconButton label={text("viewer.previous")} shortcut="←" className={styles.previous} onClick={onPrevious}>
              <ChevronLeft size={20} />
            </IconButton>
          )}
          {onNext && (
            <IconButton label={text("viewer.next")} shortcut="→" className={styles.next} onClick={onNext}>
              <ChevronRight size={20} />
            </IconButton>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
