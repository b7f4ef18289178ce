import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { HeddleError } from "../../common/errors.ts";
import type { ModelKind } from "../../graph/definition.ts";
import { type FileErrorCause, fileErrorCause, fileErrorReason } from "../services/file-errors.ts";
import { modelKindOfFolder } from "../services/model-folders.ts";

/** ComfyUI's own file has some dozens of lines. */
const MAX_BYTES = 256 * 1024;
const MAX_ROOTS = 500;

const fileSchema = z.record(z.string(), z.record(z.string(), z.unknown()).nullable());

/**
 * The folders that ComfyUI's `extra_model_paths.yaml` names: sections with a `base_path` and, by category, one folder or
 * several lines of them. Categories of which Heddle reads nothing (embeddings, custom nodes) are left out.
 * After ComfyUI's `utils/extra_config.py`.
 * @throws HeddleError `extra-paths-unreadable`
 */
export function extraModelPaths(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { path: string; kind: ModelKind }[] {
  const roots: { path: string; kind: ModelKind }[] = [];
  for (const section of Object.values(readSections(file))) {
    const base = typeof section?.base_path === "string" ? expand(section.base_path, environment) : "";
    for (const [category, value] of Object.entries(section ?? {})) {
      const kind = modelKindOfFolder(category);
      if (kind === undefined || typeof value !== "string") continue;
      for (const line of value.split("\n")) {
        const folder = expand(line.trim(), environment);
        if (folder === "" || roots.length >= MAX_ROOTS) continue;
        roots.push({ path: path.resolve(path.dirname(file), base, folder), kind });
      }
    }
  }
  return roots;
}

function readSections(file: string): z.infer<typeof fileSchema> {
  try {
    if (statSync(file).size > MAX_BYTES) throw unreadable(file, "too-large", "it is too large for such a file");
    // Loaded when there is such a file: every start of the engine comes by here.
    const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
    // A file that only holds comments is null.
    return fileSchema.parse(parse(readFileSync(file, "utf8"), { maxAliasCount: 10 }) ?? {});
  } catch (cause) {
    if (cause instanceof HeddleError) throw cause;
    if (cause instanceof z.ZodError) throw unreadable(file, "other-form", "it is not built like ComfyUI’s file", cause);
    throw unreadable(file, fileErrorCause(cause), fileErrorReason(cause).split("\n")[0] ?? "", cause);
  }
}

function unreadable(
  file: string,
  why: FileErrorCause | "too-large" | "other-form" | undefined,
  reason: string,
  cause?: unknown,
): HeddleError {
  return new HeddleError(
    {
      code: "extra-paths-unreadable",
      message: `"${file}" cannot be understood: ${reason}.`,
      help: "Look at it in a text editor; ComfyUI’s extra_model_paths.yaml.example shows how it is built.",
      details: { file, cause: why, why: reason },
    },
    { cause },
  );
}

/** `~`, `$NAME`, `${NAME}` and `%NAME%`, as Python's expanduser and expandvars. */
function expand(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text
    .replace(/^~(?=$|[\\/])/, homedir())
    .replace(/\$\{(\w+)\}|\$(\w+)|%(\w+)%/g, (whole, a?: string, b?: string, c?: string) => {
      return environment[a ?? b ?? c ?? ""] ?? whole;
    });
}
