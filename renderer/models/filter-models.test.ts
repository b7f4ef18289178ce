import { expect, test } from "vitest";
import type { ModelDetails } from "../../protocol/models.ts";
import { bytesOnDisk, filterModels } from "./filter-models.ts";

const model = (label: string, more: Partial<ModelDetails> = {}): ModelDetails => ({
  ...{
    name: `loras/${label}`,
    label,
    kind: "lora",
    description: "",
    builtIn: false,
    sizeBytes: 1,
    source: "/m",
    path: "/m",
  },
  ...{
    sha256: null,
    pending: false,
    preview: null,
    lastUsed: null,
    family: "Z-Image",
    variant: null,
    precision: "BF16",
  },
  ...{ parameters: 1, title: null, triggerWords: [], problem: null },
  origin: { repository: null, file: null, revision: null, url: null, licence: null },
  ...more,
});
const models = [
  model("style-10", { sizeBytes: 5, triggerWords: ["ink drawing"] }),
  model("style-2", { sizeBytes: 9, lastUsed: "2026-01-02T00:00:00Z" }),
  model("ae", { kind: "vae", family: "Flux autoencoder", lastUsed: "2026-01-03T00:00:00Z" }),
];
const labels = (query: string, order: "name" | "size" | "used" = "name", kind: "" | "vae" = "") =>
  filterModels(models, { query, kind, order }).map(({ label }) => label);

test("words are looked for in everything that is known", () => {
  expect(labels("ink")).toEqual(["style-10"]);
  expect(labels("FLUX auto")).toEqual(["ae"]);
  expect(labels("flux ink")).toEqual([]);
  expect(labels("", "name", "vae")).toEqual(["ae"]);
});

test("by name as people count, by size, by last use", () => {
  expect(labels("")).toEqual(["ae", "style-2", "style-10"]);
  expect(labels("", "size")).toEqual(["style-2", "style-10", "ae"]);
  expect(labels("", "used")).toEqual(["ae", "style-2", "style-10"]);
});

test("counts each file once, also those of a checkpoint whose parts are listed", () => {
  const sized = (path: string, sizeBytes: number) => ({ path, sizeBytes });
  const base = [sized("/m/base", 176), ...["transformer", "vae", "text_encoder"].map((p) => sized(`/m/base/${p}`, 58))];
  expect(bytesOnDisk(base)).toBe(176);
  expect(bytesOnDisk([...base, sized("/m/base-lora", 7), sized("/m/base-lora", 7)])).toBe(183);
  expect(bytesOnDisk(base.slice(1))).toBe(174);
  expect(bytesOnDisk([sized("C:\\m\\base", 9), sized("C:\\m\\base\\vae", 3)])).toBe(9);
});
