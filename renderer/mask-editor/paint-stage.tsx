import {
  Brush as BrushIcon,
  Contrast,
  Download,
  Eraser,
  FolderOpen,
  Maximize,
  PaintBucket,
  Redo2,
  Square,
  SquareDashed,
  Undo2,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { useSession, useSettings } from "../session/context.tsx";
import { IconButton } from "../ui/button.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { NumberField } from "../widgets/number-field.tsx";
import {
  type Area,
  type Dot,
  fillArea,
  floodFill,
  invert,
  type Mask,
  paintDot,
  paintedShare,
  paintLine,
  unite,
  wholeOf,
} from "./mask.ts";
import styles from "./mask-editor.module.css";
import { readMask, writeMask } from "./mask-file.ts";
import { MaskHistory } from "./mask-history.ts";
import { type Placement, useStageView } from "./stage-view.ts";

const TOOLS = ["brush", "eraser", "rectangle", "fill"] as const;
type Tool = (typeof TOOLS)[number];
const TOOL_KEYS: Record<string, Tool> = { b: "brush", e: "eraser", r: "rectangle", f: "fill" };
/** Red, green, blue of the mask over the picture, and how much of it is seen. */
const TINTS = { red: [255, 64, 64], green: [40, 220, 90], blue: [80, 140, 255] } as const;
const OPACITY = 0.6;
const MAX_RADIUS = 512;

/** The picture, the mask over it, and the tools. The mask is changed in place; `onChange` says that it was. */
export function PaintStage({
  mask,
  pictureUrl,
  onChange,
  actions,
}: {
  mask: Mask;
  pictureUrl: string | undefined;
  onChange: () => void;
  actions: ReactNode;
}) {
  const { host, view: notices, settings } = useSession();
  const text = useText();
  const history = useMemo(() => new MaskHistory(mask), [mask]);
  const [tool, setTool] = useState<Tool>("brush");
  const brush = useSettings((state) => state.maskBrush);
  const [, redraw] = useState(0);
  const [percent, setPercent] = useState(() => Math.round(100 * paintedShare(mask)));
  const [cursor, setCursor] = useState<{ x: number; y: number }>();
  const [box, setBox] = useState<Area>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const stroke = useRef<{ last: Dot; start: Dot; area: Area | undefined }>(undefined);
  const stage = useStageView(mask);
  const { placement } = stage;

  const draw = (area: Area) => drawArea(canvas.current, mask, area, TINTS[brush.tint]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in another colour
  useEffect(() => draw(wholeOf(mask)), [mask, brush.tint]);

  /** Ends a step of undo. */
  const commit = (area: Area | undefined) => {
    if (!area) return;
    draw(area);
    history.commit(area);
    setPercent(Math.round(100 * paintedShare(mask)));
    redraw((n) => n + 1);
    onChange();
  };
  const step = (area: Area | undefined) => {
    if (!area) return;
    draw(area);
    setPercent(Math.round(100 * paintedShare(mask)));
    redraw((n) => n + 1);
    onChange();
  };
  const set = (change: Partial<typeof brush>) => settings.setState({ maskBrush: { ...brush, ...change } });
  const tip = { radius: brush.size / 2, hardness: brush.hardness, strength: brush.strength, erases: tool === "eraser" };
  const inked = tool === "brush" || tool === "eraser";

  const dotAt = (event: { clientX: number; clientY: number; pointerType: string; pressure: number }): Dot => {
    const { x, y } = stage.toMask(event.clientX, event.clientY);
    const isPen = event.pointerType === "pen" && event.pressure > 0;
    return { x, y, pressure: isPen && brush.pressure ? 0.15 + 0.85 * event.pressure : 1 };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (stage.beginPan(event)) return;
    if (event.button !== 0 && event.button !== 5) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const dot = dotAt(event);
    if (tool === "fill") {
      commit(floodFill(mask, dot.x, dot.y, event.shiftKey ? 0 : 255));
      return;
    }
    const area = inked ? paintDot(mask, dot, tip) : undefined;
    stroke.current = { last: dot, start: dot, area };
    if (area) draw(area);
  };
  const onPointerMove = (event: PointerEvent) => {
    setCursor(stage.toMask(event.clientX, event.clientY));
    if (stage.pan(event)) return;
    const now = stroke.current;
    if (!now) return;
    if (!inked) {
      setBox(boxOf(now.start, dotAt(event)));
      return;
    }
    const events = event.nativeEvent.getCoalescedEvents?.() ?? [];
    for (const one of events.length > 0 ? events : [event.nativeEvent]) {
      const dot = dotAt(one);
      const area = paintLine(mask, now.last, dot, tip);
      now.last = dot;
      now.area = now.area ? unite(now.area, area) : area;
      draw(area);
    }
  };
  const onPointerUp = (event: PointerEvent) => {
    stage.endPan(event);
    const now = stroke.current;
    stroke.current = undefined;
    setBox(undefined);
    if (!now) return;
    if (inked) commit(now.area);
    else commit(fillArea(mask, boxOf(now.start, dotAt(event)), event.shiftKey ? 0 : 255));
  };

  const moveCursor = (dx: number, dy: number, paints: boolean) => {
    const from = cursor ?? { x: mask.width / 2, y: mask.height / 2 };
    const to = {
      x: Math.max(0, Math.min(mask.width, from.x + dx)),
      y: Math.max(0, Math.min(mask.height, from.y + dy)),
    };
    setCursor(to);
    stage.reveal(to);
    if (paints && inked) commit(paintLine(mask, { ...from, pressure: 1 }, { ...to, pressure: 1 }, tip));
  };
  const pressAt = (erases: boolean) => {
    const at = cursor ?? { x: mask.width / 2, y: mask.height / 2 };
    setCursor(at);
    if (tool === "fill") commit(floodFill(mask, at.x, at.y, erases ? 0 : 255));
    else if (tool === "rectangle") {
      const half = brush.size / 2;
      const area = { left: at.x - half, top: at.y - half, right: at.x + half, bottom: at.y + half };
      commit(fillArea(mask, rounded(area), erases ? 0 : 255));
    } else commit(paintDot(mask, { ...at, pressure: 1 }, { ...tip, erases: tip.erases !== erases }));
  };
  const resize = (factor: number) => set({ size: clampSize(brush.size * factor) });
  const onStageKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = Math.max(1, brush.size / 4);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => moveCursor(-far, 0, event.shiftKey),
      ArrowRight: () => moveCursor(far, 0, event.shiftKey),
      ArrowUp: () => moveCursor(0, -far, event.shiftKey),
      ArrowDown: () => moveCursor(0, far, event.shiftKey),
      " ": () => pressAt(event.shiftKey),
    };
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  const onKey = (event: KeyboardEvent) => {
    const isField = (event.target as Element).matches("input");
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (isField) return;
      if (key === "z") step(event.shiftKey ? history.redo() : history.undo());
      else if (key === "y") step(history.redo());
      else if (key === "i") commit(invert(mask));
      else return;
    } else if (event.altKey || isField) return;
    else if (key in TOOL_KEYS) setTool(TOOL_KEYS[key]!);
    else if (key === "[") resize(1 / 1.2);
    else if (key === "]") resize(1.2);
    else if (key === "{") set({ hardness: Math.max(0, Math.round(10 * brush.hardness - 1) / 10) });
    else if (key === "}") set({ hardness: Math.min(1, Math.round(10 * brush.hardness + 1) / 10) });
    else if (key === "+" || key === "=") stage.zoom(1.25);
    else if (key === "-") stage.zoom(0.8);
    else if (key === "0") stage.fit();
    else if (key === "delete" || key === "backspace") commit(fillArea(mask, wholeOf(mask), 0));
    else return;
    event.preventDefault();
  };

  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    try {
      const { data } = await readMask(chosen, mask);
      mask.data.set(data);
      commit(wholeOf(mask));
    } catch {
      notices.notify({ tone: "error", text: text("maskEditor.unreadable", { name: chosen.name }) });
    }
  };
  const save = async () => {
    const bytes = new Uint8Array(await (await writeMask(mask)).arrayBuffer());
    await host.saveFile(text("maskEditor.fileName"), bytes, "image/png");
  };
  const field = { nodeId: "", help: undefined, invalid: false, describedBy: undefined };
  const number = { kind: "number" as const, name: "", label: "", default: 0, display: "slider" as const };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of everything inside
    <div className={styles.editor} onKeyDown={onKey}>
      <div className={styles.bar} role="toolbar" aria-label={text("maskEditor.tools")}>
        <Segmented<Tool>
          label={text("maskEditor.tools")}
          value={tool}
          options={[
            { value: "brush", label: `${text("maskEditor.brush")} (B)`, icon: <BrushIcon size={16} /> },
            { value: "eraser", label: `${text("maskEditor.eraser")} (E)`, icon: <Eraser size={16} /> },
            { value: "rectangle", label: `${text("maskEditor.rectangle")} (R)`, icon: <SquareDashed size={16} /> },
            { value: "fill", label: `${text("maskEditor.fill")} (F)`, icon: <PaintBucket size={16} /> },
          ]}
          onChange={setTool}
        />
        <div className={styles.sliders}>
          <NumberField
            {...field}
            param={{ ...number, kind: "integer", min: 1, max: MAX_RADIUS, step: 1, unit: "px" }}
            label={text("maskEditor.size")}
            value={Math.round(brush.size)}
            onChange={(size) => set({ size: Number(size) })}
          />
          <NumberField
            {...field}
            param={{ ...number, min: 0, max: 1, step: 0.05 }}
            label={text("maskEditor.hardness")}
            value={brush.hardness}
            onChange={(hardness) => set({ hardness: Number(hardness) })}
          />
          <NumberField
            {...field}
            param={{ ...number, min: 0.05, max: 1, step: 0.05 }}
            label={text("maskEditor.strength")}
            value={brush.strength}
            onChange={(strength) => set({ strength: Number(strength) })}
          />
        </div>
        <span className={styles.group}>
          <IconButton
            label={text("menu.undo")}
            shortcut="Ctrl+Z"
            disabled={!history.canUndo}
            onClick={() => step(history.undo())}
          >
            <Undo2 size={16} />
          </IconButton>
          <IconButton
            label={text("menu.redo")}
            shortcut="Ctrl+Shift+Z"
            disabled={!history.canRedo}
            onClick={() => step(history.redo())}
          >
            <Redo2 size={16} />
          </IconButton>
        </span>
        <span className={styles.group}>
          <IconButton label={text("maskEditor.invert")} shortcut="Ctrl+I" onClick={() => commit(invert(mask))}>
            <Contrast size={16} />
          </IconButton>
          <IconButton label={text("maskEditor.fillAll")} onClick={() => commit(fillArea(mask, wholeOf(mask), 255))}>
            <Square size={16} fill="currentColor" />
          </IconButton>
          <IconButton
            label={text("maskEditor.clear")}
            shortcut="Del"
            onClick={() => commit(fillArea(mask, wholeOf(mask), 0))}
          >
            <Square size={16} />
          </IconButton>
        </span>
        <span className={styles.group}>
          <IconButton label={text("maskEditor.import")} onClick={() => file.current?.click()}>
            <FolderOpen size={16} />
          </IconButton>
          <IconButton label={text("maskEditor.export")} onClick={() => void save()}>
            <Download size={16} />
          </IconButton>
        </span>
        <span className={styles.group}>
          <IconButton label={text("menu.zoomOut")} shortcut="−" onClick={() => stage.zoom(0.8)}>
            <ZoomOut size={16} />
          </IconButton>
          <IconButton label={text("menu.zoomIn")} shortcut="+" onClick={() => stage.zoom(1.25)}>
            <ZoomIn size={16} />
          </IconButton>
          <IconButton label={text("maskEditor.fit")} shortcut="0" onClick={stage.fit}>
            <Maximize size={16} />
          </IconButton>
        </span>
        <Segmented<keyof typeof TINTS>
          label={text("maskEditor.overlay")}
          value={brush.tint}
          options={(Object.keys(TINTS) as (keyof typeof TINTS)[]).map((tint) => ({
            value: tint,
            label: text(`maskEditor.tint.${tint}`),
            icon: <span className={styles.swatch} style={{ background: `rgb(${TINTS[tint].join(" ")})` }} />,
          }))}
          onChange={(tint) => set({ tint })}
        />
      </div>
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <div
        ref={stage.ref}
        className={styles.stage}
        role="application"
        aria-label={text("maskEditor.stage", { percent })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        data-mask-stage
        data-tool={tool}
        onWheel={stage.onWheel}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onPointerLeave={() => setCursor(undefined)}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={onStageKey}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void take(event.dataTransfer.files[0]);
        }}
      >
        <div
          className={styles.sheet}
          style={sheetStyle(mask, placement)}
          data-pixels={placement.scale >= 3 || undefined}
        >
          {pictureUrl && <img src={pictureUrl} alt="" draggable={false} />}
          <canvas ref={canvas} width={mask.width} height={mask.height} style={{ opacity: OPACITY }} />
        </div>
        {box && <div className={styles.box} style={boxStyle(box, placement)} />}
        {cursor && inked && <div className={styles.cursor} style={cursorStyle(cursor, brush.size, placement)} />}
        {!pictureUrl && <p className={styles.hint}>{text("maskEditor.noPicture")}</p>}
      </div>
      <div className={styles.status}>
        <span>{text("maskEditor.help")}</span>
        <span>
          {mask.width} × {mask.height} · {text("maskEditor.painted", { percent })} ·{" "}
          {text("maskEditor.zoom", { percent: Math.round(placement.scale * window.devicePixelRatio * 100) })}
        </span>
        {actions}
      </div>
    </div>
  );
}

