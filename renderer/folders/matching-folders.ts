import type { ListedFolder } from "../../protocol/folders.ts";

/** Whether somebody types a path instead of words to look for. */
export function isPath(text: string): boolean {
  return /^(~(?=$|[\\/])|\/|[A-Za-z]:([\\/]|$)|\\\\)/.test(text.trim());
}

/**
 * The folders whose name has all that was typed, those first that begin with it. Hidden ones only when they are wanted, or
 * when what was typed begins with a dot, as they do.
 */
export function matchingFolders(
  folders: readonly ListedFolder[],
  typed: string,
  { hidden }: { hidden: boolean },
): readonly ListedFolder[] {
  const words = typed.trim().toLowerCase();
  const shown = hidden || words.startsWith(".") ? folders : folders.filter(({ isHidden }) => !isHidden);
  if (words === "") return shown;
  const found = shown.filter(({ name }) => name.toLowerCase().includes(words));
  const isFirst = ({ name }: ListedFolder) => name.toLowerCase().startsWith(words);
  return [...found.filter(isFirst), ...found.filter((folder) => !isFirst(folder))];
}
