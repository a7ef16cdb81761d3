/** How many threads compile. Every build loads this, and the threads' own code only one that has some. */
import { availableParallelism } from 'node:os';
import type { Prepared } from '../prepare.js';
import type { Settings } from '../settings.js';

/** So many agents for each thread are worth the memory that a further thread takes: docs/performance.md, *Threads*. */
const WORTH_A_THREAD = 6000;

/** Fewer agents are never shared, whatever is asked for: one thread has compiled them before another one is there. */
const LEAST = 32;

/** @param agents how many are to be compiled */
export function threadsFor({ isHermetic, options: { jobs } }: Settings, agents: number): number {
  // Each thread runs the config, which could be of another mind each time.
  if (!isHermetic || agents < LEAST) return 1;
  return jobs ?? Math.min(availableParallelism(), Math.floor(agents / WORTH_A_THREAD));
}

/** Whether several threads may be needed, as far as can be told before it was looked where the outputs are to be. */
export function mayNeedThreads({ settings, units, ownership }: Prepared): boolean {
  const isBare = [...ownership.manifests.values()].every(({ size }) => size === 0);
  const stale = isBare ? units : units.filter(({ made }) => !made);
  return threadsFor(settings, stale.length) > 1;
}
