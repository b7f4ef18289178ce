import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const missing = existsSync(SWIFTSHADER) ? "" : ` (skipped: there is no ${SWIFTSHADER})`;
const script = fileURLToPath(new URL("./testing/webgpu-forward.ts", import.meta.url));
const resultSchema = z.object({
  placed: z.record(z.string(), z.number()),
  errors: z.record(z.string(), z.number()),
  effect: z.number(),
});

it.skipIf(missing !== "")(
  `every node of the starter is placed on WebGPU under each plan, and a forward pass gives what the processor gives in float32${missing}`,
  { timeout: 600_000 },
  async () => {
    const { path } = await temporaryFolder();
    const environment = { VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: "/usr/lib/chromium" };
    const { stdout } = await promisify(execFile)(process.execPath, [script, path], {
      env: { ...process.env, ...environment },
      maxBuffer: 2 ** 24,
    });
    const { placed, errors, effect } = resultSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    // Text encoder, the transformer's two parts, the decoder.
    expect(placed).toEqual({ reference: 4, int8: 4, int4: 4 });
    const { "wide product int8": int8, "wide product int4": int4, ...exact } = errors;
    expect(Object.keys(exact).sort()).toEqual([
      ...["LoRA reference", "textEncoder int4", "textEncoder int8", "textEncoder reference"],
      ...["transformer int4", "transformer int8", "transformer reference"],
      ...["vae reference", "wide attention", "without LoRA reference"],
    ]);
    expect(effect).toBeGreaterThan(0.01);
    // Float32 on both sides, in another order. Pictures are rounded to 8 bits: one step of a few pixels may differ.
    expect(
      Object.entries(exact).filter(([part, error]) => !(error < (part === "vae reference" ? 1e-3 : 1e-5))),
    ).toEqual([]);
    // Where the width is a multiple of 128 the runtime rounds what goes in to 8 bits.
    expect([int8, int4].filter((error) => !(error! < 0.01))).toEqual([]);
  },
);
