import { invertPicture } from "../../engine/image/channels.ts";
import { pictureRunner } from "../images.ts";

export const runner = pictureRunner(invertPicture);
