/** A page that is not shown makes no frames. */
const PATIENCE_MS = 100;

/** Calls back when what happens now is on the screen, which then has not waited for it. Returns how to call it off. */
export function afterFrame(act: () => void): () => void {
  const hasFrames = typeof requestAnimationFrame === "function";
  let timer = setTimeout(finish, hasFrames ? PATIENCE_MS : 0);
  const frame = hasFrames
    ? requestAnimationFrame(() => {
        clearTimeout(timer);
        // A frame is made after its callbacks.
        timer = setTimeout(finish);
      })
    : 0;
  function finish() {
    if (hasFrames) cancelAnimationFrame(frame);
    act();
  }
  return () => {
    clearTimeout(timer);
    if (hasFrames) cancelAnimationFrame(frame);
  };
}
