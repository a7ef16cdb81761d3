/**
 * Lets other threads compile. This one goes through the agents in their order, and writes: where the next one is compiled already
 * it takes what came of it, otherwise it compiles, that one or those behind it. It never waits, so a thread that cannot start or
 * dies is not missed, and nobody can see how many there were.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Making, Product } from '../make-unit.js';
import type { Prepared } from '../prepare.js';
import { keyOf } from '../project-compiler.js';
import type { BuildOptions } from '../settings.js';
import type { Unit } from '../units.js';
import { type Answer, type Assignment, bytesFor, createQueue, STRETCH } from './messages.js';

/** Threads that compile, this one with them. */
export interface Crew {
  /** Gives what comes of an agent. They must be asked for in their order. */
  readonly make: (unit: Unit) => Product;
  /** Ends the other threads. */
  dismiss(): void;
}

/**
 * Starts other threads.
 * @param threads how many threads compile, this one with them
 * @param make compiles an agent in this thread
 */
export function shareOut(threads: number, all: readonly Unit[], prepared: Prepared, making: Making, make: (unit: Unit) => Product): Crew {
  // Which outputs are withheld is known of all agents together.
  const units = all.filter(({ card }) => !prepared.linked.failed.has(card.path));
  const stretches = Math.ceil(units.length / STRETCH);
  const numbers = new Map(units.map((unit, number) => [unit, number]));
  const queue = createQueue(new SharedArrayBuffer(bytesFor(stretches)));
  // One that each thread is at, and one that waits for it.
  const ahead = 2 * threads;
  const assignment = { ...assignmentFor(units, prepared, making), queue: queue.buffer, ahead };
  const workers = Array.from({ length: Math.min(threads, stretches) - 1 }, () => startWorker(assignment));
  /** What other threads made, or this one ahead of its time, by number of agent. */
  const products = new Map<number, Product>();
  const own = new Set<number>();
  const heard = new Set<number>();
  let reached = 0;

  function take(stretch: number): boolean {
    const isOwn = queue.take(stretch);
    if (isOwn) own.add(stretch);
    return isOwn;
  }

  /** Hears what others say until they have said what they made of a stretch. What is not needed yet takes less room unheard. */
  function hear(stretch: number): boolean {
    for (const { next } of workers) {
      for (let answer = heard.has(stretch) ? undefined : next(); answer; answer = heard.has(stretch) ? undefined : next()) note(answer);
    }
    return heard.has(stretch);
  }

  function note({ stretch, products: some, seen }: Answer): void {
    heard.add(stretch);
    if (seen) prepared.takeSeen(seen);
    some.forEach((product, index) => {
      const number = stretch * STRETCH + index;
      if (product && number >= reached) products.set(number, product);
    });
  }

  /** Compiles what follows a stretch that another thread is at, until that is done. */
  function makeBehind(stretch: number): void {
    for (let next = stretch + 1; next < Math.min(stretch + ahead, stretches); next++) {
      if (hear(stretch)) return;
      if (!take(next)) continue;
      units.slice(next * STRETCH, (next + 1) * STRETCH).forEach((unit, index) => {
        products.set(next * STRETCH + index, make(unit));
      });
    }
  }

  return {
    make(unit) {
      const number = numbers.get(unit);
      if (number === undefined) return make(unit);
      const stretch = Math.floor(number / STRETCH);
      reached = number;
      if (number % STRETCH === 0) {
        queue.reach(stretch);
        if (!take(stretch)) makeBehind(stretch);
      }
      if (!own.has(stretch)) hear(stretch);
      const product = products.get(number);
      if (!product) return make(unit);
      products.delete(number);
      // Its text need not be kept any longer.
      unit.take?.();
      return product;
    },
    dismiss() {
      for (const worker of workers) worker.end();
    },
  };
}

function assignmentFor(
  units: readonly Unit[],
  { settings, templates, readable, variants }: Prepared,
  { keepsFates }: Making,
): Omit<Assignment, 'port' | 'queue' | 'ahead'> {
  return {
    options: saidIn(settings.options),
    key: keyOf(settings, templates, readable),
    files: readable,
    variants,
    keepsFates,
    agents: units.map(({ card, file, hash }) => ({ path: card.path, file, hash })),
  };
}

/** Options without those who want to be told: a function cannot go to another thread. */
const saidIn = (options: BuildOptions): BuildOptions => ({ ...options, onProgress: undefined, onWait: undefined });

interface RunningWorker {
  /** The next answer, if there is one. */
  next(): Answer | undefined;
  end(): void;
}

function startWorker(assignment: Omit<Assignment, 'port'>): RunningWorker {
  const { port1, port2 } = new MessageChannel();
  let worker: Worker | undefined;
  try {
    // What a config prints was printed once.
    worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { ...assignment, port: port2 } satisfies Assignment,
      transferList: [port2],
      stdout: true,
      stderr: true,
    });
    // What it does not do, this thread does.
    worker.on('error', () => undefined);
  } catch (error) {
    // The system has no more threads. What cannot be sent is a fault of ours.
    if ((error as Error).name === 'DataCloneError') throw error;
  }
  return {
    next: () => receiveMessageOnPort(port1)?.message as Answer | undefined,
    end() {
      port1.close();
      void worker?.terminate();
    },
  };
}
