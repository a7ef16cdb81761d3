/** One build at a time writes to a folder. */
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { LOCK } from './own-files.js';
import { codeOf } from './system-error.js';
import { UsageError } from './usage-error.js';

const WAIT_MS = 20;
/** A lock that says nothing for so long was made by a process that did not live to fill it. */
const FILLED_MS = 200;
/** The longest that a build waits for another one. */
const PATIENCE_MS = 60_000;
/** After so long it is said what is waited for. */
const SAID_MS = 1000;

/** A build that is waited for. */
export interface Wait {
  /** Absolute: the folder that it writes to. */
  readonly folder: string;
  /** The process and its machine, where they are known. */
  readonly holder: Holder;
}

interface Holder {
  readonly pid?: number;
  /** Absent for this machine. */
  readonly host?: string;
}

/** Is told once when it takes longer. */
export type OnWait = (wait: Wait) => void;

/**
 * Does something while no other build writes to the folders. A lock whose process is gone does not count. Where no lock can
 * be made, nothing can be written either, and what is done will say so. Throws a UsageError when another build takes too long.
 */
export async function withLock<T>(folders: readonly string[], act: () => T | Promise<T>, onWait?: OnWait): Promise<T> {
  const held: Held[] = [];
  const tell = once(onWait);
  try {
    // In one order for all, so that two builds never wait for each other.
    for (const folder of folders.toSorted()) held.push(...(await lock(folder, tell)));
    return await act();
  } finally {
    for (const one of held) unlock(one);
  }
}

/** The most often that something is done again because another build wrote meanwhile. */
const MOST_TRIES = 10;

/**
 * Does something that only looks at the folders, and does it again when another build wrote to them meanwhile. Nothing is
 * made for it: one may look where one may not write. One that takes too long is not waited for.
 * @param marks what is another one after each build that wrote
 */
export async function whileCalm<T>(folders: readonly string[], marks: () => string, act: () => Promise<T>, onWait?: OnWait): Promise<T> {
  const tell = once(onWait);
  for (let [tries, waited] = [1, 0]; ; tries++) {
    for (; waited < PATIENCE_MS; waited += WAIT_MS) {
      const folder = folders.find(isHeld);
      if (folder === undefined) break;
      if (waited >= SAID_MS) tell({ folder, holder: holderIn(textIn(path.join(folder, LOCK))) });
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
    const before = marks();
    const isCalm = (): boolean => tries >= MOST_TRIES || waited >= PATIENCE_MS || (!folders.some(isHeld) && marks() === before);
    try {
      const result = await act();
      if (isCalm()) return result;
    } catch (error) {
      if (isCalm()) throw error;
    }
  }
}

/** Whether a process holds the lock of a folder that can be asked about. */
function isHeld(folder: string): boolean {
  return typeof holderOf(textIn(path.join(folder, LOCK))) === 'number';
}

interface Held {
  readonly folder: string;
  /** The topmost folder that was not there before. */
  readonly made: string | undefined;
}

function once(onWait: OnWait | undefined): OnWait {
  let isTold = false;
  return (wait) => {
    if (!isTold) onWait?.(wait);
    isTold = true;
  };
}

async function lock(folder: string, tell: OnWait): Promise<Held[]> {
  const file = path.join(folder, LOCK);
  let made: string | undefined;
  for (let [waited, empty] = [0, 0]; ; waited += WAIT_MS) {
    try {
      // Each time: a build that ends may just have taken the empty folder away.
      made = mkdirSync(folder, { recursive: true }) ?? made;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || waited >= PATIENCE_MS) return [];
    }
    const outcome = take(file);
    if (outcome === 'taken') return [{ folder, made }];
    if (outcome === 'impossible') return [];
    const text = textIn(file);
    const holder = holderOf(text);
    empty = holder === 'empty' ? empty + WAIT_MS : 0;
    if (outcome === 'held' && (holder === 'gone' || empty > FILLED_MS)) {
      if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`${file} is a folder`, 'A build has its lock there. Move the folder away.');
      // Where the dead one must stay nothing can be written either.
      if (!breakOpen(file, text)) return [];
    } else if (waited >= PATIENCE_MS) {
      throw new UsageError(
        `Another build${wordsFor(holderIn(text))} has been writing to ${folder} for a minute`,
        `Wait for it. If there is none, delete ${file}.`,
      );
    } else {
      if (waited >= SAID_MS) tell({ folder, holder: holderIn(text) });
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

/** ` (process 12 on build-7)` */
export function wordsFor({ pid, host }: Holder): string {
  const words = [...(pid === undefined ? [] : [`process ${pid}`]), ...(host === undefined ? [] : [`on ${host}`])];
  return words.length > 0 ? ` (${words.join(' ')})` : '';
}

function unlock({ folder, made }: Held): void {
  try {
    unlinkSync(path.join(folder, LOCK));
    // Where nothing was written, the folders were made for the lock.
    if (made !== undefined) for (let at = folder; at.length >= made.length; at = path.dirname(at)) rmdirSync(at);
  } catch {
    // It is not empty, which is the rule.
  }
}

/** `gone`: the folder has just been taken away. */
function take(file: string): 'taken' | 'held' | 'gone' | 'impossible' {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx');
  } catch (error) {
    return ({ EEXIST: 'held', ENOENT: 'gone' } as const)[codeOf(error)] ?? 'impossible';
  }
  try {
    writeSync(descriptor, JSON.stringify({ pid: process.pid, host: hostname() }));
    return 'taken';
  } catch {
    // The disk is full.
    unlinkSync(file);
    return 'impossible';
  } finally {
    closeSync(descriptor);
  }
}

/** What a lock says; nothing when it was just made, and is not filled yet, or released in this moment. */
function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whom a lock names. It is a file like any other. */
function holderIn(text: string): Holder {
  const { pid, host } = parse(text) ?? {};
  return { ...(typeof pid === 'number' && { pid }), ...(typeof host === 'string' && host !== hostname() && { host }) };
}

/** Nothing for a text that is none of ours, or not whole yet. */
function parse(text: string): { readonly pid?: unknown; readonly host?: unknown } | undefined {
  try {
    const { pid, host } = JSON.parse(text) as { readonly pid?: unknown; readonly host?: unknown };
    return { pid, host };
  } catch {
    return undefined;
  }
}

/** The process that holds a lock; `gone` when there is none any more; `elsewhere` for one that cannot be asked about. */
function holderOf(text: string): number | 'gone' | 'empty' | 'elsewhere' {
  const holder = parse(text);
  if (!holder) return 'empty';
  if (typeof holder.pid !== 'number' || holder.host !== hostname()) return 'elsewhere';
  try {
    process.kill(holder.pid, 0);
    return holder.pid;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return codeOf(error) === 'ESRCH' ? 'gone' : holder.pid;
  }
}

/**
 * Takes a dead lock away. Another build that has found it too may be through already: its lock is put back. Says whether
 * somebody could have done it.
 */
function breakOpen(file: string, dead: string): boolean {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    renameSync(file, aside);
  } catch (error) {
    // When it is not there any more, another one was quicker.
    return codeOf(error) === 'ENOENT';
  }
  try {
    const taken = readFileSync(aside, 'utf8');
    if (taken !== dead) writeFileSync(file, taken, { flag: 'wx' });
    unlinkSync(aside);
  } catch {
    // The other one was quicker.
  }
  return true;
}
