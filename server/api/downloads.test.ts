import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createFalClient } from "@fal-ai/client";
import { expect, test, vi } from "vitest";
import { packageFacts } from "../package-facts.ts";
import { startReceiver } from "./testing/receiver.ts";
import { startHost } from "./testing/started-host.ts";

// A real engine starts and draws, on whatever machine this is.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const lora = await readFile(join(packageFacts().folder, "resources/starter-model/loras/neon-outline.safetensors"));
const TURBO = "fal-ai/z-image/turbo/lora";
const input = {
  prompt: "a red circle",
  image_size: { width: 128, height: 128 },
  num_inference_steps: 2,
  seed: 1,
};

const clientOf = (server: { origin: string; token: string }) =>
  createFalClient({
    credentials: server.token,
    proxyUrl: { url: `${server.origin}/fal`, when: "always" },
    retry: { maxRetries: 0 },
  });

test("a LoRA of an address is fetched once where the owner allows it, and acts", async () => {
  const web = await startReceiver(lora);
  const server = await startHost({ HEDDLE_FETCH_ALLOW: "localhost", HEDDLE_API_DOWNLOADS: "1" });
  try {
    const fal = clientOf(server);
    const draw = async (loras: { path: string; scale: number }[]) => {
      const { data } = await fal.run(TURBO, { input: { ...input, loras, sync_mode: true } });
      return data.images[0]!.url;
    };
    const path = `${web.url}/styles/neon.safetensors`;
    const styled = await draw([{ path, scale: 1.5 }]);
    expect(styled).not.toBe(await draw([]));
    const asked = web.received.length;
    expect(await draw([{ path, scale: 1.5 }])).toBe(styled);
    expect(web.received).toHaveLength(asked);
    const local = await draw([{ path: "neon", scale: 1.5 }]);
    expect(local).toBe(styled);
  } finally {
    await server.stop();
    web.close();
  }
}, 120_000);

test("else, over http and from private addresses nothing is fetched", async () => {
  const web = await startReceiver(lora);
  const server = await startHost({ HEDDLE_API_DOWNLOADS: "1" });
  try {
    for (const path of [`${web.url}/neon.safetensors`, `${web.url.replace("http:", "https:")}/neon.safetensors`]) {
      const run = clientOf(server).run(TURBO, { input: { ...input, loras: [{ path }] } });
      await expect(run).rejects.toMatchObject({ status: 422 });
    }
    expect(web.received).toHaveLength(0);
  } finally {
    await server.stop();
    web.close();
  }
}, 120_000);
