import { words } from "../common/words.ts";
import type { DiffusionModel, OpenedLora, TextEncoderModel } from "../engine/types.ts";
import type { RunContext } from "../graph/execution/runner.ts";
import type { NodeServices } from "./services.ts";

export interface LoraTargets {
  readonly model: DiffusionModel;
  readonly textEncoder: TextEncoderModel | undefined;
}

/** How many names of tensors a warning lists. */
const LISTED = 12;

/**
 * Adds a LoRA to the stacks of a model and of its text encoder, and says on the node how much of it was applied.
 * @throws HeddleError `model-not-found`, `lora-no-match`, and what the file's reader throws
 */
export async function addLora(
  context: RunContext<NodeServices>,
  { model, textEncoder }: LoraTargets,
  lora: { name: string; weight: number; field: string },
  /** Tells the LoRAs of a stack apart. */
  prefix = "",
): Promise<LoraTargets> {
  const { engine, models } = context.services;
  const { path } = await models.resolve("lora", lora.name);
  const opened = await context.timed("loadMs", () => engine.openLora(path, model, textEncoder));
  loraFacts(context, opened, lora, { prefix, hasTextEncoder: textEncoder !== undefined });
  const reference = { ...opened.reference, weight: lora.weight };
  return {
    model: opened.changesModel ? { ...model, loras: [...model.loras, reference] } : model,
    textEncoder:
      textEncoder && opened.changesTextEncoder
        ? { ...textEncoder, loras: [...textEncoder.loras, reference] }
        : textEncoder,
  };
}

/** Says on the node what a LoRA is and how much of it was applied, and warns of the rest by name. */
export function loraFacts(
  { info, warn }: RunContext<NodeServices>,
  opened: OpenedLora,
  lora: { name: string; field: string },
  { prefix = "", hasTextEncoder = true } = {},
): void {
  const { applied, total, unapplied, notes, format, rank, triggerWords } = opened;
  info({
    [`${prefix}keys`]: `${applied} of ${total} keys applied`,
    [`${prefix}format`]: rank === undefined ? format : `${format}, rank ${rank}`,
    ...(triggerWords.length > 0 ? { [`${prefix}triggerWords`]: triggerWords.join(", ") } : {}),
  });
  if (unapplied.length > 0) {
    const more = unapplied.length > LISTED ? `, and ${unapplied.length - LISTED} more` : "";
    warn({
      code: "lora-keys-unapplied",
      message: `${unapplied.length} of the ${total} keys of "${lora.name}" were not applied: ${unapplied.slice(0, LISTED).join(", ")}${more}.`,
      help: [
        ...notes,
        hasTextEncoder
          ? "The rest has its effect. If the picture is not right, look for a version of the LoRA made for this model."
          : "The rest has its effect. If these keys belong to the text encoder, connect it to this node.",
      ].join(" "),
      field: lora.field,
      details: {
        cause: hasTextEncoder ? "with-encoder" : "without-encoder",
        name: lora.name,
        applied,
        total,
        count: unapplied.length,
        listed: [...unapplied.slice(0, LISTED), ...(more === "" ? [] : ["…"])],
        unapplied: [...unapplied],
        notes: words(notes.join(" ")),
      },
    });
  } else if (notes.length > 0) info({ [`${prefix}notes`]: notes.join(" ") });
}

/** The outputs of a node that may have been given no text encoder. */
export function loraOutputs({ model, textEncoder }: LoraTargets) {
  return { model, ...(textEncoder ? { textEncoder } : {}) };
}
