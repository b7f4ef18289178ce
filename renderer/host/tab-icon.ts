/**
 * Progress on the tab's icon: what the desktop shows on the icon in the dock, for pages in a browser.
 */

/** What the icon of a tab says: a run that is so far, or one that has ended out of sight. */
export type IconMark = { share: number } | "done";

export interface TabIcon {
  /** How far a run is, 0 to 1; `undefined` when it is over. */
  show(share: number | undefined): void;
}

/** The place where the icon is, and whether somebody looks at the tab. */
export interface IconPlace {
  /** `undefined` gives the usual icon back. */
  set(mark: IconMark | undefined): void;
  isSeen(): boolean;
  /** Calls once somebody looks at the tab again. */
  onceSeen(listener: () => void): void;
}

/** The ring grows in so many steps: an icon is 16 to 32 pixels wide. */
const STEPS = 32;

/** A ring that grows while a run goes on; then the usual icon, or a mark on it until the tab is looked at. */
export function createTabIcon(place: IconPlace): TabIcon {
  let shown: number | undefined;
  return {
    show(share) {
      const step = share === undefined ? undefined : Math.round(share * STEPS);
      if (step === shown) return;
      shown = step;
      if (step !== undefined) place.set({ share: step / STEPS });
      else if (place.isSeen()) place.set(undefined);
      else {
        place.set("done");
        place.onceSeen(() => {
          if (shown === undefined) place.set(undefined);
        });
      }
    },
  };
}

/** The icon that the page's `<link rel="icon">` names, drawn anew with a mark. */
export function iconOfPage(page: Document): IconPlace {
  const link = page.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const usual = { href: link?.href ?? "", type: link?.type ?? "" };
  let wanted: IconMark | undefined;
  let plain: HTMLImageElement | undefined;
  const paint = () => {
    if (!link) return;
    // An image that could not be fetched is complete as well, and nothing to draw.
    const drawn = wanted && plain?.complete && plain.naturalWidth > 0 ? drawMark(page, plain, wanted) : undefined;
    link.type = drawn === undefined ? usual.type : "image/png";
    link.href = drawn ?? usual.href;
  };
  return {
    set(mark) {
      wanted = mark;
      if (mark && !plain && link) {
        plain = page.createElement("img");
        plain.addEventListener("load", paint);
        plain.src = usual.href;
      }
      paint();
    },
    isSeen: () => page.hasFocus() && page.visibilityState === "visible",
    onceSeen(listener) {
      const look = () => {
        if (page.visibilityState !== "visible") return;
        page.defaultView?.removeEventListener("focus", look);
        page.removeEventListener("visibilitychange", look);
        listener();
      };
      page.defaultView?.addEventListener("focus", look);
      page.addEventListener("visibilitychange", look);
    },
  };
}

/** Pixels; twice what browsers show on sharp screens. */
const SIZE = 64;
const RING = 9;
/** Of the icon itself within the ring. */
const INNER = 36;
const COLORS = { track: "#6a6871", ring: "#f2b937", done: "#4cc38a", ground: "#17161a" } as const;

/** @returns the address of a PNG; `undefined` where nothing can be drawn */
function drawMark(page: Document, plain: HTMLImageElement, mark: IconMark): string | undefined {
  const canvas = page.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  const circle = (at: number, radius: number, turns: number) => {
    context.beginPath();
    context.arc(at, at, radius, -Math.PI / 2, -Math.PI / 2 + turns * 2 * Math.PI);
  };
  if (mark === "done") {
    context.drawImage(plain, 0, 0, SIZE, SIZE);
    circle(SIZE - 15, 15, 1);
    context.fillStyle = COLORS.ground;
    context.fill();
    circle(SIZE - 15, 12, 1);
    context.fillStyle = COLORS.done;
    context.fill();
    return canvas.toDataURL();
  }
  const middle = SIZE / 2;
  circle(middle, middle, 1);
  context.fillStyle = COLORS.ground;
  context.fill();
  context.drawImage(plain, middle - INNER / 2, middle - INNER / 2, INNER, INNER);
  context.lineWidth = RING;
  for (const [color, turns] of [
    [COLORS.track, 1],
    [COLORS.ring, mark.share],
  ] as const) {
    if (turns === 0) continue;
    circle(middle, middle - RING / 2, turns);
    context.strokeStyle = color;
    context.stroke();
  }
  return canvas.toDataURL();
}
