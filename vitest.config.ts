import { defineConfig } from "vitest/config";
import { SlowestFirst } from "./test/slowest-first.ts";

/** Tests of these folders leave nothing behind in a process, which then serves many files: starting one takes longer than most. */
const pure = "{graph,nodes,protocol,renderer}/**/*.test.{ts,tsx}";

export default defineConfig({
  test: {
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    projects: [
      { extends: true, test: { name: "pure", include: [pure], isolate: false } },
      {
        extends: true,
        test: { name: "whole", include: ["{engine,server,client,cli,electron,bench,scripts,test}/**/*.test.{ts,tsx}"] },
      },
    ],
  },
});
