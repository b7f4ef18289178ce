import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "{engine,graph,nodes,protocol,server,client,cli,renderer,electron,bench,scripts,test}/**/*.test.{ts,tsx}",
    ],
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
