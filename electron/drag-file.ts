import { nativeImage, type WebContents } from "electron";
import sharp from "sharp";
import type { HostServices } from "../server/host-services.ts";

const ICON_PX = 96;

/** Drags the file of a stored picture out of a window; nothing happens for a picture that is not there. */
export async function dragFile(
  contents: Pick<WebContents, "startDrag">,
  services: Pick<HostServices, "openImage">,
  hash: unknown,
): Promise<void> {
  const file = typeof hash === "string" ? await services.openImage(hash) : undefined;
  if (!file) return;
  const icon = await sharp(file.path).resize(ICON_PX, ICON_PX, { fit: "inside" }).png().toBuffer();
  contents.startDrag({ file: file.path, icon: nativeImage.createFromBuffer(icon) });
}
