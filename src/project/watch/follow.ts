/**
 * Follows files and folders on the disk: says which paths may have changed, come or gone.
 *
 * One native watch for each folder, opened before the folder is read, so that nothing that comes in between is missed, and
 * none for files. A folder that comes or goes leads to a new look at all of them. Of the libraries, chokidar 5 drops the last
 * of two saves within 50 ms (https://github.com/paulmillr/chokidar/issues/1455) and reads a whole folder for each save in it;
 * watchpack 2.6 no longer follows a folder that is removed and made again at once.
 */
import { type Dirent, type FSWatcher, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync, watch } from 'node:fs';
import path from 'node:path';
import { isInside } from '../paths.js';
import type { Watched } from '../session.js';
import { isNoise } from './noise.js';

export interface Follower {
  /** Follows these from now on, and nothing else. Gives whether a folder is watched that was not. */
  follow(watched: Watched): boolean;
  /** Looks again at the folders that came or went. To be called before files are read. */
  refresh(): void;
  close(): void;
}

/** What a follower tells. */
export interface Sightings {
  /** A file may have changed, come or gone. */
  file(file: string): void;
  /** A folder, or what leads to one, has come or gone: anything below may be new. */
  folder(folder: string): void;
  /** A folder cannot be watched. */
  failed(error: NodeJS.ErrnoException): void;
}

/** Why a folder is watched. */
interface Interest {
  /** All that is in it counts. */
  whole: boolean;
  /** Files count whose name begins with `_`. */
  bases: boolean;
  /** Names in it that stand for a followed path: its own, one of a folder above it, or of what a link leads to. */
  readonly names: Map<string, Set<string>>;
}

interface Open extends Interest {
  readonly watcher: FSWatcher;
}

/** Links in a row, more than which the system does not follow either. */
const MOST_LINKS = 40;

/**
 * Makes a follower.
 * @param base folders between it and what is followed may be replaced as well
 * @param isOwn folders that need not be followed
 */
export function createFollower(base: string, isOwn: (file: string) => boolean, sightings: Sightings, open: typeof watch = watch): Follower {
  const folders = new Map<string, Open>();
  /** Folders, and links, that came or went since they were looked at. */
  const replaced = new Set<string>();
  /** Those of them that are above followed paths. */
  const above = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  /** The followed paths that are there. */
  let present: ReadonlySet<string> = new Set();
  let roots: Watched = { files: [], folders: [], bases: [] };

  /** Opens what is wanted, and closes the rest. Gives whether anything was opened. */
  function renew(): boolean {
    const before = new Set(folders.keys());
    const wanted = new Map<string, Interest>();
    const interestIn = (folder: string): Interest | undefined => {
      const known = wanted.get(folder);
      if (known) return known;
      const watcher = watcherOf(folder);
      if (!watcher) return undefined;
      const interest = { watcher, whole: false, bases: false, names: new Map<string, Set<string>>() };
      wanted.set(folder, interest);
      folders.set(folder, interest);
      return interest;
    };
    const survey = createSurvey(base, isOwn, interestIn);
    for (const folder of roots.folders) survey.whole(folder);
    for (const folder of roots.bases) survey.bases(folder);
    for (const file of roots.files) survey.file(file);
    for (const folder of [...folders.keys()].filter((one) => !wanted.has(one))) forget(folder);
    present = new Set([...roots.folders, ...roots.files].filter((root) => statOf(root) !== undefined));
    return [...wanted.keys()].some((folder) => !before.has(folder));
  }

  /** The watch of a folder: the one that it has, or a new one where the folder may be another than it was. */
  function watcherOf(folder: string): FSWatcher | undefined {
    const known = folders.get(folder);
    if (known) return known.watcher;
    if (!statOf(folder)?.isDirectory()) return undefined;
    try {
      const watcher = open(folder, (type, name) => hear(folder, type, name));
      // On Windows a watched folder that is removed says so by an error.
      watcher.on('error', () => {
        forget(folder);
        replace(folder);
      });
      return watcher;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // It went in this moment, which the folder above tells.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') sightings.failed(error as NodeJS.ErrnoException);
      return undefined;
    }
  }

  function forget(folder: string): void {
    folders.get(folder)?.watcher.close();
    folders.delete(folder);
  }

  function replace(folder: string): void {
    replaced.add(folder);
    sightings.folder(folder);
  }

  function hear(folder: string, type: string, name: string | null): void {
    const interest = folders.get(folder);
    if (!interest) return;
    if (name === null) {
      replace(folder);
      return;
    }
    // Its own end, of which the folder above tells as well, has the name of the folder and not of a file in it.
    if (type === 'rename' && name === path.basename(folder) && !statOf(folder)) return;
    const file = path.join(folder, name);
    if (interest.whole) see(file, type);
    else if (interest.bases && name.startsWith('_')) see(file, type);
    for (const stands of interest.names.get(name) ?? []) {
      // The path itself, or what a link of that path leads to.
      if (stands === file || !isInside(stands, file)) see(stands, type);
      else if (type === 'rename') above.add(file);
    }
    if (above.size > 0) timer ??= setTimeout(refresh, 1);
  }

  /** Tells of followed paths for which a folder above them has come or gone: of those that are there, or were. */
  function tellBelow(folders: readonly string[], before: ReadonlySet<string>): void {
    const isBelow = (root: string): boolean => folders.some((folder) => isInside(root, folder));
    const isOrWas = (root: string): boolean => before.has(root) || present.has(root);
    for (const root of roots.folders.filter(isBelow)) if (isOrWas(root)) sightings.folder(root);
    for (const root of roots.files.filter(isBelow)) if (isOrWas(root)) sightings.file(root);
  }

  function refresh(): void {
    clearTimeout(timer);
    timer = undefined;
    const gone = [...replaced, ...above];
    if (gone.length === 0) return;
    for (const folder of [...folders.keys()]) if (gone.some((one) => isInside(folder, one))) forget(folder);
    const before = present;
    const moved = [...above];
    replaced.clear();
    above.clear();
    renew();
    tellBelow(moved, before);
  }

  function see(file: string, type: string): void {
    if (type === 'rename') {
      if (folders.has(file) || statOf(file)?.isDirectory()) {
        replace(file);
        return;
      }
      // It may lead elsewhere from now on.
      if (statOf(file, lstatSync)?.isSymbolicLink()) replaced.add(file);
    }
    if (!isNoise(path.basename(file))) sightings.file(file);
  }

  return {
    follow(watched) {
      roots = watched;
      return renew();
    },
    refresh,
    close() {
      clearTimeout(timer);
      for (const folder of [...folders.keys()]) forget(folder);
    },
  };
}

