import type { ErrorPayload } from "../../common/errors.ts";
import type { PictureMask, RgbImage } from "../../engine/types.ts";
import type { JsonValue } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { withLinkedParams } from "../../graph/execution/linked-params.ts";
import type { PortValues } from "../../graph/execution/runner.ts";
import { readParams } from "../../graph/values.ts";
import { findDefinition } from "../definitions.ts";
import { loadRunner } from "../runners.ts";
import type { NodeServices } from "../services.ts";
import { createTestServices } from "./test-services.ts";

export interface NodeTestRun {
  outputs: PortValues;
  info: Record<string, string | number | boolean>;
  warnings: ErrorPayload[];
  shown: ImageReference[];
}

/** Runs one node as the executor would; params that are not given have their defaults. */
export async function runNode(
  type: string,
  inputs: PortValues = {},
  params: Record<string, JsonValue> = {},
  services: NodeServices = createTestServices().services,
): Promise<NodeTestRun> {
  const definition = findDefinition(type);
  if (!definition) throw new Error(`there is no node ${type}`);
  const run: NodeTestRun = { outputs: {}, info: {}, warnings: [], shown: [] };
  run.outputs = await (await loadRunner(type)).run(
    {
      nodeId: "it",
      services,
      signal: new AbortController().signal,
      workflow: {},
      progress: () => undefined,
      warn: (warning) => run.warnings.push(warning),
      info: (facts) => Object.assign(run.info, facts),
      images: (references) => run.shown.push(...references),
      timed: (_part, work) => work(),
    },
    inputs,
    withLinkedParams(definition, readParams(definition, { params }), inputs),
  );
  return run;
}

/** A picture of one colour. */
export function evenPicture(width: number, height: number, rgb: readonly number[], seed?: string): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!);
  return { width, height, data, ...(seed === undefined ? {} : { seed }) };
}

export function pixelAt({ data, width }: RgbImage, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

export function batchOf(...items: RgbImage[]) {
  return { kind: "image" as const, items };
}

export function picturesAt(outputs: PortValues, port = "image"): readonly RgbImage[] {
  return (outputs[port] as ReturnType<typeof batchOf>).items;
}

/** A mask that is 1 left of `edge` and 0 from there on. */
export function leftMask(width: number, height: number, edge: number): PictureMask {
  const values = Float32Array.from({ length: width * height }, (_, i) => (i % width < edge ? 1 : 0));
  return { kind: "mask", width, height, values };
}
