import type { KeyboardEvent } from "react";

/** What a file keeps of a title, in characters. */
export const MAX_TITLE_LENGTH = 500;

type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "stopPropagation"> & {
  readonly nativeEvent: { readonly isComposing: boolean };
};

/**
 * Keys of a field in which a name is written: Enter takes it, Escape leaves it as it was. While an input method composes, both are
 * the input method's. Bare keys go no further; those of commands do, so that Ctrl+S saves also there.
 */
export function onNameKey(event: Press, { take, leave }: { take: () => void; leave: () => void }): void {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  if (event.nativeEvent.isComposing) return;
  if (event.key === "Enter") take();
  if (event.key === "Escape") leave();
}
