import { type ControlProfile, evenProfile } from "../models/z-image/controlnet.ts";
import type { ControlMode, ControlReference } from "../types.ts";
import type { GuidedPass } from "./flow-velocity.ts";

/**
 * ControlNet's "guess mode" weighs its 13 outputs with 0.825 ** (12 - i), from a tenth at the shallowest to 1 at the
 * deepest (lllyasviel/ControlNet gradio_*.py). Nets with another number of layers get the same range.
 */
const FALLOFF = 0.825;
const FALLOFF_STEPS = 12;

/**
 * What a mode makes of the strength in one pass; `undefined` where the ControlNet does not take part. As in
 * Mikubill/sd-webui-controlnet (`soft_injection`, `cfg_injection`):
 *
 * - `balanced`: everywhere in full.
 * - `prompt`: soft weights in both passes of guidance, so that the prompt wins where the two disagree.
 * - `control`: soft weights, and in the positive pass only, so that guidance magnifies what the ControlNet says as it does
 *   the prompt. Without guidance nothing magnifies it; it then acts in full.
 */
export function controlProfile(
  mode: ControlMode = "balanced",
  pass: GuidedPass,
  layers: number,
): ControlProfile | undefined {
  if (mode === "control" && pass === "negative") return undefined;
  if (mode === "balanced" || (mode === "control" && pass === "alone")) return evenProfile(layers);
  return softProfile(layers);
}

/** What goes into the noise refiner comes before all main layers: it weighs as the shallowest of them. */
function softProfile(layers: number): ControlProfile {
  const depth = (i: number) => (layers === 1 ? 1 : i / (layers - 1));
  const weights = Array.from({ length: layers }, (_, i) => FALLOFF ** (FALLOFF_STEPS * (1 - depth(i))));
  return { layers: weights, refiner: FALLOFF ** FALLOFF_STEPS };
}

/** @param step of the run, counted from 0 */
export function isControlActive(
  { start, end, steps }: Pick<ControlReference, "start" | "end" | "steps">,
  step: number,
  stepCount: number,
): boolean {
  if (steps !== undefined) return step >= steps.start && step < steps.end;
  const progress = step / stepCount;
  return progress >= start && progress < end;
}
