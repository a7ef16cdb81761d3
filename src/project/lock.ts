/** One build at a time writes to a folder. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { UsageError } from './usage-error.js';

/** The name of the lock. It is there while a build plans and writes, and is left behind only by one that was killed. */
export const LOCK = '.polyagent.lock';

const WAIT_MS = 20;
/** The longest that a build waits for another one. */
const PATIENCE_MS = 60_000;

/**
 * Does something while no other build writes to the folders. A lock whose process is gone does not count. Where no lock can
 * be made, nothing can be written either, and what is done will say so. Throws a UsageError when another build takes too long.
 */
export async function withLock<T>(folders: readonly string[], act: () => T): Promise<T> {
  const held: Held[] = [];
  try {
    // In one order for all, so that two builds never wait for each other.
    for (const folder of folders.toSorted()) held.push(...(await lock(folder)));
    return act();
  } finally {
    for (const one of held) unlock(one);
  }
}

interface Held {
  readonly folder: string;
  /** The folder was not there before. */
  readonly made: boolean;
}

async function lock(folder: string): Promise<Held[]> {
  const file = path.join(folder, LOCK);
  let made: boolean;
  try {
    made = mkdirSync(folder, { recursive: true }) !== undefined;
  } catch {
    return [];
  }
  for (let waited = 0; ; waited += WAIT_MS) {
    try {
      const descriptor = openSync(file, 'wx');
      writeSync(descriptor, JSON.stringify({ pid: process.pid, host: hostname() }));
      closeSync(descriptor);
      return [{ folder, made }];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return [];
    }
    const holder = holderOf(file);
    if (holder === 'gone') breakOpen(file);
    else if (waited >= PATIENCE_MS) {
      throw new UsageError(
        `Another build${holder === undefined ? '' : ` (process ${holder})`} has been writing to ${folder} for a minute`,
        `Wait for it. If there is none, delete ${file}.`,
      );
    } else await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

function unlock({ folder, made }: Held): void {
  try {
    unlinkSync(path.join(folder, LOCK));
    // Where nothing was written, the folder was made for the lock.
    if (made) rmdirSync(folder);
  } catch {
    // It is not empty, which is the rule.
  }
}

/** The process that holds a lock; `gone` when there is none any more; `undefined` for one that cannot be asked about. */
function holderOf(file: string): number | 'gone' | undefined {
  let holder: { readonly pid?: unknown; readonly host?: unknown };
  try {
    holder = JSON.parse(readFileSync(file, 'utf8')) as typeof holder;
  } catch {
    // Just made, and not filled yet; or released in this moment.
    return undefined;
  }
  if (typeof holder.pid !== 'number' || holder.host !== hostname()) return undefined;
  try {
    process.kill(holder.pid, 0);
    return holder.pid;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : holder.pid;
  }
}

/** Takes a dead lock away. Of two builds that find it, the renaming lets one through. */
function breakOpen(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    unlinkSync(aside);
  } catch {
    // The other one was quicker.
  }
}
