import type { ErrorPayload } from "../../common/errors.ts";
import type { NodeRunner, ParamValues, PortValues } from "../../graph/execution/runner.ts";
import type { NodeServices } from "../services.ts";
import { createTestServices } from "./test-services.ts";

/** Runs one node by itself; `info` and `warnings` are what it told. */
export async function runNode(
  runner: NodeRunner<NodeServices>,
  {
    inputs = {},
    params = {},
    pictures = {},
    services = createTestServices().services,
  }: {
    inputs?: PortValues;
    params?: ParamValues;
    /** In the image store, by hash. */
    pictures?: Record<string, Uint8Array>;
    services?: NodeServices;
  },
) {
  const info: Record<string, string | number | boolean> = {};
  const warnings: ErrorPayload[] = [];
  const read = async (hash: string) => pictures[hash] ?? services.images.read(hash);
  const outputs = await runner.run(
    {
      nodeId: "node",
      services: { ...services, images: { ...services.images, read } },
      signal: new AbortController().signal,
      workflow: {},
      progress: () => {},
      warn: (warning) => warnings.push(warning),
      info: (facts) => Object.assign(info, facts),
      images: () => {},
      timed: (_part, work) => work(),
    },
    inputs,
    params,
  );
  return { outputs, info, warnings };
}
