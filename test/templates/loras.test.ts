import { expect, test } from "vitest";
import { difference, meanColour } from "./measure.ts";
import { openTemplates } from "./template.ts";

const template = await openTemplates();

test("lora draws neon outlines on black, which the model alone does not", async () => {
  const lora = (await template("lora")).with({ "sampler.steps": 4 });
  const brightness = async (enabled: boolean) => {
    const { saved } = await lora.with({ "lora.enabled": enabled }).draw();
    return meanColour(saved[0]!).reduce((sum, value) => sum + value, 0) / 3;
  };
  expect(await brightness(true)).toBeLessThan(0.5 * (await brightness(false)));
});

test("lora-compare draws three weights with one model, each further from none than the one before", async () => {
  const compare = (await template("lora-compare")).with(
    Object.fromEntries(
      (await template("lora-compare")).document.nodes
        .filter(({ type }) => type === "sampler")
        .map(({ id }) => [`${id}.steps`, 3]),
    ),
  );
  const { saved, sessionsCreated } = await compare.draw();
  const [none, half, full] = saved;
  expect(difference(none!, half!)).toBeGreaterThan(2);
  expect(difference(none!, full!)).toBeGreaterThan(difference(none!, half!));
  expect(sessionsCreated).toBeLessThanOrEqual(3);
});
