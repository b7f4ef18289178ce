import { expect, test } from "vitest";
import type { JsonValue } from "../../graph/document.ts";
import { batchOf, picturesAt, runNode } from "../testing/run-node.ts";
import { createTestServices } from "../testing/test-services.ts";

async function tiled(params: Record<string, JsonValue>, before?: Record<string, unknown>) {
  const { model, vae } = await createTestServices().engine.openCheckpoint("/models/a");
  const { outputs } = await runNode("seamless-tiling", before ?? { model, vae }, params);
  return { plain: { model, vae }, outputs };
}

test("Seamless Tiling tells model and VAE which sides continue, and none of them takes that back", async () => {
  const sides = async (mode: string) => (await tiled({ mode })).outputs;
  expect(await sides("both")).toMatchObject({
    model: { seamless: { horizontal: true, vertical: true, tile: 256, stride: 128 } },
    vae: { seamless: { horizontal: true, vertical: true } },
  });
  expect(await sides("horizontal")).toMatchObject({ vae: { seamless: { horizontal: true, vertical: false } } });
  expect(await sides("vertical")).toMatchObject({ model: { seamless: { horizontal: false, vertical: true } } });
  const { plain, outputs } = await tiled({ mode: "none" }, await sides("both"));
  expect(outputs).toEqual(plain);
});

test("Seamless Tiling refuses tiles with gaps between them", async () => {
  const gaps = tiled({ tileSize: 64, tileStride: 72 });
  await expect(gaps).rejects.toMatchObject({ code: "tiles-apart", field: "tileStride" });
});

test("Repeat Image lays pictures beside and below each other", async () => {
  const picture = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6), seed: "7" };
  const { outputs } = await runNode("repeat-image", { image: batchOf(picture) }, { columns: 2, rows: 3 });
  const [repeated] = picturesAt(outputs);
  expect(repeated).toMatchObject({ width: 4, height: 3, seed: "7" });
  expect([...repeated!.data]).toEqual(Array.from({ length: 6 }, () => [1, 2, 3, 4, 5, 6]).flat());
});
