/** The address of the web in a text that is one and nothing else; `undefined` for any other text. */
export function pictureAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (/\s/.test(trimmed) || trimmed.length > 2_000) return undefined;
  const url = URL.parse(trimmed);
  return url && /^https?:$/.test(url.protocol) && url.hostname !== "" ? url.href : undefined;
}

/** The address that was pasted or dropped, where no file was. Of several that were dropped, the first. */
export function droppedAddress(data: DataTransfer): string | undefined {
  const list = data.getData("text/uri-list").split(/\r?\n/);
  const [first] = list.filter((line) => line !== "" && !line.startsWith("#"));
  return pictureAddress(first ?? data.getData("text/plain"));
}
