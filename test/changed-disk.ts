/**
 * The calls of `node:fs` that change the disk, so that a test can count them, fail them, or let the process die in one of them.
 * A death is played in this process: the change is made in part, and from then on nothing changes any more.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

/** Those that the project uses; a test sees to it that these are all. */
export const CHANGES = [
  'appendFileSync',
  'chmodSync',
  'mkdirSync',
  'mkdtempSync',
  'openSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
] as const;

type Name = (typeof CHANGES)[number];

/** A call that changes the disk. */
export interface DiskChange {
  readonly name: Name;
  /** The path; of a rename, the one that is replaced; the last one that was opened when the call has a descriptor. */
  readonly file: string;
  /** Makes the change. */
  readonly make: () => unknown;
  /** Makes the change up to a byte; of what has no bytes, nothing. */
  readonly makePart: (cut: (length: number) => number) => void;
}

const original = Object.fromEntries(CHANGES.map((name) => [name, fs[name]]));
const OWN_PID = process.pid;

/** Has every change of the disk made by a function, until `restoreDisk`. */
export function patchDisk(play: (change: DiskChange) => unknown): void {
  /** Some of the calls are made of others. */
  let inside = false;
  let opened = '';
  for (const name of CHANGES) {
    const real = original[name] as (...args: unknown[]) => unknown;
    const patched = (...args: unknown[]): unknown => {
      if (inside || (name === 'openSync' && !/[wa+]/.test(String(args[1] ?? 'r')))) return real(...args);
      const bare = (...given: unknown[]): unknown => {
        inside = true;
        try {
          return real(...given);
        } finally {
          inside = false;
        }
      };
      const [first, second, ...rest] = args;
      if (name === 'openSync') opened = String(first);
      const file = name === 'renameSync' ? String(second) : typeof first === 'number' ? opened : String(first);
      return play({
        name,
        file,
        make: () => bare(...args),
        makePart(cut) {
          if (name === 'mkdirSync' && !fs.existsSync(file)) bare(firstMissing(file));
          if (name !== 'writeFileSync' && name !== 'appendFileSync' && name !== 'writeSync') return;
          const bytes = typeof second === 'string' ? Buffer.from(second) : Buffer.from(second as Uint8Array);
          bare(first, bytes.subarray(0, cut(bytes.length)), ...(name === 'writeSync' ? [] : rest));
        },
      });
    };
    Object.assign(fs, { [name]: patched });
  }
  syncBuiltinESMExports();
}

/** The topmost folder that is not there of those that a folder needs. */
function firstMissing(folder: string): string {
  const above = path.dirname(folder);
  return fs.existsSync(above) ? folder : firstMissing(above);
}

export function restoreDisk(): void {
  Object.assign(fs, original);
  syncBuiltinESMExports();
  Object.defineProperty(process, 'pid', { value: OWN_PID, configurable: true });
}

class Died extends Error {}

/** How much of the last change a process makes: its bytes up to a page of memory, which are none of a short file; some; or all. */
export type Death = 'page' | 'half' | 'after';

/** Bytes are handed to the system by the page: a kill comes between two of them. */
const PAGE = 4096;

const CUTS: { readonly [how in Exclude<Death, 'after'>]: (n: number) => (length: number) => number } = {
  page: () => (length) => (length > PAGE ? Math.floor((length - 1) / PAGE) * PAGE : 0),
  // Somewhere: sooner in one file, later in another one.
  half: (n) => (length) => Math.floor(length * ((n * 0.37) % 1)),
};

/** Lets the process, which has another id from now on, die at the n-th change of the disk. Gives the number of changes that were asked for. */
export function dieAt(n: number, how: Death): () => number {
  let count = 0;
  Object.defineProperty(process, 'pid', { value: 2 ** 30 + n, configurable: true });
  patchDisk(({ make, makePart }) => {
    count++;
    if (count > n) throw new Died();
    if (count < n) return make();
    if (how === 'after') make();
    else makePart(CUTS[how](n));
    throw new Died();
  });
  return () => count;
}

/** An error as the system throws it. */
export function systemError(code: string, syscall: string, file: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall} '${file}'`), { code, syscall, path: file });
}
