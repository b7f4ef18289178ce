import { basename } from "node:path";
import * as ort from "onnxruntime-node";
import { HeddleError } from "../../common/errors.ts";
import { openUserModel } from "../onnx/user-model.ts";
import type { Session, SessionPool } from "../runtime/session-pool.ts";
import type { TileModel } from "./tile-model.ts";

/** Side of the even picture that shows by how much a model enlarges. */
const PROBE_SIDE = 16;
const CHANNELS = 3;

/**
 * An upscaler that somebody exported: one float32 input [1, 3, height, width] of any size, 0 to 1, and one output of the
 * same form.
 *
 * @throws HeddleError what {@link openUserModel} throws, `upscaler-form` for a model of another form
 */
export async function openOnnxUpscaler(path: string, pool: SessionPool): Promise<TileModel> {
  const model = await openUserModel(path, pool);
  const run = (pixels: ort.Tensor) =>
    model.use(async (session) => {
      const { input, output } = portsOf(session, path);
      const outputs = await session.run({ [input]: pixels });
      return outputs[output]!;
    });
  const probe = new ort.Tensor("float32", new Float32Array(CHANNELS * PROBE_SIDE ** 2), [
    1,
    CHANNELS,
    PROBE_SIDE,
    PROBE_SIDE,
  ]);
  const { dims, type } = await run(probe);
  const scale = (dims[3] ?? 0) / PROBE_SIDE;
  if (type !== "float32" || dims.length !== 4 || dims[1] !== CHANNELS || dims[2] !== dims[3] || scale === 0) {
    const made = `${type} [${dims.join(", ")}]`;
    throw noUpscaler(path, `it gives ${made} for a picture of ${PROBE_SIDE} x ${PROBE_SIDE}`, {
      cause: "output",
      made,
      side: PROBE_SIDE,
    });
  }
  return { unshuffle: 1, scale, facts: { architecture: "ONNX" }, run };
}

function portsOf({ ports: { inputs, outputs } }: Session, path: string): { input: string; output: string } {
  const [input] = inputs;
  const [output] = outputs;
  if (!input || !output || inputs.length > 1) {
    throw noUpscaler(path, `it has ${inputs.length} inputs`, { cause: "inputs", inputs: inputs.length });
  }
  if (!input.isTensor || input.type !== "float32") {
    throw noUpscaler(path, "its input is not float32", { cause: "input-type" });
  }
  const [batch, channels, ...sides] = input.shape;
  const isAny = (side: number | string | undefined) => typeof side === "string" || (side ?? 0) < 0;
  if (
    sides.length !== 2 ||
    !(isAny(batch) || batch === 1) ||
    !(isAny(channels) || channels === CHANNELS) ||
    !sides.every(isAny)
  ) {
    const shape = `[${input.shape.join(", ")}]`;
    throw noUpscaler(path, `its input is ${shape}`, { cause: "input-shape", shape });
  }
  return { input: input.name, output: output.name };
}

type Form =
  | { cause: "output"; made: string; side: number }
  | { cause: "inputs"; inputs: number }
  | { cause: "input-type" }
  | { cause: "input-shape"; shape: string };

function noUpscaler(path: string, what: string, form: Form): HeddleError {
  return new HeddleError({
    code: "upscaler-form",
    message: `"${basename(path)}" cannot be used as an upscaler: ${what}.`,
    help: "Use a model with one float32 input [1, 3, height, width] whose height and width are free.",
    field: "upscaler",
    details: { path, name: basename(path), ...form },
  });
}
