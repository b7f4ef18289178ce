import type { Command } from "commander";
import { HeddleError } from "../common/errors.ts";
import { type ModelKind, modelKinds } from "../graph/definition.ts";
import type { Download, ModelDetails, ModelSource } from "../protocol/models.ts";
import type { ModelManager } from "../server/models/model-manager.ts";
import type { AddedFolder } from "../server/models/model-roots.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { note, printError, printJson } from "./print.ts";

interface DownloadOptions {
  file?: string;
  kind?: string;
  name?: string;
  limit?: string;
  withNeeds?: boolean;
  json?: boolean;
}

export function registerModels(program: Command): void {
  const models = program.command("models").description("the models on this machine, and what can be had");
  models
    .command("list")
    .description("what there is, with family, precision and size")
    .option("--kind <kind>", `only one of: ${modelKinds.join(", ")}`)
    .option("--json", "as JSON")
    .action((options: { kind?: string; json?: boolean }) => withManager((manager) => list(manager, options)));
  models
    .command("catalogue")
    .description("the Z-Image family: what can be had, its size and licence, and how it would run here")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => withManager((manager) => catalogue(manager, options)));
  models
    .command("download")
    .description("fetch a model into the models folder; goes on where an earlier attempt ended")
    .argument("<what>", "an id of the catalogue, a repository of the Hugging Face hub (owner/name), or an address")
    .option("--file <path>", "the file of the repository")
    .option("--kind <kind>", "what it is, where its name does not tell")
    .option("--name <name>", "another name for the file")
    .option("--limit <MB/s>", "megabytes per second at most")
    .option("--with-needs", "fetch also what a model of the catalogue needs")
    .option("--json", "print the result as JSON")
    .action((what: string, options: DownloadOptions) => withManager((manager) => download(manager, what, options)));
  models
    .command("verify")
    .description("read model files anew and compare them with what was published or first seen")
    .argument("[names...]", "as models list shows them; all of them without")
    .option("--json", "as JSON")
    .action((names: string[], options: { json?: boolean }) =>
      withManager((manager) => verify(manager, names, options)),
    );
  models
    .command("folders")
    .description("the folders in which models are looked for")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) =>
      withManager(async ({ roots }) => {
        const folders = roots.list().map(withPlainProblem);
        if (options.json) printJson(folders);
        else for (const { path, program: of, problem } of folders) write(`${path}  ${problem ?? of}`);
      }),
    );
  models
    .command("add-folder")
    .description("read models also in this folder: a ComfyUI or Forge installation is understood, nothing is copied")
    .argument("<path>", "the folder, or an extra_model_paths.yaml")
    .action((path: string) =>
      withManager(async (manager) => {
        const { resolve } = await import("node:path");
        const added = await manager.addFolder(path.startsWith("~") ? path : resolve(path));
        write(`${added.path}  ${added.problem?.message ?? added.program}`);
      }),
    );
  models
    .command("remove-folder")
    .description("forget a folder that was added; its files stay")
    .argument("<path>", "as models folders shows it")
    .action((path: string) =>
      withManager(async (manager) => {
        if (manager.removeFolder(path)) return;
        throw new HeddleError({
          code: "folder-unknown",
          message: `"${path}" is not a folder that was added.`,
          help: "heddle models folders lists them.",
        });
      }),
    );
}

async function withManager(work: (manager: ModelManager) => Promise<void>): Promise<void> {
  const [{ openModelManager }, { heddleFolders }] = await Promise.all([
    import("../server/models/open-model-manager.ts"),
    import("../server/services/home.ts"),
  ]);
  const manager = openModelManager({ folders: heddleFolders() });
  try {
    await work(manager);
  } finally {
    await manager.close();
  }
}

