import { round, type Spread, spread } from "./statistics.ts";

export interface Cost {
  cpuSeconds: Spread;
  wallSeconds: Spread;
}

/**
 * CPU (user and system, all threads) and wall seconds of several works, run in turn so that whatever else the machine does
 * meets all of them alike; the first round is not counted. Each round begins with another one, so that none always follows
 * the same.
 */
export async function paired(works: Readonly<Record<string, () => Promise<unknown>>>, rounds: number) {
  const taken = new Map(Object.keys(works).map((name) => [name, { cpu: [] as number[], wall: [] as number[] }]));
  const all = Object.entries(works);
  for (let i = 0; i <= rounds; i++) {
    const first = i % all.length;
    for (const [name, work] of [...all.slice(first), ...all.slice(0, first)]) {
      const cpuBefore = process.cpuUsage();
      const wallBefore = performance.now();
      await work();
      const wall = (performance.now() - wallBefore) / 1e3;
      const { user, system } = process.cpuUsage(cpuBefore);
      if (i === 0) continue;
      taken.get(name)!.cpu.push((user + system) / 1e6);
      taken.get(name)!.wall.push(wall);
    }
  }
  const costs: Record<string, Cost> = {};
  for (const [name, { cpu, wall }] of taken) costs[name] = { cpuSeconds: spread(cpu), wallSeconds: spread(wall) };
  return costs;
}

/** How many times less CPU time than `base` each takes, by medians. */
export function speedups(costs: Readonly<Record<string, Cost>>, base: string): Record<string, number> {
  const of = (cost: Cost | undefined) => cost?.cpuSeconds.median ?? Number.NaN;
  return Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, round(of(costs[base]) / of(cost))]));
}

/** Does a piece of work and adds its CPU seconds to a list. */
export async function timed<T>(cpuSeconds: number[], work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  cpuSeconds.push((user + system) / 1e6);
  return result;
}
