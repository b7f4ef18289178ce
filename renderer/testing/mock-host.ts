import type { ErrorPayload } from "../../common/errors.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { workflowDocumentSchema } from "../../graph/document.ts";
import type { ImageReference, RunEvent } from "../../graph/events.ts";
import { planExecution } from "../../graph/plan.ts";
import { findDefinition } from "../../nodes/definitions.ts";
import type { HostEvent } from "../../protocol/contract.ts";
import type { DevicePreferences, DeviceState } from "../../protocol/devices.ts";
import type { Host } from "../../protocol/host.ts";
import turbo from "../../resources/templates/text-to-image.json" with { type: "json" };
import base from "../../resources/templates/text-to-image-base.json" with { type: "json" };
import { largeWorkflow } from "./large-workflow.ts";
import { mockGallery, mockPictureUrl } from "./mock-gallery.ts";
import { paintPicture } from "./mock-pictures.ts";

const outOfMemory = {
  code: "out-of-memory",
  message: "The sampler needs about 11.2 GB of memory, but only 7.6 GB are free.",
  help: "Choose a smaller size or a quantised model, or close other programs and run again.",
};

const failures: Readonly<Record<string, ErrorPayload>> = {
  disk: {
    code: "output-not-writable",
    message: "The picture could not be saved in /home/ada/Pictures/Heddle, because the disk is full.",
    help: "Make room or choose another folder, then save again; the picture is still in memory.",
    details: { reason: "ENOSPC" },
  },
  device: {
    code: "engine-stopped",
    message: "The engine ended while it computed with webgpu: its driver may be at fault.",
    help: "webgpu is tried once more, apart from Heddle, before it is used again. Run again, or let the processor compute.",
    details: { cause: "crash", device: "webgpu" },
  },
};

/**
 * A host without an engine, for working on the interface alone: `vite` and `?mock`. It "runs" workflows at a walking pace
 * and paints gradients. `?mock&nodes=1000` opens a large workflow, `?mock&pictures=10000` fills the gallery, `?mock&fail` makes samplers fail (`fail=disk`, `fail=device` as other things do), `?mock&offline` loses the connection after a while.
 */
