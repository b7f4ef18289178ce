import { randomUUID } from "node:crypto";
import type { RunEvent } from "../../graph/events.ts";

const MOST_JOBS = 50;
const MOST_EVENTS = 500;

/** What one start of a job has told. */
interface Told {
  /** Another one for each start: a job that begins again tells everything again. */
  readonly epoch: string;
  readonly events: RunEvent[];
}

/**
 * What was told lately of jobs, for those who ask after them a moment too late: a short job may be over before whoever submitted
 * it listens. Progress is left out, which the next one outdates. Ids say how far somebody has heard.
 */
export class RecentEvents {
  readonly #byJob = new Map<string, Told>();

  add(job: string, event: RunEvent): void {
    if (event.type === "node-progress") return;
    const known = event.type === "run-started" ? undefined : this.#byJob.get(job);
    const told = known ?? { epoch: randomUUID().slice(0, 8), events: [] };
    if (told.events.length < MOST_EVENTS) told.events.push(event);
    this.#byJob.set(job, told);
    if (this.#byJob.size > MOST_JOBS) this.#byJob.delete(this.#byJob.keys().next().value!);
  }

  /** What came after the event with this id; everything when that is of another start, or none. */
  since(job: string, id = ""): { id: string; event: RunEvent }[] {
    const { epoch, events } = this.#byJob.get(job) ?? { epoch: "", events: [] };
    const heard = id.startsWith(`${epoch}:`) ? Number(id.slice(epoch.length + 1)) || 0 : 0;
    return events.slice(heard).map((event, index) => ({ id: `${epoch}:${heard + index + 1}`, event }));
  }

  /** Of the last event that was told; empty when there is none. */
  lastId(job: string): string {
    const told = this.#byJob.get(job);
    return told ? `${told.epoch}:${told.events.length}` : "";
  }
}
