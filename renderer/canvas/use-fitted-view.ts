import { type RefObject, useEffect } from "react";
import { followWindow } from "../session/look.ts";
import type { Session } from "../session/session.ts";

/**
 * Keeps a view that nobody has moved fitted to the canvas, whatever size that gets from the window, the panels beside it and
 * the banners above. Also once for the cards that have just been measured.
 */
export function useFittedView(frame: RefObject<HTMLElement | null>, session: Session): void {
  useEffect(() => {
    const { current } = frame;
    if (!current) return;
    const observer = new ResizeObserver(() => followWindow(session));
    observer.observe(current);
    return () => observer.disconnect();
  }, [frame, session]);
}
