/** What threads that share a build say to each other: plain data. Sources and trees are made in each thread. */
import type { MessagePort } from 'node:worker_threads';
import type { Product } from '../make-unit.js';
import type { SeenElsewhere } from '../prepare.js';
import type { BuildOptions } from '../settings.js';
import type { ProjectFiles } from '../sources.js';

/** What a worker is told when it starts. */
export interface Assignment {
  /** A config is a program, so each thread runs it. */
  readonly options: BuildOptions;
  /** Of settings, templates and files: a worker for which they are others has nothing to do. */
  readonly key: string;
  readonly files: ProjectFiles;
  readonly variants: readonly string[] | undefined;
  readonly keepsFates: boolean;
  readonly agents: readonly AgentToMake[];
  readonly queue: SharedArrayBuffer;
  /** How many stretches a thread may be ahead of the one that is written: what is made is kept until then. */
  readonly ahead: number;
  /** Where answers go. */
  readonly port: MessagePort;
}

export interface AgentToMake {
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  /** Of its source. */
  readonly hash: string;
}

/** What a worker says of a stretch of agents. */
export interface Answer {
  readonly stretch: number;
  /** Of each agent; `undefined` for one whose source is not what it was. */
  readonly products: readonly (Product | undefined)[];
  /** What was read and looked at, when that has become more. */
  readonly seen: SeenElsewhere | undefined;
}

/** How many agents a thread takes at once. */
export const STRETCH = 8;

/** Who makes which stretch of agents, known to all threads. */
export interface Queue {
  readonly buffer: SharedArrayBuffer;
  /** Takes a stretch, if nobody has. */
  take(stretch: number): boolean;
  /** Says that all before a stretch are written. */
  reach(stretch: number): void;
  /** Waits until a stretch is less than so many ahead. */
  wait(stretch: number, ahead: number): void;
}

export const bytesFor = (stretches: number): number => (stretches + 1) * Int32Array.BYTES_PER_ELEMENT;

export function createQueue(buffer: SharedArrayBuffer): Queue {
  /** First the stretch that is reached, then a 1 for each that is taken. */
  const cells = new Int32Array(buffer);
  return {
    buffer,
    take: (stretch) => Atomics.compareExchange(cells, stretch + 1, 0, 1) === 0,
    reach(stretch) {
      Atomics.store(cells, 0, stretch);
      Atomics.notify(cells, 0);
    },
    wait(stretch, ahead) {
      for (let reached = Atomics.load(cells, 0); stretch >= reached + ahead; reached = Atomics.load(cells, 0))
        Atomics.wait(cells, 0, reached);
    },
  };
}
