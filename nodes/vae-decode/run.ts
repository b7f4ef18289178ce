import type { NodeRunner } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { requiredInput } from "../values.ts";

export const runner: NodeRunner<NodeServices> = {
  sizeOf: (outputs) =>
    requiredInput(outputs, "image", "image").items.reduce((bytes, { data }) => bytes + data.byteLength, 0),

  async run({ services: { engine }, signal, timed, warn }, inputs) {
    const vae = requiredInput(inputs, "vae", "vae");
    const latent = requiredInput(inputs, "latent", "latent");
    await timed("loadMs", () => engine.warm(vae, signal));
    return { image: await timed("decodeMs", () => engine.decode(vae, latent, signal, { onWarning: warn })) };
  },
};
