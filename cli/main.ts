import { Command, CommanderError } from "commander";
import { toHeddleError } from "../common/errors.ts";
import { packageFacts } from "../server/package-facts.ts";
import { ExitCode, setExitCode } from "./exit-code.ts";
import { printError } from "./print.ts";

/** Each command is loaded when it is asked for: `heddle run` must not wait for the web server's modules. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  run: async () => (await import("./run.ts")).registerRun,
  inspect: async () => (await import("./inspect.ts")).registerInspect,
  validate: async () => (await import("./validate.ts")).registerValidate,
  fmt: async () => (await import("./fmt.ts")).registerFmt,
  diff: async () => (await import("./diff.ts")).registerDiff,
  import: async () => (await import("./import.ts")).registerImport,
  export: async () => (await import("./export.ts")).registerExport,
  share: async () => (await import("./share.ts")).registerShare,
  models: async () => (await import("./models.ts")).registerModels,
  keys: async () => (await import("./keys.ts")).registerKeys,
  doctor: async () => (await import("./doctor.ts")).registerDoctor,
  serve: async () => (await import("./serve.ts")).registerServe,
  app: async () => (await import("./app.ts")).registerApp,
  mcp: async () => (await import("./mcp/mcp.ts")).registerMcp,
};

/** Runs one command line; what goes wrong is printed and tells by the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("heddle")
    .description("Draws pictures with Z-Image from workflows of nodes, on this machine.")
    .version(packageFacts().version)
    .exitOverride();
  try {
    const asked = argv.slice(2).find((argument) => !argument.startsWith("-"));
    const load = asked === undefined ? undefined : commands[asked];
    const registrations = await Promise.all(load ? [load()] : Object.values(commands).map((other) => other()));
    for (const register of registrations) register(program);
    // Options after the command are its own, so commander must throw for the sub-commands as well.
    for (const command of program.commands) command.exitOverride();
    if (argv.length <= 2) program.help();
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what there is to say.
      setExitCode(error.exitCode === 0 ? ExitCode.done : ExitCode.badInput);
      return;
    }
    const known = toHeddleError(error);
    printError(known);
    setExitCode(known.code === "internal-error" ? ExitCode.failed : ExitCode.badInput);
  }
}
