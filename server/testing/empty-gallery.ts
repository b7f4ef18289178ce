import { Gallery } from "../library/gallery.ts";
import { createImageStore } from "../services/image-store.ts";

/** A gallery of a folder that is not there. */
export const emptyGallery = new Gallery("/nowhere", createImageStore("/nowhere"));
