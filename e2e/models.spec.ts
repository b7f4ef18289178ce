import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { type LoopbackHub, REPOSITORY, startLoopbackHub } from "../server/models/testing/loopback-hub.ts";
import { encodeSafetensors, pseudoRandom, randomTensor } from "../test/support/encode-safetensors.ts";
import { openByKeys } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, startHost, test as studioTest } from "./fixtures.ts";

const LORA = "loras/sketch.safetensors";
const lora = encodeSafetensors(
  { "diffusion_model.layers.0.attention.to_q.lora_A.weight": randomTensor(pseudoRandom(5), 16, 512) },
  { "modelspec.trigger_phrase": "sketch" },
);

/** A host whose hub is on this machine, so that nothing leaves it. */
const test = studioTest.extend<object, { hub: LoopbackHub }>({
  hub: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the needed fixtures from this
    async ({}, use) => {
      const hub = await startLoopbackHub({ [LORA]: { bytes: lora } });
      await use(hub);
      await hub.close();
    },
    { scope: "worker" },
  ],
  host: [
    async ({ hub }, use) => {
      await using started = await startHost({ HF_ENDPOINT: hub.url, HF_TOKEN: "" });
      await use(started.host);
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

// Looking for faults of accessibility takes a while on a busy machine.
test.setTimeout(120_000);

async function openManager(studio: Page): Promise<Locator> {
  await expect(studio.getByRole("button", { name: "Run", exact: true })).toBeVisible();
  await studio.keyboard.press("m");
  const dialog = studio.getByRole("dialog", { name: "Models" });
  await expect(dialog).toBeVisible();
  return dialog;
}

async function openFile(studio: Page, path: string): Promise<void> {
  await openByKeys(studio, path);
}

async function expectAccessible(studio: Page): Promise<void> {
  expect(await faults(studio)).toEqual([]);
}

test("a model is looked up on the hub, fetched with a pause, and is in the library", async ({ studio, hub }) => {
  const dialog = await openManager(studio);
  await expect(dialog.getByText("Heddle Starter (turbo)", { exact: true })).toBeVisible();
  await expectAccessible(studio);

  await dialog.getByRole("button", { name: "Get models" }).first().click();
  await expect(dialog.getByText("Z-Image-Turbo, Q4_K")).toBeVisible();
  await expectAccessible(studio);
  await dialog.getByLabel("owner/name, or https://…").fill(REPOSITORY);
  await dialog.getByRole("button", { name: "Look up", exact: true }).click();
  await expect(dialog.getByText(LORA, { exact: true })).toBeVisible();
  // The first answer is to the question how large it is; then the hub falls silent.
  hub.mischief = ["honest", "stall"];
  await dialog.getByRole("button", { name: "Download sketch.safetensors" }).click();

  const row = dialog.getByRole("listitem", { name: "sketch.safetensors" });
  await expect(row.getByText(/^Downloading/)).toBeVisible();
  await row.getByRole("button", { name: /^Pause/ }).click();
  await expect(row.getByText(/^Paused/)).toBeVisible();
  await expectAccessible(studio);
  // The hub has lost the file for a moment.
  hub.mischief = [{ status: 404 }];
  await row.getByRole("button", { name: /^Resume/ }).click();
  await expect(row.getByRole("alert")).toContainText("has no such file");
  await expectAccessible(studio);
  hub.mischief = ["honest"];
  await row.getByRole("button", { name: /^Resume/ }).click();
  await expect(row.getByText("Complete and checked")).toBeVisible();

  await dialog.getByRole("button", { name: "On this computer" }).click();
  await dialog.getByRole("searchbox").fill("sketch");
  await dialog
    .getByRole("button", { name: /^sketch/ })
    .first()
    .click();
  await expect(dialog.getByRole("complementary")).toContainText(REPOSITORY);
  await dialog.getByRole("button", { name: "Check the file" }).click();
  await expect(dialog.getByText("The file is as it was published.")).toBeVisible();
});

test("folders of other programs are added, and what is no folder is refused in words", async ({ studio, host }) => {
  const comfy = join(host.homeFolder, "ComfyUI");
  await mkdir(join(comfy, "comfy"), { recursive: true });
  await mkdir(join(comfy, "models/loras"), { recursive: true });
  await writeFile(join(comfy, "models/loras/from-comfy.safetensors"), lora);
  const dialog = await openManager(studio);
  await dialog.getByRole("button", { name: "Folders and disk" }).click();
  await dialog.getByLabel("Path of a folder").fill("nowhere");
  await dialog.getByRole("button", { name: "Add folder" }).click();
  await expect(dialog.getByRole("alert")).toContainText("is not a whole path");
  expect(await faults(studio, "[role=dialog]")).toEqual([]);
  await dialog.getByLabel("Path of a folder").fill(comfy);
  await dialog.getByRole("button", { name: "Add folder" }).click();
  await expect(dialog.getByText("ComfyUI, read in place")).toBeVisible();
  await expectAccessible(studio);
  await dialog.getByRole("button", { name: "On this computer" }).click();
  await expect(dialog.getByRole("button", { name: /^from-comfy/ })).toBeVisible();
});

test("a workflow says what it misses: found by content, fetched after a question, or replaced", async ({
  studio,
  host,
  hub,
}) => {
  hub.mischief = ["honest"];
  hub.files["loras/wanted.safetensors"] = { bytes: lora.subarray(0) };
  await mkdir(join(host.modelsFolder, "loras"), { recursive: true });
  await writeFile(join(host.modelsFolder, "loras/renamed.safetensors"), lora);
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256").update(lora).digest("hex");
  const entry = (name: string) => ({ name, weight: 1, enabled: true });
  const path = join(host.homeFolder, "shared.json");
  await writeFile(
    path,
    JSON.stringify({
      format: "heddle-workflow",
      version: 1,
      title: "Shared",
      nodes: [
        { id: "model", type: "load-model", params: { checkpoint: "starter/turbo" } },
        {
          id: "stack",
          type: "lora-stack",
          params: { loras: [entry("old-name.safetensors"), entry("wanted.safetensors")] },
        },
      ],
      links: [],
      models: [
        { kind: "lora", name: "old-name.safetensors", sha256, sizeBytes: lora.length },
        {
          kind: "lora",
          name: "wanted.safetensors",
          repository: REPOSITORY,
          file: "loras/wanted.safetensors",
          licence: "apache-2.0",
        },
      ],
    }),
  );
  await openFile(studio, path);
  const dialog = studio.getByRole("dialog", { name: "Missing models" });
  await expect(dialog).toContainText("2 models");
  await expectAccessible(studio);
  expect(hub.requests.filter(({ path: asked }) => asked.includes("wanted"))).toEqual([]);
  await dialog.getByRole("button", { name: /^Use it: .*renamed\.safetensors in place of old-name/ }).click();
  await expect(dialog).toContainText("one model");
  await dialog.getByRole("button", { name: "Download wanted.safetensors" }).click();
  await expect(dialog.getByText("All models of this workflow are here.")).toBeVisible();
  expect(await faults(studio, "[role=dialog]")).toEqual([]);
  await dialog.getByRole("button", { name: "Show the workflow" }).click();
  await expect(studio.getByText(/renamed/).first()).toBeVisible();
});

test("the stock ComfyUI template opens with sentences and offers, and can be opened anyway", async ({
  studio,
  host,
}) => {
  const path = join(host.homeFolder, "comfy.json");
  const api = {
    "1": { class_type: "UNETLoader", inputs: { unet_name: "z_image_turbo_bf16.safetensors", weight_dtype: "default" } },
    "2": { class_type: "SomethingNobodyKnows", inputs: { model: ["1", 0] } },
  };
  await writeFile(path, JSON.stringify(api));
  await openFile(studio, path);
  const report = studio.getByRole("dialog", { name: "Workflow from ComfyUI" });
  await expect(report).toContainText("One of its nodes has no equal in Heddle");
  await expectAccessible(studio);
  await report.getByRole("button", { name: "Find the models…" }).click();
  const missing = studio.getByRole("dialog", { name: "Missing models" });
  await expect(missing).toContainText("12.3 GB");
  await expect(missing).toContainText("Apache-2.0");
  await missing.getByRole("button", { name: "Open anyway" }).click();
  await expect(missing).not.toBeVisible();
});
