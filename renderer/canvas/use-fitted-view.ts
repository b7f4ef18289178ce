import { type RefObject, useEffect } from "react";
import { isSameLayout } from "../document/same-layout.ts";
import { followWindow, keepFittedView } from "../session/look.ts";
import type { Session } from "../session/session.ts";

/**
 * Keeps a view that nobody has moved fitted to the canvas, whatever size that gets from the window, the panels beside it and
 * the banners above; until somebody changes where cards lie, which are then to stay before their eyes.
 */
export function useFittedView(frame: RefObject<HTMLElement | null>, session: Session): void {
  useEffect(() => {
    const { current } = frame;
    if (!current) return;
    const observer = new ResizeObserver(() => followWindow(session));
    observer.observe(current);
    const unsubscribe = session.documents.subscribe((state, before) => {
      const isEdit = state.history !== before.history && state.history.past.length + state.history.future.length > 0;
      if (isEdit && state.path === before.path && !isSameLayout(state.graph, before.graph)) keepFittedView(session);
    });
    return () => {
      observer.disconnect();
      unsubscribe();
    };
  }, [frame, session]);
}