export function createMockHost(): Host {
  const options = new URLSearchParams(location.search);
  const large = options.has("nodes") ? largeWorkflow(Number(options.get("nodes"))) : undefined;
  const listeners = new Set<(event: HostEvent) => void>();
  const connection = new Set<(connected: boolean, isRefused: boolean) => void>();
  const cancelled = new Set<string>();
  const pictures = new Map<string, string>();
  const saved: ImageReference[] = [];
  let runs = 0;
  let deviceState: DeviceState = {
    preferences: {
      device: "auto",
      precision: { transformer: "auto", textEncoder: "auto", vae: "auto" },
      models: {},
      memoryBytes: null,
    },
    inUse: { device: "cpu", fallback: null, automatic: { device: "cpu", reason: "not-faster", factor: 1.1 } },
    isPending: false,
  };
  let tail = Promise.resolve();
  const emit = (event: HostEvent) => {
    for (const listener of listeners) listener(event);
  };
  const tell = (event: RunEvent) => emit({ type: "run", event });

  const setConnected = (connected: boolean) => {
    for (const listener of connection) listener(connected, false);
  };

  async function play(runId: string, document: WorkflowDocument) {
    const started = performance.now();
    const nodes = planExecution(document, findDefinition).nodes.map(({ node }) => node);
    tell({ type: "run-started", runId, nodeIds: nodes.map((node) => node.id) });
    const images: Extract<RunEvent, { type: "run-finished" }>["images"] = [];
    const finish = (
      status: "done" | "failed" | "cancelled",
      error?: Extract<RunEvent, { type: "run-finished" }>["error"],
    ) =>
      tell({
        type: "run-finished",
        runId,
        status,
        images,
        timings: { loadMs: 0, encodeMs: 0, sampleMs: 0, decodeMs: 0, saveMs: 0, totalMs: performance.now() - started },
        cachedNodes: [],
        sessionsCreated: 0,
        ...(error ? { error } : {}),
      });
    for (const node of nodes) {
      if (cancelled.has(runId)) return finish("cancelled");
      tell({ type: "node-started", runId, nodeId: node.id });
      const cached = node.type === "load-model" && runs > 1;
      if (node.type === "sampler") {
        const steps = Number(node.params.steps ?? 8);
        for (let step = 1; step <= steps; step++) {
          await wait(Number(options.get("pace") ?? 250));
          if (cancelled.has(runId)) return finish("cancelled");
          if (options.has("fail") && step === 3) {
            const error = { ...(failures[options.get("fail") ?? ""] ?? outOfMemory), nodeId: node.id };
            tell({ type: "node-failed", runId, nodeId: node.id, error });
            return finish("failed", error);
          }
          const preview = await paintPicture(Number(node.params.seed ?? 0), step / steps, 64);
          tell({
            type: "node-progress",
            runId,
            nodeId: node.id,
            value: step,
            max: steps,
            preview: { dataUrl: preview.dataUrl, width: 64, height: 64 },
          });
        }
      } else await wait(cached ? 5 : 150);
      if (node.type === "image-size") {
        const warning = {
          code: "size-adjusted",
          message: "This model draws at most 256 × 256, so the picture is made at 256 × 256.",
          help: "Choose a model for larger pictures, or a smaller size.",
          nodeId: node.id,
        };
        tell({ type: "node-warning", runId, nodeId: node.id, warning });
      }
      const isOutput = findDefinition(node.type)?.isOutput;
      const made = isOutput ? await paintPicture(7 + saved.length, 1, 512) : undefined;
      if (made) pictures.set(made.hash, made.dataUrl);
      const picture = made && {
        hash: made.hash,
        width: 512,
        height: 512,
        mimeType: "image/png",
        seed: String(7 + saved.length),
      };
      if (picture) {
        images.push(picture);
        saved.push({ ...picture, path: `/mock/2026-11-21/a-picture-${picture.seed}-1.png` });
      }
      tell({
        type: "node-finished",
        runId,
        nodeId: node.id,
        cached,
        durationMs: cached ? 0 : 150,
        ...(picture ? { images: [picture] } : {}),
        ...(node.type === "load-model"
          ? { info: { model: "Z-Image Turbo", weights: "BF16", parameters: "12.4 M" } }
          : {}),
      });
    }
    finish("done");
  }

  if (options.has("offline")) setTimeout(() => setConnected(false), 1_500);
  if (options.has("restarting")) setTimeout(() => emit({ type: "engine-state", state: "restarting" }), 1_500);

  const rpc = {
    info: async () => ({
      version: "0.1.0",
      platform: "mock",
      kind: "web",
      engine: "ready",
      outputFolder: "~/Heddle",
      modelsFolder: "~/models",
      listsFolders: false,
    }),
    events: async function* () {
      const queue: HostEvent[] = [];
      let wake = () => {};
      listeners.add((event) => {
        queue.push(event);
        wake();
      });
      while (true) {
        for (let event = queue.shift(); event; event = queue.shift()) yield event;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    runs: {
      results: async () => [],
      start: async ({ document }: { document: WorkflowDocument }) => {
        const runId = `run-${++runs}`;
        tail = tail.then(() => play(runId, document));
        return { runId };
      },
      cancel: async ({ runId }: { runId: string }) => {
        cancelled.add(runId);
        return { cancelled: true };
      },
    },
    models: {
      list: async () => [
        model("starter/turbo", "Starter Turbo", "A tiny model that comes with Heddle; 8 steps", 25_000_000),
        model("starter/base", "Starter Base", "A tiny model that comes with Heddle; 25 steps", 25_000_000),
        model("z-image-turbo", "Z-Image Turbo", "6B, BF16", 12_310_000_000),
        ...LORAS.map(([name, label]) => ({ ...model(name, label, "LoRA, safetensors", 21_000_000), kind: "lora" })),
      ],
      library: async () =>
        LORAS.map(([name, label, triggerWords]) => ({ kind: "lora", name, label, triggerWords, preview: null })),
    },
    devices: {
      report: async () => ({
        processor: "Mock Processor",
        threads: 8,
        memoryBytes: 32e9,
        detectedBudgetBytes: 16e9,
        integerSpeedup: 4.1,
        devices: [
          { device: "cpu", works: true, halfPrecision: false, speed: 1, reason: null },
          { device: "webgpu", works: true, halfPrecision: true, speed: 4.5, reason: null },
          { device: "cuda", works: false, halfPrecision: false, speed: null, reason: "Failed to load shared library" },
        ],
        automatic: { device: "cpu", reason: "not-faster", factor: 1.1 },
        problem: null,
      }),
      state: async () => deviceState,
      change: async (preferences: DevicePreferences) => {
        const device = preferences.device === "auto" ? "cpu" : preferences.device;
        deviceState = { preferences, inUse: { device, fallback: null, automatic: null }, isPending: false };
        return deviceState;
      },
      plans: async ({ model }: { model: unknown }) => mockPlans(model !== null),
      choosePlans: async () => deviceState,
      smaller: async () => ({
        ...{ kind: "checkpoint", name: "z-image-turbo", label: "Z-Image Turbo", part: "transformer", plan: "h8" },
      }),
    },
    templates: {
      list: async () =>
        Object.entries<unknown>(large ? { large } : { "text-to-image": turbo, "text-to-image-base": base }).map(
          ([id, json]) => {
            const document = workflowDocumentSchema.parse(json);
            return { id, title: document.title, description: document.description ?? "", document };
          },
        ),
    },
    subgraphs: { list: async () => [], save: async () => ({ name: "" }), remove: async () => ({ removed: false }) },
    prompts: {
      wildcards: async () => ["animals", "nature/flowers"],
      countTokens: async ({ text }: { text: string }) => ({ tokens: 12 + Math.ceil(text.length / 4), limit: 512 }),
    },
    gallery: mockGallery(saved, Number(options.get("pictures") ?? 0)),
    images: {
      put: async () => {
        const { hash, dataUrl } = await paintPicture(++runs, 1, 256);
        pictures.set(hash, dataUrl);
        return { hash, width: 256, height: 256, mimeType: "image/png" };
      },
    },
  };

  return {
    rpc: rpc as unknown as Host["rpc"],
    kind: "web",
    imageUrl: (hash) => pictures.get(hash) ?? mockPictureUrl(hash),
    openFile: async () => undefined,
    saveFile: async (name) => name,
    saveTo: async (_place, name) => ({ name }),
    onConnectionChange: (listener) => {
      connection.add(listener);
      return () => connection.delete(listener);
    },
  };
}

const LORAS: readonly (readonly [name: string, label: string, triggerWords: readonly string[]])[] = [
  ["loras/ink-wash.safetensors", "Ink wash", ["ink wash style", "sumi-e"]],
  ["loras/film-grain.safetensors", "Film grain", ["film grain"]],
];

const model = (name: string, label: string, description: string, sizeBytes: number) => ({
  name,
  shortName: name,
  label,
  kind: "checkpoint" as const,
  description,
  builtIn: name.startsWith("starter/"),
  sizeBytes,
});

function mockPlans(hasModel: boolean) {
  const weights = hasModel ? 6.2e9 : 1;
  const option = (plan: string, bytes: number, relativeTime: number, decibels: number | null) => ({
    ...{ plan, memoryBytes: weights * bytes, diskBytes: plan === "reference" ? 0 : weights * bytes },
    ...{ relativeTime, decibels },
  });
  const linear = [
    option("reference", 4, 1, null),
    option("w16", 2, 0.93, 77),
    option("h8", 1, 0.35, 57),
    option("int8", 1.03, 0.54, 56),
    option("int4", 0.63, 0.79, 40),
  ];
  const automatic = hasModel ? { plan: "h8", reason: "This processor has fast 8-bit integers." } : null;
  const whole = { plan: "whole", memoryBytes: 5.4e9, diskBytes: 0, relativeTime: 1, decibels: null };
  const strips = { plan: "strips", memoryBytes: 1.5e9, diskBytes: 0, relativeTime: 1.02, decibels: 80 };
  return {
    path: hasModel ? "/mock/models/z-image-turbo" : null,
    parts: [
      { part: "transformer", automatic, options: linear },
      { part: "textEncoder", automatic, options: linear },
      { part: "vae", automatic: hasModel ? { plan: "strips", reason: "" } : null, options: [whole, strips] },
    ],
  };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
