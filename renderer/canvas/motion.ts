/** Milliseconds that the view may glide: none for who asked their system for less motion. */
export const glide = (ms: number): number =>
  globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ? 0 : ms;
