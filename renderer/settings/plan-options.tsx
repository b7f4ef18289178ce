import type { PlannedPart, PlanOption } from "../../protocol/devices.ts";
import { formatBytes } from "../i18n/format.ts";
import { type Text, useText } from "../i18n/use-text.ts";

/** Above this nobody sees a difference; above the next, measures hardly do. */
const INVISIBLE_DECIBELS = 50;
const NEARLY_EXACT_DECIBELS = 70;

/**
 * The plans of a part as options of a select, each with its name and, in short, what it costs. What is chosen is always
 * among them, also where this device would compute it in another way.
 */
export function PlanOptions({
  part,
  options,
  chosen,
  hasModel,
}: {
  part: PlannedPart;
  options: readonly PlanOption[];
  chosen: PlanOption["plan"];
  hasModel: boolean;
}) {
  const text = useText();
  const isKnown = chosen === "auto" || options.some(({ plan }) => plan === chosen);
  return (
    <>
      {options.map((option) => (
        <option key={option.plan} value={option.plan}>
          {[text(`devices.precision_${option.plan}`), ...shortCost(text, part, option, hasModel)].join(" · ")}
        </option>
      ))}
      {!isKnown && <option value={chosen}>{text(`devices.precision_${chosen}`)}</option>}
    </>
  );
}

function shortCost(text: Text, part: PlannedPart, option: PlanOption, hasModel: boolean): string[] {
  const { relativeTime, decibels } = option;
  return [
    sizeText(text, part, option, hasModel),
    relativeTime === null || relativeTime === 1 ? "" : `× ${relativeTime}`,
    decibels === null ? text("devices.exact") : `${decibels} dB`,
  ].filter(Boolean);
}

/** What a plan costs, in words. */
export function costText(text: Text, part: PlannedPart, option: PlanOption, hasModel: boolean): string {
  const { diskBytes, relativeTime, decibels } = option;
  const size = sizeText(text, part, option, hasModel);
  return [
    text(diskBytes > 0 ? "devices.ofMemoryAndDisk" : "devices.ofMemory", { size }),
    relativeTime === null ? text("devices.timeUnknown") : timeText(text, relativeTime),
    likenessText(text, decibels),
  ]
    .filter(Boolean)
    .join(" · ");
}

const timeText = (text: Text, factor: number) => (factor === 1 ? "" : text("devices.timesFloat", { factor }));

function sizeText(text: Text, part: PlannedPart, { memoryBytes }: PlanOption, hasModel: boolean): string {
  if (part === "vae") return text("devices.atSize", { size: formatBytes(memoryBytes) });
  return hasModel
    ? formatBytes(memoryBytes)
    : text("devices.bytesAWeight", { count: Math.round(memoryBytes * 10) / 10 });
}

function likenessText(text: Text, decibels: number | null): string {
  if (decibels === null) return text("devices.exact");
  if (decibels >= NEARLY_EXACT_DECIBELS) return text("devices.nearlyExact", { decibels });
  return text(decibels >= INVISIBLE_DECIBELS ? "devices.invisible" : "devices.visible", { decibels });
}
