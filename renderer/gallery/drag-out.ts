import type { DragEvent } from "react";
import type { ImageReference } from "../../graph/events.ts";
import { fetchStoredPicture } from "../host/stored-picture.ts";
import type { Session } from "../session/session.ts";
import { nameOfPicture } from "./picture-name.ts";

/** Pictures that are dragged within Heddle, by their hash. */
export const PICTURE_MIME = "application/x-heddle-picture";

/**
 * Lets a picture be dropped on the desktop or into another program. The desktop host drags the file itself; a browser
 * offers its address, which Chromium's browsers save as a file on Windows and macOS. On Linux they give other programs the address
 * only: "Save picture" is the way there.
 */
export function dragPictureOut({ host }: Pick<Session, "host">, event: DragEvent, picture: ImageReference): void {
  if (host.dragFile) {
    event.preventDefault();
    host.dragFile(picture.hash);
    return;
  }
  const address = new URL(host.imageUrl(picture.hash), location.href).href;
  event.dataTransfer.effectAllowed = "copy";
  event.dataTransfer.setData(PICTURE_MIME, picture.hash);
  event.dataTransfer.setData("DownloadURL", `${picture.mimeType}:${nameOfPicture(picture)}:${address}`);
  event.dataTransfer.setData("text/uri-list", address);
}

/**
 * The file of a picture that was dragged within Heddle.
 * @throws HeddleError as {@link fetchStoredPicture}
 */
export async function ownPicture({ host }: Pick<Session, "host">, hash: string): Promise<File> {
  const response = await fetchStoredPicture(host.imageUrl(hash));
  const blob = await response.blob();
  return new File([blob], `heddle-${hash.slice(0, 8)}.${blob.type.split("/")[1] ?? "png"}`, { type: blob.type });
}
