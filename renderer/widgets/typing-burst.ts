import { useRef } from "react";

/** Pauses longer than this between key strokes start a new step of undo. */
const TYPING_PAUSE_MS = 1_000;

/** The name of the gesture that a key stroke belongs to: a burst of typing is one. */
export function useTypingBurst(): () => string {
  const last = useRef({ at: 0, gesture: "" });
  return () => {
    const now = Date.now();
    const { at, gesture } = last.current;
    const next = now - at > TYPING_PAUSE_MS || gesture === "" ? `typing ${now} ${Math.random()}` : gesture;
    last.current = { at: now, gesture: next };
    return next;
  };
}