/** The library once every header has been read. */
async function wholeLibrary(manager: ModelManager): Promise<ModelDetails[]> {
  for (;;) {
    const library = await manager.library();
    if (!library.some(({ pending }) => pending)) return library;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** For programs, which read a sentence. */
const withPlainProblem = ({ problem, ...folder }: AddedFolder) => ({
  ...folder,
  ...(problem === undefined ? {} : { problem: problem.message }),
});

async function list(manager: ModelManager, { kind, json }: { kind?: string; json?: boolean }): Promise<void> {
  const wanted = kind === undefined ? undefined : kindOf(kind);
  const found = (await wholeLibrary(manager)).filter((model) => wanted === undefined || model.kind === wanted);
  if (json) return printJson(found.map((model) => ({ ...model, problem: model.problem?.message ?? null })));
  for (const { name, kind: of, family, variant, precision, sizeBytes, problem } of found) {
    const facts = [of, family, variant, precision, size(sizeBytes)].filter(Boolean).join(", ");
    write(`${name}  ${facts}${problem === null ? "" : `  (${problem.message})`}`);
  }
}

async function catalogue(manager: ModelManager, { json }: { json?: boolean }): Promise<void> {
  const entries = await manager.catalogue();
  if (json) return printJson(entries);
  for (const { id, title, sizeBytes, licence, installed, fit } of entries) {
    const runs = fit === null ? "" : `, ${fitText[fit.verdict]} (${fit.plan})`;
    write(`${id}  ${title}, ${size(sizeBytes)}, ${licence}${runs}${installed ? "  [here]" : ""}`);
  }
}

const fitText = {
  fits: "fits in memory",
  reduced: "fits in memory with small differences",
  slow: "slow: read from the disk at every step",
  "too-large": "too large for the memory",
} as const;

async function download(manager: ModelManager, what: string, options: DownloadOptions): Promise<void> {
  const orders = await ordersFor(manager, what, options);
  if (options.limit !== undefined) manager.downloads.setBandwidthLimit(Number(options.limit) * 1e6 || null);
  const ids = new Set<string>();
  for (const { kind, source, fileName } of orders) ids.add(await manager.downloads.add(kind, source, fileName));
  const stop = () => void manager.close().finally(() => process.exit(ExitCode.cancelled));
  process.once("SIGINT", stop);
  const timer = process.stderr.isTTY && !options.json ? setInterval(() => progress(mine()), 500) : undefined;
  const mine = () => manager.snapshot().downloads.filter(({ id }) => ids.has(id));
  await manager.downloads.idle();
  clearInterval(timer);
  process.off("SIGINT", stop);
  const results = mine();
  if (options.json) printJson(results.map(({ name, state, sizeBytes, error }) => ({ name, state, sizeBytes, error })));
  for (const { name, state, sizeBytes, error } of results) {
    if (error) printError(error);
    else if (!options.json) write(`${name}  ${state}, ${size(sizeBytes ?? 0)}`);
  }
  if (results.some(({ state }) => state !== "done")) setExitCode(ExitCode.failed);
}

interface Order {
  kind: ModelKind;
  source: ModelSource;
  fileName?: string;
}

async function ordersFor(
  manager: ModelManager,
  what: string,
  { file, kind, name, withNeeds }: DownloadOptions,
): Promise<Order[]> {
  const entries = await manager.catalogue();
  const entry = entries.find(({ id }) => id === what);
  if (entry) {
    const needed = withNeeds ? entries.filter(({ id, installed }) => entry.needs.includes(id) && !installed) : [];
    return [entry, ...needed].map(({ kind: of, source, fileName, licence }) => ({
      kind: of,
      source: { ...source, licence },
      fileName: of === entry.kind && name !== undefined ? name : fileName,
    }));
  }
  const { offers } = await manager.browse(what);
  const chosen = file === undefined ? offers : offers.filter(({ source }) => source.file === file);
  const [only] = chosen;
  if (only === undefined || chosen.length > 1) {
    throw new HeddleError({
      code: "file-not-chosen",
      message: only ? `"${what}" has ${chosen.length} model files.` : `"${what}" has no such model file.`,
      help: `Choose one with --file: ${
        offers
          .slice(0, 20)
          .map(({ source }) => source.file)
          .join(", ") || "there are none"
      }.`,
    });
  }
  const of = kind === undefined ? only.kind : kindOf(kind);
  if (of === null) {
    throw new HeddleError({
      code: "kind-unknown",
      message: `The name of "${only.fileName}" does not tell what it is.`,
      help: `Say it with --kind: ${modelKinds.join(", ")}.`,
    });
  }
  return [{ kind: of, source: only.source, ...(name === undefined ? {} : { fileName: name }) }];
}

function progress(downloads: readonly Download[]): void {
  const text = downloads.map(({ name, state, bytes, sizeBytes, bytesPerSecond }) => {
    const percent = sizeBytes ? `${Math.floor((bytes / sizeBytes) * 100)} %` : size(bytes);
    return `${name.split("/").at(-1)} ${state === "downloading" ? `${percent} ${size(bytesPerSecond)}/s` : state}`;
  });
  process.stderr.write(`\r\x1b[K${text.join("  ")}`);
}

async function verify(manager: ModelManager, names: string[], { json }: { json?: boolean }): Promise<void> {
  const library = (await manager.library()).filter(({ builtIn, path }) => !builtIn && /\.\w+$/.test(path));
  const unknown = names.filter((name) => !library.some((model) => model.name === name));
  if (unknown.length > 0) {
    throw new HeddleError({
      code: "model-not-found",
      message: `There is no model file "${unknown[0]}" in the models folders.`,
      help: "heddle models list shows their names.",
    });
  }
  const results = [];
  for (const { kind, name } of library) {
    if (names.length > 0 && !names.includes(name)) continue;
    const { result, sha256 } = await manager.verify(kind, name);
    results.push({ name, result, sha256 });
    if (!json) write(`${result}  ${sha256}  ${name}`);
  }
  if (json) printJson(results);
  if (results.some(({ result }) => result === "differs")) {
    setExitCode(ExitCode.failed);
    note("A file that differs is damaged or another one: remove it and fetch it again.");
  }
}

function kindOf(text: string): ModelKind {
  const kind = modelKinds.find((one) => one === text);
  if (kind) return kind;
  throw new HeddleError({
    code: "kind-unknown",
    message: `"${text}" is no kind of model.`,
    help: `Kinds are: ${modelKinds.join(", ")}.`,
    field: "kind",
  });
}

const write = (text: string) => process.stdout.write(`${text}\n`);
const size = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`);
