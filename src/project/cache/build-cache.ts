/**
 * What a build knew at its end, kept for the next one: each file that it read, each output, and what came of each agent. What is
 * kept saves work and never decides anything: where it does not fit what is there, it is as if there were none.
 */
import path from 'node:path';
import type { StoredFinding } from './findings.js';
import { type InputRecord, shortHashOf } from './inputs.js';
import type { Kind, Listing } from './looks.js';
import { readSnapshot, type Snapshot, writeSnapshot } from './snapshot.js';
import type { Stamp } from './stamps.js';

/** What a build tells at its end, as far as it tells the same when nothing has changed. */
export interface KeptSummary {
  readonly folders: readonly string[];
  readonly agents: number;
  readonly variants: readonly string[];
  readonly targets: readonly string[];
  readonly files: number;
}

/** The part that says whether anything has changed. */
export interface KeptState {
  /** The options of the build, so that one build is never taken for another. */
  readonly options: string;
  /** Nothing was wrong, so that the next build would tell and do the same. */
  readonly repeats: boolean;
  readonly summary: KeptSummary;
  /** The places of outputs as they are named, and where they were in fact. */
  readonly ways: readonly (readonly [named: string, real: string])[];
  readonly findings: readonly StoredFinding[];
  readonly listed: readonly Listing[];
  readonly asked: readonly (readonly [file: string, kind: Kind])[];
  /** Absolute paths, one a line. */
  readonly inputs: string;
  readonly outputs: string;
  /** Hashes of the files whose stamps do not tell of every change: of inputs, then of outputs, by row. */
  readonly unsettled: { readonly [row: string]: string };
}

/** The state and the numbers behind it. */
export interface Kept extends Omit<KeptState, 'inputs' | 'outputs'> {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Of inputs, then of outputs. Absent: it would not tell of every later change. */
  stampOf(row: number): Stamp | undefined;
  /** What came of each agent, a line for each; none when it cannot be read. */
  lines(): readonly string[];
  /** Keeps it with stamps that tell of every later change, for rows that had none. */
  settle(stamps: ReadonlyMap<number, Stamp>): void;
}

/** The file for a build with these options. */
const cacheFile = (folder: string, options: string): string => path.join(folder, `${shortHashOf(options)}.build`);

/** @param version of the compiler: what another one kept is not ours */
export function readKept(folder: string, options: string, version: string): Kept | undefined {
  const found: Snapshot<KeptState> | undefined = readSnapshot(cacheFile(folder, options), version);
  if (!found || found.first.options !== options) return undefined;
  const { first, numbers, lines } = found;
  const stampOf = (row: number): Stamp | undefined => {
    const [a = Number.NaN, b = 0, c = 0, d = 0] = numbers.subarray(row * 4, row * 4 + 4);
    return Number.isNaN(a) ? undefined : [a, b, c, d];
  };
  const settle = (stamps: ReadonlyMap<number, Stamp>): void => {
    const settled = numbers.slice();
    for (const [row, stamp] of stamps) settled.set(stamp, row * 4);
    const unsettled = Object.fromEntries(Object.entries(first.unsettled).filter(([row]) => !stamps.has(Number(row))));
    found.rewrite({ ...first, unsettled }, settled);
  };
  return { ...first, inputs: linesOf(first.inputs), outputs: linesOf(first.outputs), stampOf, lines, settle };
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'));

/** @param outputs absolute paths of outputs, and of the files that say which are ours */
export function writeKept(
  folder: string,
  version: string,
  state: Omit<KeptState, 'inputs' | 'outputs' | 'unsettled'>,
  inputs: ReadonlyMap<string, InputRecord>,
  outputs: ReadonlyMap<string, InputRecord>,
  lines: Iterable<string>,
): void {
  const files = [...inputs.keys(), ...outputs.keys()];
  // A path with a line end in it cannot be kept.
  if (files.some((file) => file.includes('\n'))) return;
  const records = [...inputs.values(), ...outputs.values()];
  const numbers = new Float64Array(records.length * 4).fill(Number.NaN);
  const unsettled: { [row: string]: string } = {};
  records.forEach(({ stamp, hash }, row) => {
    if (stamp) numbers.set(stamp, row * 4);
    else unsettled[row] = hash;
  });
  const first: KeptState = { ...state, inputs: [...inputs.keys()].join('\n'), outputs: [...outputs.keys()].join('\n'), unsettled };
  writeSnapshot(cacheFile(folder, state.options), version, first, numbers, lines);
}
