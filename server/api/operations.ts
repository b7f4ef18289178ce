import { Hono } from "hono";
import type { JobQueue } from "../queue/job-queue.ts";

/** Prometheus' text form, version 0.0.4. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What those ask who keep a host running. `/readyz` is for anybody, `/metrics` is not. */
export function createReadyApp(options: { isReady(): boolean }): Hono {
  return new Hono().get("/", (c) => (options.isReady() ? c.text("ready") : c.text("starting", 503)));
}

export function createMetricsApp(jobs: Pick<JobQueue, "counts" | "load">): Hono {
  return new Hono().get("/", (c) => {
    const { waiting, running, limit } = jobs.load;
    const memory = process.memoryUsage();
    const lines = [
      ...gauge("heddle_queue_waiting", "Jobs that wait.", waiting),
      ...gauge("heddle_queue_running", "Jobs that run.", running),
      ...gauge("heddle_queue_limit", "Jobs that may wait.", limit),
      "# HELP heddle_jobs Jobs that are remembered, by state.",
      "# TYPE heddle_jobs gauge",
      ...Object.entries(jobs.counts()).map(([state, count]) => `heddle_jobs{state="${state}"} ${count}`),
      ...gauge("process_resident_memory_bytes", "Memory of the host process; the engine has its own.", memory.rss),
      ...gauge("process_uptime_seconds", "Time since the host started.", Math.round(process.uptime())),
    ];
    c.header("Content-Type", METRICS_TYPE);
    return c.body(`${lines.join("\n")}\n`);
  });
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`];
}