/** Shows a part of the mask: its colour, as opaque as it is painted. */
function drawArea(
  canvas: HTMLCanvasElement | null,
  mask: Mask,
  { left, top, right, bottom }: Area,
  [red, green, blue]: readonly [number, number, number],
): void {
  const context = canvas?.getContext("2d");
  const width = right - left;
  const height = bottom - top;
  if (!context || width <= 0 || height <= 0) return;
  const image = context.createImageData(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = 4 * (row * width + column);
      image.data[at] = red;
      image.data[at + 1] = green;
      image.data[at + 2] = blue;
      image.data[at + 3] = mask.data[(top + row) * mask.width + left + column]!;
    }
  }
  context.putImageData(image, left, top);
}

const clampSize = (size: number) => Math.max(1, Math.min(MAX_RADIUS, Math.round(size)));
const rounded = ({ left, top, right, bottom }: Area): Area => ({
  left: Math.round(left),
  top: Math.round(top),
  right: Math.round(right),
  bottom: Math.round(bottom),
});
const boxOf = (a: Dot, b: Dot): Area =>
  rounded({ left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), right: Math.max(a.x, b.x), bottom: Math.max(a.y, b.y) });

const sheetStyle = (mask: Mask, { x, y, scale }: Placement) => ({
  width: mask.width,
  height: mask.height,
  transform: `translate(${x}px, ${y}px) scale(${scale})`,
});
const boxStyle = ({ left, top, right, bottom }: Area, { x, y, scale }: Placement) => ({
  left: x + left * scale,
  top: y + top * scale,
  width: (right - left) * scale,
  height: (bottom - top) * scale,
});
const cursorStyle = (at: { x: number; y: number }, size: number, { x, y, scale }: Placement) => ({
  left: x + at.x * scale,
  top: y + at.y * scale,
  width: Math.max(4, size * scale),
  height: Math.max(4, size * scale),
});
