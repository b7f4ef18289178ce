import { type TidyRequest, tidy } from "./tidy.ts";

/** The layout of a large workflow takes a while: here it holds nothing up. */
self.addEventListener("message", ({ data }: MessageEvent<TidyRequest>) => self.postMessage(tidy(data)));
