import type { ModelKind } from "../graph/definition.ts";
import type { ParamValues } from "../graph/execution/runner.ts";
import type { NodeServices } from "./services.ts";
import { textParam } from "./values.ts";

/** What the result of a loader depends on besides its params: the file that the name leads to, and its state. */
export function modelFingerprint(
  param: string,
  kind: ModelKind,
): (services: NodeServices, params: ParamValues) => Promise<string> {
  return async ({ models }, params) => {
    const { path, identity } = await models.resolve(kind, textParam(params, param));
    return `${path}\n${identity}`;
  };
}
