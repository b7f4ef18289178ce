import { type RefObject, useEffect } from "react";
import { inputKey } from "../document/document-store.ts";
import type { Session } from "../session/session.ts";

/**
 * Who drags at an input that a link goes to takes that end of the link along, as in ComfyUI, Blender and chaiNNer: the press
 * is handed to the end of the link, which lies below the socket. An empty input begins a new link.
 */
export function usePickUpLink(area: RefObject<HTMLElement | null>, { documents }: Session): void {
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const press = (event: MouseEvent) => {
      const socket = event.target instanceof Element ? event.target.closest(".react-flow__handle.target") : null;
      const node = socket?.getAttribute("data-nodeid");
      const port = socket?.getAttribute("data-handleid");
      if (event.button !== 0 || !event.isTrusted || !node || !port) return;
      const link = documents.getState().linkByInput.get(inputKey(node, port));
      const end =
        link &&
        element.querySelector(`.react-flow__edge[data-id="${CSS.escape(link.id)}"] .react-flow__edgeupdater-target`);
      if (!end) return;
      event.stopImmediatePropagation();
      end.dispatchEvent(new MouseEvent("mousedown", event));
    };
    element.addEventListener("mousedown", press, true);
    return () => element.removeEventListener("mousedown", press, true);
  }, [area, documents]);
}
