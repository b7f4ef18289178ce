import { useEffect } from "react";
import { isTaken, takeDropped } from "../session/incoming-files.ts";
import type { Session } from "../session/session.ts";

/** A workflow may be dropped anywhere in the window: left to itself, the browser would leave the page for the file. */
export function useFileDrop(session: Session): void {
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (event.dataTransfer && isTaken(event.dataTransfer)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer || !isTaken(event.dataTransfer)) return;
      event.preventDefault();
      // What is asked in a dialog comes first, and a picture of the window's own belongs on the canvas.
      const isFile = event.dataTransfer.types.includes("Files");
      if (isFile && !document.querySelector('[role="dialog"]')) void takeDropped(session, event.dataTransfer);
    };
    document.addEventListener("dragover", onDragOver);
    document.addEventListener("drop", onDrop);
    return () => {
      document.removeEventListener("dragover", onDragOver);
      document.removeEventListener("drop", onDrop);
    };
  }, [session]);
}
