import { availableParallelism, cpus, totalmem } from "node:os";
import type { Command } from "commander";
import type { DeviceReport } from "../engine/runtime/try-device.ts";
import { heddleFolders } from "../server/services/home.ts";
import { printJson } from "./print.ts";

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("tell what this machine can compute with, and what derived weights take of the disk")
    .option("--clean", "remove derived weights that nothing will use: of models that are gone or have changed")
    .option("--json", "as JSON")
    .action(async (options: { clean?: boolean; json?: boolean }) => {
      // Only here: the runtime takes time to load, and `heddle --help` asks for every command.
      const { DerivedStore } = await import("../engine/precision/derived-store.ts");
      const { examineMachine } = await import("../engine/runtime/try-device.ts");
      const store = new DerivedStore(heddleFolders().cache);
      const freedBytes = options.clean ? await store.removeStale() : undefined;
      const { automaticText, chooseDevice } = await import("../engine/runtime/choose-device.ts");
      const machine = await examineMachine();
      const facts = {
        processor: cpus()[0]?.model.trim() ?? "unknown",
        threads: availableParallelism(),
        memoryBytes: totalmem(),
        ...machine,
        automatic: chooseDevice(machine),
        derivedWeights: await store.list(),
        ...(freedBytes !== undefined && { freedBytes }),
      };
      if (options.json) return printJson(facts);
      const { saturates, speedup } = facts.integerProducts;
      const lines = [
        `Processor: ${facts.processor}, ${facts.threads} threads, ${gigabytes(facts.memoryBytes)} of memory`,
        `8-bit products: ${speedup.toFixed(1)} times as fast as float32${saturates ? "; the fast ones saturate, so exact ones are used" : ""}`,
        "Devices:",
        ...facts.devices.map((report) => `  ${describeDevice(report)}`),
        `Chosen by itself: ${automaticText(facts.automatic)}`,
        facts.derivedWeights.length === 0 ? "Derived weights: none" : "Derived weights:",
        ...facts.derivedWeights.map(
          ({ plan, source, bytes, isStale }) =>
            `  ${gigabytes(bytes)}  ${plan || "damaged"}  ${source}${isStale ? "  (nothing will use it: heddle doctor --clean)" : ""}`,
        ),
        ...(freedBytes === undefined ? [] : [`Freed ${gigabytes(freedBytes)}.`]),
      ];
      process.stdout.write(`${lines.join("\n")}\n`);
    });
}

function describeDevice(report: DeviceReport): string {
  const { device, bundled } = report;
  if (report.works) return `${device}: works${report.halfPrecision ? ", also in half precision" : ""}`;
  return `${device}: cannot be used${bundled ? "" : " (does not come with Heddle)"}: ${report.reason}`;
}
