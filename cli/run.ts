import { createHash } from "node:crypto";
import path from "node:path";
import type { Command } from "commander";
import type { ErrorPayload } from "../common/errors.ts";
import { HeddleError } from "../common/errors.ts";
import type { WorkflowDocument } from "../graph/document.ts";
import type { RunEvent } from "../graph/events.ts";
import { errorsOf, validateWorkflow } from "../graph/validate.ts";
import { imageToJson, parseSeed, seedToJson } from "../graph/values.ts";
import { findDefinition } from "../nodes/definitions.ts";
import type { PictureFile } from "../nodes/picture-file.ts";
import type { EngineSettings } from "../server/engine-process/engine-settings.ts";
import type { LocalServices, LocalServicesOptions } from "../server/services/local-services.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import type { EngineOptions } from "./own-engine.ts";
import { note, printError, printJson, printProblems, printWarning } from "./print.ts";
import { ProgressBar } from "./progress-bar.ts";
import { applySettings } from "./settings.ts";
import { isWatched } from "./watched.ts";
import { readWholeFile, readWorkflowFile } from "./workflow-file.ts";

type RunFinished = Extract<RunEvent, { type: "run-finished" }>;

interface RunCommandOptions extends EngineOptions {
  set: string[];
  out?: string;
  json?: boolean;
  server?: string;
}

export function registerRun(program: Command): void {
  program
    .command("run")
    .description("run a workflow, or the one inside a picture, and save its pictures")
    .argument("<file>", "workflow (.json), or a picture that Heddle saved")
    .option("--set <node.param=value>", "change a setting; may be given several times", collect, [])
    .option("--out <folder>", "save pictures here instead of the usual output folder")
    .option("--server <url>", "run it on the Heddle at this address (as heddle serve prints it); pictures come here")
    .option("--device <name>", "compute with this device instead of the one that is set: cpu, webgpu, …")
    .option("--precision <plan>", "in this precision instead of the one that is set: reference, h8, int8, …")
    .option("--memory <GB>", "with so much memory for models instead of what is set")
    .option("--json", "print the result as JSON also on a terminal")
    .action((file: string, options: RunCommandOptions) => runWorkflow(file, options));
}

const collect = (value: string, previous: string[]) => [...previous, value];

/** `createServices` is what runs it; tests put another engine there. */
export async function runWorkflow(
  file: string,
  options: RunCommandOptions,
  createServices: (options: LocalServicesOptions) => Promise<LocalServices> = loadLocalServices,
): Promise<void> {
  const json = options.json === true || !process.stdout.isTTY;
  const pictures: PictureFile[] = [];
  const document = await readChecked(file, options, json, pictures);
  const engine = document && options.server === undefined ? await readEngine(options, json) : undefined;
  if (engine === "ended") return;
  if (!document || (options.server === undefined && !engine)) return setExitCode(ExitCode.badInput);
  if (options.server !== undefined)
    return runElsewhere(document, pictures, { ...options, server: options.server }, json);
  const output = options.out === undefined ? {} : { output: path.resolve(options.out) };
  const local = await createServices({ folders: output, previews: false, ...(engine ? { engine } : {}) });
  try {
    for (const { bytes, facts } of pictures) await local.services.images.keep(bytes, facts);
    const finished = await runOnce(local, document, json);
    if (json) printJson(await resultOf(finished, local));
    else tell(finished);
    if (finished.status === "failed") setExitCode(ExitCode.failed);
    if (finished.status === "cancelled") setExitCode(ExitCode.cancelled);
  } finally {
    await local.dispose();
  }
}

async function runElsewhere(
  document: WorkflowDocument,
  pictures: PictureFile[],
  { server, out = "." }: RunCommandOptions & { server: string },
  json: boolean,
): Promise<void> {
  const { runOnServer } = await import("./run-on-server.ts");
  const result = await watched(document, json, (signal, onEvent) =>
    runOnServer(document, { server, pictures, outputFolder: path.resolve(out), signal, onEvent }),
  );
  if (json) printJson(result);
  else for (const image of result.images) process.stdout.write(`${image.path}  ${image.width} × ${image.height}\n`);
  if (result.error) printError(result.error);
  if (result.status === "failed") setExitCode(ExitCode.failed);
  if (result.status === "cancelled") setExitCode(ExitCode.cancelled);
}

/** The engine's modules take a while to load; a workflow with mistakes should not wait for them. */
async function loadLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const { createLocalServices } = await import("../server/services/local-services.ts");
  return createLocalServices(options);
}

/**
 * The document, ready to run; `undefined` when it cannot run, which has been told. Pictures that the settings name are added
 * to `pictures`, for the store.
 */
async function readChecked(
  file: string,
  options: RunCommandOptions,
  json: boolean,
  pictures: PictureFile[],
): Promise<WorkflowDocument | undefined> {
  try {
    refuseEngineOptions(options);
    const { document, repairs, report } = await readWorkflowFile(file);
    const isTold = isWatched();
    if (report && !isTold) note(report.summary);
    if (!isTold) for (const repair of repairs) printWarning(repair);
    const changed = await applySettings(document, options.set, findDefinition, async (path) => {
      const picture = await readPicture(path);
      pictures.push(picture);
      return imageToJson(createHash("sha256").update(picture.bytes).digest("hex"));
    });
    const problems = validateWorkflow(changed, findDefinition);
    const errors = errorsOf(problems);
    printProblems(isTold ? errors : problems);
    if (errors.length === 0) return changed;
    if (json) printJson({ problems });
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    printError(error);
    if (json) printJson({ error: error.toPayload() });
  }
  return undefined;
}

