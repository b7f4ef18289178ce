import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { drawLarge, node, setNumber, setSteps } from "./actions.ts";
import { faults } from "./axe.ts";
import { expect, type StudioHost, test } from "./fixtures.ts";

const runButton = (page: Page) => page.getByRole("button", { name: "Run", exact: true });

/** The engine is the host's only child process. */
function engineOf({ process: { pid } }: StudioHost): number {
  const isLinux = process.platform === "linux";
  const children = isLinux
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    : execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return Number.parseInt(children, 10);
}

test("a page without the token, or addressed under another name, sees nothing", async ({ host, request }) => {
  const address = new URL(host.url);
  expect((await request.get(address.origin)).status()).toBe(401);
  expect((await request.get(`${address.origin}/healthz`)).status()).toBe(200);
  expect((await request.get(host.url, { headers: { host: "evil.example" } })).status()).toBe(403);
});

test("the token leaves the address bar, and a reload still works", async ({ studio }) => {
  await expect(node(studio, "Sampler")).toBeVisible();
  expect(new URL(studio.url()).search).toBe("");
  await studio.reload();
  await expect(node(studio, "Sampler")).toBeVisible();
});

test("a killed engine fails the run on its node in clear words, and the next run works", async ({
  studio,
  host,
  context,
}) => {
  await drawLarge(studio, 20);
  await runButton(studio).click();
  await expect(node(studio, "Sampler").getByRole("progressbar")).toBeVisible();
  process.kill(engineOf(host), "SIGKILL");
  const sampler = node(studio, "Sampler");
  await expect(sampler.getByText("memory ran out", { exact: false }).first()).toBeVisible();
  await expect(sampler.getByText(/^The engine restarts by itself. Close other programs/)).toBeVisible();
  await expect(runButton(studio)).toBeVisible();

  expect(await faults(studio)).toEqual([]);

  // By key: the foot of the card may lie below the window.
  await sampler.getByRole("button", { name: "Show in log" }).press("Enter");
  const log = studio.getByRole("dialog", { name: "Log of the run" });
  await expect(log.getByText(/^[\d: APM]+Started: \d+ nodes/)).toBeVisible();
  await expect(log.getByText(/Sampler: .*memory ran out/)).toBeVisible();
  expect(await faults(studio, "[role=dialog]")).toEqual([]);
  await studio.keyboard.press("Escape");
  await expect(log).toBeHidden();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await sampler.getByRole("button", { name: "Copy report" }).press("Enter");
  await expect(studio.getByText("Report copied")).toBeVisible();
  const report = await studio.evaluate<string>("navigator.clipboard.readText()");
  expect(report).toContain("heddle-workflow");
  expect(report).toMatch(/^Heddle .+\nengine-stopped: .*memory ran out/);

  // A smaller plan is offered where the failure is: the engine starts anew with it, for this model alone.
  await setSteps(studio, 2);
  await setNumber(studio, "Image Size", "Pictures", 1);
  const smaller = studio.getByRole("alert").getByRole("button", {
    name: /^Use “.+” for the transformer and run again$/,
  });
  await expect(smaller).toHaveCount(2, { timeout: 50_000 });
  // The card may reach beyond the window: the banner above it offers the same.
  await smaller.first().click();
  await expect(node(studio, "Save Image").getByRole("img").first()).toBeVisible({ timeout: 50_000 });
  const kept = JSON.parse(readFileSync(join(host.homeFolder, "devices.json"), "utf8"));
  expect(Object.entries(kept.models)).toEqual([[expect.stringMatching(/turbo$/), { transformer: expect.any(String) }]]);

  // The model manager shows the plan, with what it costs, and takes it back.
  await studio.locator(".react-flow__pane").click({ position: { x: 5, y: 5 } });
  await studio.keyboard.press("m");
  const manager = studio.getByRole("dialog", { name: "Models" });
  await manager
    .getByRole("button", { name: /turbo.*Checkpoint/is })
    .first()
    .click();
  const plans = manager.getByRole("region", { name: "Precision on this computer" });
  await expect(plans.getByLabel("Transformer")).not.toHaveValue("");
  await plans.getByLabel("Transformer").selectOption("");
  await expect(plans.getByText(/^Memory \d+.* · exact$/).first()).toBeVisible();
  await studio.keyboard.press("Escape");
});
