/** How a picture lies in its pane: fitted at zoom 1, then moved by fractions of the pane. Panes of one size agree. */
export interface PaneView {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export const FITTED: PaneView = { zoom: 1, x: 0, y: 0 };
const MOST = 64;

/**
 * `px`, `py`: where the pointer is, in fractions of the pane from its middle; that point stays. `least`: the smallest zoom,
 * below 1 for pictures that are smaller than the pane.
 */
export function zoomPane(view: PaneView, factor: number, { px = 0, py = 0, least = 1 } = {}): PaneView {
  const zoom = Math.min(MOST, Math.max(least, view.zoom * factor));
  const k = zoom / view.zoom;
  return zoom <= 1 ? { ...FITTED, zoom } : { zoom, x: px - (px - view.x) * k, y: py - (py - view.y) * k };
}

export const panPane = (view: PaneView, dx: number, dy: number): PaneView =>
  view.zoom <= 1 ? view : { ...view, x: clampTo(view.x + dx, view.zoom), y: clampTo(view.y + dy, view.zoom) };

/** The zoom at which a pixel of the picture is a pixel of the screen. */
export function zoomOfPixels(picture: Size, pane: Size, devicePixelRatio: number): number {
  const fit = Math.min(pane.width / picture.width, pane.height / picture.height);
  return 1 / (fit * devicePixelRatio);
}

export const transformOf = ({ zoom, x, y }: PaneView): string => `translate(${x * 100}%, ${y * 100}%) scale(${zoom})`;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Some of the picture stays in view. */
const clampTo = (value: number, zoom: number) => Math.max(-zoom / 2, Math.min(zoom / 2, value));