interface Survey {
  whole(folder: string): void;
  bases(folder: string): void;
  file(file: string): void;
}

/** Finds out which folders are of interest, and why. `interestIn` watches a folder, before it is read here. */
function createSurvey(base: string, isOwn: (file: string) => boolean, interestIn: (folder: string) => Interest | undefined): Survey {
  function listen(file: string, stands: string): void {
    const names = interestIn(path.dirname(file))?.names;
    names?.set(path.basename(file), (names.get(path.basename(file)) ?? new Set()).add(stands));
  }

  /** Listens for a path, and for the folders above it: up to the base, or to the first that is there. */
  function approach(file: string): void {
    for (let at = file; path.dirname(at) !== at; at = path.dirname(at)) {
      listen(at, file);
      const above = path.dirname(at);
      if (interestIn(above) && !(above !== base && isInside(above, base))) break;
    }
    followLinks(file, file);
  }

  /** Listens for what a link leads to, and for each link on the way. */
  function followLinks(link: string, stands: string): void {
    let at = link;
    for (let n = 0; n < MOST_LINKS && statOf(at, lstatSync)?.isSymbolicLink(); n++) {
      at = path.resolve(realOrSame(path.dirname(at)), readlinkSync(at));
      listen(at, stands);
    }
  }

  /** @param within real paths of the links that lead here, to end where they lead in a circle */
  function walk(folder: string, within: readonly string[]): void {
    const interest = interestIn(folder);
    if (!interest || interest.whole) return;
    interest.whole = true;
    for (const entry of entriesOf(folder)) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!isSkipped(entry.name) && !isOwn(file)) walk(file, within);
      } else if (entry.isSymbolicLink() && !isNoise(entry.name)) {
        followLinks(file, file);
        const real = realOrSame(file);
        const isCircle = isInside(realOrSame(folder), real) || within.includes(real);
        if (!isCircle && !isSkipped(entry.name) && statOf(file)?.isDirectory()) walk(file, [...within, real]);
      }
    }
  }

  return {
    whole(folder) {
      approach(folder);
      walk(folder, []);
    },
    bases(folder) {
      const interest = interestIn(folder);
      if (interest) interest.bases = true;
    },
    file: approach,
  };
}

/** Folders in which no source is ever looked for. */
const isSkipped = (name: string): boolean => name === 'node_modules' || name === '.git';

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It went in this moment, or may not be read: the build says so.
    return [];
  }
}

function statOf(file: string, stat: (file: string) => Stats = statSync): Stats | undefined {
  try {
    return stat(file);
  } catch {
    return undefined;
  }
}

function realOrSame(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
