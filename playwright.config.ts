import { defineConfig, devices } from "@playwright/test";
import { findBrowser } from "./scripts/browser.ts";

const browser = findBrowser();
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  globalSetup: "./e2e/build-studio.ts",
  // Each worker has a host and an engine of its own. Most of a test is waiting for a page, so two share two cores well.
  workers: 2,
  // Once more where a test fails: on a machine that others share a page may stand still for seconds. The summary names such tests as flaky.
  retries: 1,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  // A trace of everything that was done costs a third of the time: HEDDLE_TRACE=1 for who looks for a fault.
  use: { trace: process.env.HEDDLE_TRACE ? "retain-on-failure" : "off", screenshot: "only-on-failure" },
  projects: [
    {
      name: "web",
      testIgnore: "**/electron.spec.ts",
      use: {
        ...devices["Desktop Chrome"],
        viewport: { width: 1440, height: 900 },
        launchOptions: {
          // Chromium's sandbox does not start for root, which is who tests run as in most containers.
          chromiumSandbox: !isRoot,
          ...(browser ? { executablePath: browser.executablePath } : {}),
        },
      },
    },
    { name: "electron", testMatch: "**/electron.spec.ts" },
  ],
});
