import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEngine } from "./engine.ts";
import { Qwen3TextEncoder } from "./models/qwen3/text-encoder.ts";
import type { InferenceEngine } from "./types.ts";

const model = join(import.meta.dirname, "../test/golden/models/model_bf16");
const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-texts-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Two pictures of two prompts, one of them twice, with guidance and no negative prompt. */
async function drawGuided(engine: InferenceEngine): Promise<void> {
  const { model: transformer, textEncoder } = await engine.openCheckpoint(model);
  const draw = async (text: string, seed: bigint) =>
    engine.sample({
      ...{ model: transformer, positive: await engine.encodePrompt(textEncoder, text, signal), seed, signal },
      latent: { kind: "latent", width: 32, height: 32, samples: null, batch: 2 },
      ...{ steps: 2, guidanceScale: 4, solver: "euler", schedule: "flow_match", denoise: 1 },
      onProgress: () => undefined,
    });
  // At the same time: both samplers want the empty prompt before either has it.
  await Promise.all([draw("a circle", 1n), draw("a square", 2n)]);
  await draw("a circle", 3n);
}

test.each([
  ["without a cache on disk", false],
  ["with one, and over restarts", true],
])(
  "the text encoder runs once for each distinct prompt, the empty negative one among them, %s",
  async (_, isCached) => {
    const encode = vi.spyOn(Qwen3TextEncoder.prototype, "encode");
    try {
      for (const _run of isCached ? [1, 2] : [1]) {
        const engine = createEngine({ precision: "reference", ...(isCached && { cacheFolder: folder }) });
        await drawGuided(engine);
        await engine.dispose();
      }
      const prompts = encode.mock.calls.map(([ids]) => ids.join());
      expect(prompts).toHaveLength(3);
      expect(new Set(prompts).size).toBe(3);
    } finally {
      encode.mockRestore();
    }
  },
);

test("a prompt whose encoding was cancelled is encoded by the next who wants it", async () => {
  const engine = createEngine({ precision: "reference" });
  const { textEncoder } = await engine.openCheckpoint(model);
  const cancelled = new AbortController();
  const first = engine.encodePrompt(textEncoder, "a star", cancelled.signal);
  cancelled.abort();
  const second = engine.encodePrompt(textEncoder, "a star", signal);
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  expect((await second).tokens).toBeGreaterThan(3);
  await engine.dispose();
});
