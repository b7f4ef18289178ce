import { basename } from "node:path";
import { z } from "zod";
import { HeddleError } from "../../../common/errors.ts";
import { wrongConfig, type ZImageConfig } from "./config.ts";

/** `config.json` of a `ZImageControlNetModel`. */
const schema = z.looseObject({
  control_layers_places: z.array(z.int().min(0)).min(1),
  control_refiner_layers_places: z.array(z.int().min(0)).nullish(),
  control_in_dim: z.int().positive(),
  add_control_noise_refiner: z.enum(["control_layers", "control_noise_refiner"]).nullish(),
  n_refiner_layers: z.int().min(0),
});

export interface ControlNetConfig {
  /** Main layers that get a residual, one per control layer. */
  readonly layerPlaces: readonly number[];
  /** Noise refiner layers that get one. */
  readonly refinerPlaces: readonly number[];
  /** Channels of the control input. */
  readonly channels: number;
  /** Which blocks feed the noise refiner: none (v1), control blocks of their own, or the control layers themselves. */
  readonly refiner: "plain" | "control_noise_refiner" | "control_layers";
  readonly refinerLayers: number;
}

/** @throws HeddleError `config-invalid` */
export function parseControlNetConfig(json: unknown, path: string): ControlNetConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw wrongConfig(path, parsed.error);
  const c = parsed.data;
  return {
    layerPlaces: c.control_layers_places,
    refinerPlaces: c.control_refiner_layers_places ?? [],
    channels: c.control_in_dim,
    refiner: c.add_control_noise_refiner ?? "plain",
    refinerLayers: c.n_refiner_layers,
  };
}

/**
 * Refuses a ControlNet that was made for a transformer of other dimensions, whose parts it could not share.
 * @param net its `config.json`, which also holds `dim` and `n_heads`
 * @throws HeddleError `controlnet-mismatch`
 */
export function checkControlNetFits(
  net: { readonly path: string; readonly config: Readonly<Record<string, unknown>> },
  base: { readonly path: string; readonly config: ZImageConfig },
): void {
  const { dim, n_heads: heads } = net.config;
  const { layerPlaces } = parseControlNetConfig(net.config, net.path);
  const deepest = Math.max(...layerPlaces);
  const { config } = base;
  const misfit =
    dim !== config.dim
      ? (["width", `it is made for a model of width ${dim}, and this one’s is ${config.dim}`] as const)
      : heads !== config.heads
        ? (["heads", `it is made for a model of ${heads} attention heads, and this one has ${config.heads}`] as const)
        : deepest >= config.layers
          ? (["layers", `it steers layer ${deepest + 1}, and this model has ${config.layers}`] as const)
          : undefined;
  if (misfit === undefined) return;
  const [cause, what] = misfit;
  throw new HeddleError({
    code: "controlnet-mismatch",
    message: `The ControlNet "${basename(net.path)}" does not fit the model: ${what}.`,
    help: "Use a ControlNet that was made for this model. Those of Z-Image (Union, Tile) fit the full Z-Image models only; there is none for the starter model.",
    field: "controlNet",
    details: {
      cause,
      name: basename(net.path),
      controlNet: net.path,
      model: base.path,
      dim,
      heads,
      layer: deepest + 1,
      modelDim: config.dim,
      modelHeads: config.heads,
      modelLayers: config.layers,
    },
  });
}
