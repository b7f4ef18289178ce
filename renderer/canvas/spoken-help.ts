import type { AriaLabelConfig } from "@xyflow/react";
import { useMemo } from "react";
import { useText } from "../i18n/use-text.ts";

const DIRECTIONS = ["left", "right", "up", "down"] as const;
const isDirection = (word: string): word is (typeof DIRECTIONS)[number] => DIRECTIONS.some((one) => one === word);

/** What screen readers are told of nodes and links, and of moves by key; React Flow's own words are English. */
export function useSpokenHelp(): Partial<AriaLabelConfig> {
  const text = useText();
  return useMemo(
    () => ({
      "node.a11yDescription.default": text("canvas.nodeKeys"),
      "node.a11yDescription.keyboardDisabled": text("canvas.nodeKeys"),
      "node.a11yDescription.ariaLiveMessage": ({ direction }: { direction: string }) =>
        isDirection(direction) ? text(`canvas.moved.${direction}`) : "",
      "edge.a11yDescription.default": text("canvas.linkKeys"),
    }),
    [text],
  );
}