/** @throws HeddleError `bad-setting`: another machine computes as it is set there */
function refuseEngineOptions({ server, device, precision, memory }: RunCommandOptions): void {
  if (server === undefined || (device ?? precision ?? memory) === undefined) return;
  throw new HeddleError({
    code: "bad-setting",
    message: "--device, --precision and --memory are for runs in this process.",
    help: "Leave them away, or leave --server away. A server computes as its Settings > Devices say.",
  });
}

/**
 * How this process is to compute; `undefined` when it cannot, which has been told. Another device than the processor computes
 * in a process of its own, watched by this one: `"ended"` when it has.
 */
async function readEngine(options: RunCommandOptions, json: boolean): Promise<EngineSettings | "ended" | undefined> {
  try {
    const { runApart, settingsFromWatcher } = await import("./run-apart.ts");
    const told = settingsFromWatcher();
    if (told !== undefined) return told;
    const { settings, crashed } = await (await import("./own-engine.ts")).ownEngine(options);
    if ((settings.device ?? "cpu") === "cpu") return settings;
    const ended = await runApart(settings);
    if (ended !== undefined) {
      const error = crashed(ended);
      printError(error);
      if (json) printJson({ error: error.toPayload() });
      setExitCode(ExitCode.failed);
    }
    return "ended";
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    printError(error);
    if (json) printJson({ error: error.toPayload() });
    return undefined;
  }
}

async function readPicture(file: string): Promise<PictureFile> {
  const [bytes, { checkPictureFile }] = await Promise.all([readWholeFile(file), import("../nodes/picture-file.ts")]);
  try {
    return await checkPictureFile(bytes);
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    throw new HeddleError({ ...error.toPayload(), message: `"${file}": ${error.message}` }, { cause: error });
  }
}

function runOnce(local: LocalServices, document: WorkflowDocument, json: boolean): Promise<RunFinished> {
  return watched(document, json, (signal, onEvent) =>
    local.executor.run(document, { runId: "terminal", signal, onEvent }),
  );
}

/** Runs `work` with its progress on the terminal, until it ends or Ctrl+C cancels it. */
async function watched<T>(
  document: WorkflowDocument,
  json: boolean,
  work: (signal: AbortSignal, onEvent: (event: RunEvent) => void) => Promise<T>,
): Promise<T> {
  const titles = new Map(
    document.nodes.map(({ id, title, type }) => [id, title ?? findDefinition(type)?.title ?? type]),
  );
  const bar = !json && process.stderr.isTTY ? new ProgressBar(process.stderr, (id) => titles.get(id) ?? id) : undefined;
  const controller = new AbortController();
  let askedAt = Number.NEGATIVE_INFINITY;
  const cancel = () => {
    const isSameWish = performance.now() - askedAt < ONE_WISH_MS;
    askedAt = performance.now();
    // The second time somebody insists.
    if (controller.signal.aborted && !isSameWish) process.exit(ExitCode.cancelled);
    controller.abort();
  };
  process.on("SIGINT", cancel);
  process.on("SIGTERM", cancel);
  try {
    return await work(controller.signal, (event) => {
      bar?.show(event);
      if (event.type === "node-warning") printWarning(event.warning);
      if (event.type === "node-failed") printError(event.error);
    });
  } finally {
    process.off("SIGINT", cancel);
    process.off("SIGTERM", cancel);
  }
}

/** One Ctrl+C may come twice: from the terminal, and from the program that this one was started by. */
const ONE_WISH_MS = 500;

interface RunResult {
  images: { path: string; width: number; height: number; seed?: number | string }[];
  timings: RunFinished["timings"];
  cachedNodes: string[];
  status?: "failed" | "cancelled";
  error?: ErrorPayload;
}

/** What programs get. Pictures that were only previewed are named by their place in the image store. */
async function resultOf(finished: RunFinished, { services }: LocalServices): Promise<RunResult> {
  const images: RunResult["images"] = [];
  for (const { hash, path: saved, width, height, seed } of finished.images) {
    const place = saved ?? (await services.images.find(hash))?.path;
    const exactSeed = parseSeed(seed);
    if (place === undefined) continue;
    images.push({ path: place, width, height, ...(exactSeed === undefined ? {} : { seed: seedToJson(exactSeed) }) });
  }
  return {
    images,
    timings: finished.timings,
    cachedNodes: finished.cachedNodes,
    ...(finished.status === "done" ? {} : { status: finished.status }),
    ...(finished.error ? { error: finished.error } : {}),
  };
}

function tell({ status, images, timings }: RunFinished): void {
  for (const { path: saved, width, height } of images) {
    if (saved !== undefined) process.stdout.write(`${saved}  ${width} × ${height}\n`);
  }
  const seconds = (timings.totalMs / 1000).toFixed(1);
  if (status === "done") note(`Done in ${seconds} s.`);
  if (status === "cancelled") note(`Cancelled after ${seconds} s.`);
}
