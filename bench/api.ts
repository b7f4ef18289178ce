import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HeddleClient } from "../client/heddle-client.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { noModelWorkflow } from "../server/api/testing/no-model-workflow.ts";
import { createLocalServices, type LocalServices } from "../server/services/local-services.ts";
import { freePort, ServedHost } from "./served-host.ts";
import { round, spread } from "./statistics.ts";

/** What an API job may cost more than the same workflow in process. */
const GOAL_MS = 20;

/**
 * The same workflow as an API job (submitted, its events followed to the end, its facts asked for) and in process by the
 * executor, in turn. Each run differs from all before, so that nothing is known already.
 */
export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { rounds: { type: "string", default: "30" } } });
  const rounds = Number(values.rounds);
  const home = await mkdtemp(join(tmpdir(), "heddle-bench-"));
  const host = new ServedHost(join(home, "host"), await freePort());
  const local = createLocalServices({
    folders: { output: join(home, "output"), images: join(home, "images") },
    previews: false,
  });
  try {
    await host.start();
    const client = new HeddleClient({ url: host.url });
    const withoutModel = await compare(rounds, client, local, (round) => noModelWorkflow(32 + 2 * round));
    const starter = await drawing();
    const withModel = await compare(Math.min(rounds, 12), client, local, (seed) => starter(seed));
    return {
      what: "milliseconds of a job from its submission to the knowledge of its end, and of the same run in process",
      withoutModel,
      starterTwoSteps: withModel,
      under20Ms: withoutModel.overheadMs.median < GOAL_MS && withModel.overheadMs.median < GOAL_MS,
    };
  } finally {
    host.kill();
    await local.dispose();
    await rm(home, { recursive: true, force: true });
  }
}

async function compare(
  rounds: number,
  client: HeddleClient,
  local: LocalServices,
  workflow: (round: number) => WorkflowDocument,
) {
  const [api, own]: [number[], number[]] = [[], []];
  for (let turn = 0; turn <= rounds; turn++) {
    const document = workflow(turn + 1);
    const apiMs = await timed(async () => {
      const { id } = await client.startDocument(document);
      const { state, error } = await client.wait(id);
      if (state !== "done") throw new Error(JSON.stringify(error));
    });
    const ownMs = await timed(async () => {
      const { status, error } = await local.executor.run(document, {
        runId: String(turn),
        signal: new AbortController().signal,
        onEvent: () => undefined,
      });
      if (status !== "done") throw new Error(JSON.stringify(error));
    });
    // The first loads the models.
    if (turn === 0) continue;
    api.push(apiMs);
    own.push(ownMs);
  }
  const overheadMs = spread(api.map((ms, turn) => ms - own[turn]!));
  return { apiMs: spread(api), inProcessMs: spread(own), overheadMs };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return round(performance.now() - started);
}

/** Text to image with the starter model, two steps, by its seed. */
async function drawing(): Promise<(seed: number) => WorkflowDocument> {
  const file = join(import.meta.dirname, "../resources/templates/text-to-image.json");
  const { document } = parseWorkflowText(await readFile(file, "utf8"));
  return (seed) => {
    const changed = structuredClone(document);
    Object.assign(changed.nodes.find(({ type }) => type === "sampler")!.params, { seed, steps: 2 });
    return changed;
  };
}
