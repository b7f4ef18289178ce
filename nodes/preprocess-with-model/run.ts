import { invertPicture } from "../../engine/image/channels.ts";
import type { NodeRunner } from "../../graph/execution/runner.ts";
import { imageBatch, sizeOfImages } from "../images.ts";
import { modelFingerprint } from "../model-file.ts";
import type { NodeServices } from "../services.ts";
import { booleanParam, numberParam, requiredInput, textParam } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  fingerprint: modelFingerprint("preprocessor", "preprocessor"),
  sizeOf: sizeOfImages("image"),

  async run({ services: { engine, models }, signal, info, timed }, inputs, params) {
    const { path } = await models.resolve("preprocessor", textParam(params, "preprocessor"));
    const image = requiredInput(inputs, "image", "image");
    const { value, facts } = await timed("encodeMs", () =>
      engine.preprocess(path, image, { resolution: numberParam(params, "resolution"), signal }),
    );
    info(facts);
    return { image: booleanParam(params, "invert") ? imageBatch(value.items.map(invertPicture)) : value };
  },
};
