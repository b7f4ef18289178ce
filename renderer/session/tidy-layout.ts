import elkWorker from "elkjs/lib/elk-worker.min.js?url";
import { fromElk, type TidyRequest, type TidyResult, toElk } from "../document/tidy.ts";

/** The layout of a large workflow takes seconds: elk does it beside the window, and is loaded when it is first needed. */
export async function layOut(request: TidyRequest): Promise<TidyResult> {
  const { default: ELK } = await import("elkjs/lib/elk-api.js");
  const elk = new ELK({ workerUrl: elkWorker });
  try {
    return fromElk(request, await elk.layout(toElk(request)));
  } finally {
    elk.terminateWorker();
  }
}
