import { HeddleError } from "../common/errors.ts";
import type { ImageStore } from "./services.ts";

/**
 * The file of a picture that a param names by its hash.
 * @throws HeddleError `picture-not-found`
 */
export async function readStoredPicture(images: ImageStore, hash: string, field: string): Promise<Uint8Array> {
  const bytes = await images.read(hash);
  if (bytes !== undefined) return bytes;
  throw new HeddleError({
    code: "picture-not-found",
    message: "The picture of this workflow is not on this machine.",
    help: "Choose it again: workflows name pictures by their content, and do not carry them.",
    field,
    details: { hash },
  });
}
