import { HeddleError } from "../../common/errors.ts";
import type { LoraBlockRule, LoraReference } from "../../engine/types.ts";

const NUMBER = String.raw`[-+]?\d*\.?\d+`;
const blockRule = new RegExp(String.raw`^([A-Za-z_][\w-]*)(?:[ .]+(\d+)(?:\s*-\s*(\d+))?)?\s*[:=]\s*(${NUMBER})$`);
const point = new RegExp(String.raw`^(${NUMBER})\s*:\s*(${NUMBER})$`);
/** Weights go up to 4; a factor beyond that is a slip. */
const LARGEST_FACTOR = 4;

/**
 * Rules for blocks, one a line or parted by commas: `layers 0-9: 0.5`, `attention: 0`.
 * @throws HeddleError `block-rule-invalid`
 */
export function parseBlockRules(text: string): LoraBlockRule[] {
  return entriesOf(text).map((line) => {
    const [, part, from, to, factor] = blockRule.exec(line) ?? [];
    const numbers = from === undefined ? {} : { from: Number(from), to: Number(to ?? from) };
    if (part === undefined || tooLarge(factor) || (numbers.to ?? 0) < (numbers.from ?? 0)) {
      throw new HeddleError({
        code: "block-rule-invalid",
        message: `"${line}" is no rule for blocks.`,
        help: `Write a part of the model, perhaps numbers, a colon and a factor from -${LARGEST_FACTOR} to ${LARGEST_FACTOR}: layers 0-9: 0.5`,
        field: "blocks",
        details: { line, largest: LARGEST_FACTOR },
      });
    }
    return { part, ...numbers, factor: Number(factor) };
  });
}

/**
 * Points of a schedule, parted by commas or lines: `0: 1, 0.5: 0`.
 * @throws HeddleError `schedule-invalid`
 */
export function parseSchedule(text: string): NonNullable<LoraReference["schedule"]> {
  return entriesOf(text).map((entry) => {
    const [, at, factor] = point.exec(entry) ?? [];
    if (at === undefined || Number(at) < 0 || Number(at) > 1 || tooLarge(factor)) {
      throw new HeddleError({
        code: "schedule-invalid",
        message: `"${entry}" is no point of a schedule.`,
        help: `Write a share of the steps from 0 to 1, a colon and a factor from -${LARGEST_FACTOR} to ${LARGEST_FACTOR}: 0.5: 0`,
        field: "schedule",
        details: { entry, largest: LARGEST_FACTOR },
      });
    }
    return { at: Number(at), factor: Number(factor) };
  });
}

const entriesOf = (text: string): string[] =>
  text
    .split(/[\n,;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

const tooLarge = (factor: string | undefined): boolean => Math.abs(Number(factor)) > LARGEST_FACTOR;
