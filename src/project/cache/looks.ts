/**
 * What was looked at to find the files of a project: folders that were listed, and paths that were asked for. When it all
 * looks the same, the project has the same files.
 */
import fs, { type Dirent, type Stats } from 'node:fs';
import path from 'node:path';
import { isOwnFile } from '../own-files.js';
import { hashOf } from './inputs.js';
import { isSame, isSettled, type Stamp, stampAt } from './stamps.js';

export type Kind = 'file' | 'folder' | 'none';

/** A folder that was listed. */
export interface Listing {
  readonly folder: string;
  /** Only files whose names end so were looked for; absent: all that is there. */
  readonly ending?: string | undefined;
  /** Absent when it would not tell of every later change. */
  readonly stamp: Stamp | undefined;
  /** A hash of the names in it, and of what they are. */
  readonly names: string;
}

/** What has been looked at, by absolute path. */
export interface Seen {
  readonly listed: readonly Listing[];
  readonly asked: ReadonlyMap<string, Kind>;
  /** Folders that are there and cannot be listed, each with the system's word for why. */
  readonly closed: ReadonlyMap<string, string>;
}

export interface Looks extends Seen {
  /** The calls of `node:fs` that find files, which remember what they were asked. */
  readonly fs: typeof fs;
  /** What a path leads to. */
  kindOf(file: string): Kind;
  /** The names in a folder that end so; none where there is no folder, or one that cannot be listed. */
  namesIn(folder: string, ending: string): readonly string[];
  /** Takes over what was looked at in another thread. */
  take(others: Seen): void;
}

export function createLooks(): Looks {
  const listed = new Map<string, Listing>();
  const asked = new Map<string, Kind>();
  const closed = new Map<string, string>();

  const keep = (listing: Listing): void => void listed.set(`${listing.folder}\0${listing.ending ?? ''}`, listing);

  /** Before it is listed, so that what comes later is seen as later. */
  function list(folder: string, ending?: string): readonly Dirent[] {
    const now = Date.now();
    const stamp = stampAt(folder);
    const entries = entriesIn(folder);
    const settled = stamp && isSettled(stamp, now) ? stamp : undefined;
    keep({ folder, ending, stamp: settled, names: namesOf(folder, entries, ending) });
    return entries;
  }

  function entriesIn(folder: string): readonly Dirent[] {
    try {
      return fs.readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && code !== 'ENOENT' && code !== 'ENOTDIR') closed.set(path.resolve(folder), code);
      throw error;
    }
  }

  function readdirSync(folder: string, options?: { withFileTypes?: boolean }): unknown {
    const entries = list(folder);
    return options?.withFileTypes ? entries : entries.map(({ name }) => name);
  }

  function kindOf(file: string): Kind {
    const kind = kindAt(file);
    asked.set(file, kind);
    return kind;
  }

  return {
    get listed() {
      return [...listed.values()];
    },
    asked,
    closed,
    fs: { ...fs, readdirSync } as typeof fs,
    kindOf,
    namesIn(folder, ending) {
      try {
        return (kindOf(folder) === 'folder' ? list(folder, ending) : []).flatMap(({ name }) => (name.endsWith(ending) ? [name] : []));
      } catch {
        return [];
      }
    },
    take(others) {
      for (const listing of others.listed) keep(listing);
      for (const [file, kind] of others.asked) asked.set(file, kind);
      for (const [folder, code] of others.closed) closed.set(folder, code);
    },
  };
}

/** Whether everything still looks as it did. */
export function looksTheSame({ listed, asked }: Pick<Seen, 'listed' | 'asked'>): boolean {
  for (const listing of listed) if (!isListed(listing)) return false;
  for (const [file, kind] of asked) if (kindAt(file) !== kind) return false;
  return true;
}

function isListed({ folder, ending, stamp, names }: Listing): boolean {
  const now = stampAt(folder);
  if (!now) return false;
  if (stamp && isSame(stamp, now)) return true;
  // A lock that came and went is no change.
  try {
    return namesOf(folder, fs.readdirSync(folder, { withFileTypes: true }), ending) === names;
  } catch {
    return false;
  }
}

function kindAt(file: string): Kind {
  let stat: Stats | undefined;
  try {
    stat = fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    // A link in a circle, a folder that cannot be entered: whatever it is, reading it says so.
    return 'file';
  }
  if (stat) return stat.isDirectory() ? 'folder' : 'file';
  // A link that leads nowhere is there all the same.
  return fs.lstatSync(file, { throwIfNoEntry: false }) ? 'file' : 'none';
}

function namesOf(folder: string, entries: readonly Dirent[], ending = ''): string {
  const names = entries
    .filter(({ name }) => name.endsWith(ending) && !isOwnFile(name))
    .map((entry) => `${entry.name}\0${entry.isDirectory() ? 'd' : entry.isSymbolicLink() ? kindAt(path.join(folder, entry.name)) : ''}`);
  return hashOf(names.sort().join('\n'));
}
