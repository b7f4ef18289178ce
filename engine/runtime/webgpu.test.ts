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
});

it.skipIf(missing !== "")(
  `every node of the starter is placed on WebGPU under each plan, and results are those of the processor${missing}`,
  { timeout: 400_000 },
  async () => {
    const { path } = await temporaryFolder();
    const environment = { VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: "/usr/lib/chromium" };
    const { stdout } = await promisify(execFile)(process.execPath, [script, path], {
      env: { ...process.env, ...environment },
      maxBuffer: 2 ** 24,
    });
    const { placed, errors } = resultSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    // Text encoder, the transformer's two parts, the decoder.
    expect(placed).toEqual({ reference: 4, int8: 4, int4: 4 });
    expect(errors["textEncoder reference"]).toBeLessThan(1e-4);
    // The processor rounds what goes into these products to 8 bits, WebGPU does not.
    expect(errors["textEncoder int8"]).toBeLessThan(0.03);
    expect(errors["textEncoder int4"]).toBeLessThan(0.03);
    // The runtime's attention kernel (FlashAttention) is off by 6 to 14 % in SwiftShader; a device of which
    // that is so is refused by the trial (`try-device.test.ts`). All else has to be right for these.
    expect(errors["transformer reference"]).toBeLessThan(0.05);
    expect(errors["vae reference"]).toBeLessThan(0.05);
  },
);
