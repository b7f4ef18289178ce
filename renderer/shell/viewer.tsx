import { Dialog } from "@base-ui/react/dialog";
import {
  ChevronLeft,
  ChevronRight,
  Copy,
  Download,
  Maximize,
  SlidersHorizontal,
  Workflow,
  X,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  type WheelEvent,
} from "react";
import { useStore } from "zustand";
import type { ImageReference } from "../../graph/events.ts";
import { applyParametersOf, openWorkflowOf } from "../gallery/picture-workflow.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText, saveImage } from "../session/actions.ts";
import { useRun, useSession, useView } from "../session/context.tsx";
import { IconButton } from "../ui/button.tsx";
import styles from "./viewer.module.css";
import { centre, fitScale, type Placement, zoomAround } from "./viewer-placement.ts";

/** A result, large: zoom with the wheel, pan by dragging, Esc closes, arrows go through the session's results. */
export function Viewer() {
  const session = useSession();
  const hash = useView((state) => state.viewerHash);
  const results = useRun((state) => state.results);
  const at = results.findIndex(({ image }) => image.hash === hash);
  const pictures = useStore(session.gallery, (state) => state.pictures);
  const image =
    results[at]?.image ??
    pictures?.find((picture) => picture.hash === hash) ??
    findOnNodes(session.runs.getState().nodes, hash);
  if (!hash || !image) return null;
  const go = (step: number) => {
    const next = results[at + step]?.image.hash;
    if (at >= 0 && next) session.view.setState({ viewerHash: next });
  };
  return (
    <OpenViewer
      key="viewer"
      image={image}
      onClose={() => session.view.setState({ viewerHash: undefined })}
      onPrevious={at > 0 ? () => go(-1) : undefined}
      onNext={at >= 0 && at < results.length - 1 ? () => go(1) : undefined}
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
  onClose: () => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

function OpenViewer({ image, onClose, onPrevious, onNext }: ViewerProps) {
  const session = useSession();
  const text = useText();
  // The dialog mounts its content late: what depends on the stage waits for it.
  const [stage, setStage] = useState<HTMLDivElement | null>(null);
  const drag = useRef<{ x: number; y: number }>(undefined);
  const [placement, setPlacement] = useState<Placement>({ x: 0, y: 0, scale: 1 });
  const { width, height } = image;

  const showAll = useCallback(() => {
    const box = stage?.getBoundingClientRect();
    if (box) setPlacement(centre({ width, height }, box, fitScale({ width, height }, box)));
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
      setPlacement((current) => zoomAround(current, factor, around));
    },
    [stage],
  );

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
    setPlacement((current) => ({
      ...current,
      x: current.x + event.clientX - from.x,
      y: current.y + event.clientY - from.y,
    }));
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const actions: Record<string, (() => void) | undefined> = {
      ArrowLeft: onPrevious,
      ArrowRight: onNext,
      "+": () => zoom(1.25),
      "=": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": showAll,
      "1": actualSize,
    };
    const action = event.ctrlKey || event.metaKey ? undefined : actions[event.key];
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
              {image.seed !== undefined && (
                <span className={styles.seed}>{text("viewer.seed", { seed: image.seed })}</span>
              )}
              {image.path && (
                <span className={styles.path} title={image.path}>
                  {image.path}
                </span>
              )}
            </Dialog.Title>
            <div className={styles.tools}>
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
              <IconButton label={text("viewer.fit")} shortcut="0" onClick={showAll}>
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
                  onClose();
                  void applyParametersOf(session, image);
                }}
              >
                <SlidersHorizontal size={16} />
              </IconButton>
              <IconButton
                label={text("gallery.openWorkflow")}
                onClick={() => {
                  onClose();
                  session.view.setState({ dialog: undefined });
                  void openWorkflowOf(session, image);
                }}
              >
                <Workflow size={16} />
              </IconButton>
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
            onPointerUp={() => {
              drag.current = undefined;
            }}
            onDoubleClick={() => (percent === 100 ? showAll() : actualSize())}
          >
            <img
              className={styles.image}
              src={session.host.imageUrl(image.hash)}
              alt={text("viewer.result", { seed: image.seed ?? "–" })}
              width={width}
              height={height}
              draggable={false}
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
