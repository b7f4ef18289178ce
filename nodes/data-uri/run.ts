import type { NodeRunner } from "../../graph/execution/runner.ts";
import { encodePicture, formatFacts, type PictureFormat } from "../save-image/encode.ts";
import type { NodeServices } from "../services.ts";
import { numberParam, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) => 2 * String(outputs.text).length,

  async run({ info, timed }, inputs, params) {
    const format = textParam(params, "format") as PictureFormat;
    const uris: string[] = [];
    let length = 0;
    for (const item of requiredInput(inputs, "image", "image").items) {
      const { bytes } = await timed("saveMs", () => encodePicture(item, format, numberParam(params, "quality"), {}));
      length += bytes.length;
      uris.push(`data:${formatFacts[format].mimeType};base64,${Buffer.from(bytes).toString("base64")}`);
    }
    info({ pictures: uris.length, bytes: length });
    return { text: uris.join("\n") };
  },
};
