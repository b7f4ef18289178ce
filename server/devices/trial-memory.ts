import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { automaticChoiceSchema } from "../../protocol/devices.ts";
import { writeJsonFile } from "../services/atomic-file.ts";

const rememberedSchema = z.object({
  automatic: automaticChoiceSchema,
  /** The chosen device also multiplies in half precision. */
  halfPrecision: z.boolean(),
});

const fileSchema = rememberedSchema.extend({ version: z.literal(1), key: z.string() });

export type RememberedTrial = z.infer<typeof rememberedSchema>;

/** Which device was chosen by trying, for as long as the drivers are the same. In a file that may be deleted at any time. */
export class TrialMemory {
  readonly #file: string;

  constructor(home: string) {
    this.#file = join(home, "cache", "device-trials.json");
  }

  /** @param key of the drivers */
  read(key: string): RememberedTrial | undefined {
    try {
      const found = fileSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      return found.key === key ? found : undefined;
    } catch {
      return undefined;
    }
  }

  /** What cannot be written is tried again at the next start. */
  write(key: string, trial: RememberedTrial): void {
    try {
      writeJsonFile(this.#file, { version: 1, key, ...trial });
    } catch {
      // The disk is full or read-only: trying again costs seconds and nothing else.
    }
  }
}
