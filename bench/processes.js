/** Runs whole processes, in turn, and sums up their times. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Time
 * @property {number} ms from the start to the end of the process, on the clock
 * @property {number} cpu milliseconds of work, in the process and in the kernel for it; NaN where nobody can say
 */

/** Somebody pressed Ctrl-C while a program ran. */
export class Interrupted extends Error {}

/**
 * Runs a program to its end. Throws when it ends with anything but 0.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Time & { stdout: string }}
 */
export function run([program, ...args], { cwd, env } = {}) {
  const worked = childrenCpu();
  const started = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ms = performance.now() - started;
  if (error) throw error;
  if (signal === 'SIGINT' || status === 130) throw new Interrupted('interrupted');
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status ?? signal}:\n${(stderr || stdout).slice(-1000)}`);
  return { ms, cpu: childrenCpu() - worked, stdout };
}

/**
 * Lets contenders run in turn, so that what else the machine does meets all of them.
 * @param {number} rounds
 * @param {Record<string, (round: number) => Time | undefined>} contenders nothing: it sits the round out, and all after it
 * @returns {Record<string, Time[]>} by contender, in the order of the rounds
 */
export function inTurn(rounds, contenders) {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const time = contenders[name](round);
      if (time) times[name].push(time);
    }
  }
  return times;
}

/** The middle time. */
export const middle = (times) => ({ ms: median(times.map(({ ms }) => ms)), cpu: median(times.map(({ cpu }) => cpu)) });

/** How much longer one took than another: the middle of what each round says. */
export const ratio = (times, others) => median(others.map((other, round) => times[round % times.length].ms / other.ms));

export const median = (numbers) => percentile(numbers, 0.5);

/** The smallest of `numbers` that a share of them does not exceed. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** What ended children of this process have worked so far, in milliseconds; Linux counts it in steps of ten. */
function childrenCpu() {
  try {
    // The name of the program may hold spaces and brackets. Fields 16 and 17 of proc(5) come after it, and two before it.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return Number.NaN;
  }
}
