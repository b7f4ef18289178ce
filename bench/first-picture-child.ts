/** One fresh process of the first-picture bench: runs the default template twice, the second time with another seed. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseWorkflowText } from "../graph/parse.ts";
import { createLocalServices } from "../server/services/local-services.ts";

const home = process.argv[2]!;
const template = join(import.meta.dirname, "../resources/templates/text-to-image.json");
const local = createLocalServices({
  folders: { output: join(home, "output"), images: join(home, "images"), cache: join(home, "cache") },
  previews: false,
});
const { document } = parseWorkflowText(await readFile(template, "utf8"));
const readyMs = performance.now();
const sampler = document.nodes.find(({ type }) => type === "sampler")!;

Object.assign(document.nodes.find(({ type }) => type === "image-size")!.params, {
  preset: "custom",
  width: 256,
  height: 256,
});

const runWithSeed = async (seed: number) => {
  sampler.params.seed = seed;
  const result = await local.executor.run(document, {
    runId: String(seed),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  if (result.status !== "done") throw new Error(JSON.stringify(result.error));
  return result.timings;
};
const first = await runWithSeed(1);
const second = await runWithSeed(2);
await local.dispose();
console.log(JSON.stringify({ readyMs, first, second }));
