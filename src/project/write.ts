/** Carries a plan out. */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { groupBy } from '../group-by.js';
import { formatManifest, MANIFEST, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { isInside, slashed } from './paths.js';
import type { Plan } from './plan.js';
import type { Progress } from './settings.js';

/** A file that could not be written or removed, with the system's reason. */
export interface WriteFailure {
  readonly file: string;
  readonly reason: string;
}

/**
 * Writes, replaces and removes files. A new file is written in its place, and only where nothing has come in the meantime;
 * one that is replaced is written under another name and renamed, which costs several times as much on some disks. Before
 * the first of them a manifest is written that knows the old bytes, the new ones, and which files are new; after the last
 * one the final manifest: whenever a build is killed, the next one knows its own files. What fails is given back, and does
 * not stop the rest.
 */
export function carryOut({ files, removed, manifests }: Plan, onProgress?: Progress): WriteFailure[] {
  const failures: WriteFailure[] = [];
  let done = 0;
  const made = new Set<string>();
  const attempt = (file: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      failures.push({ file, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  };
  const changes = files.filter(({ action }) => action !== 'unchanged');
  const writeManifests = (of: (before: Manifest, after: Manifest, folder: string) => Manifest): void => {
    for (const [folder, { before, after }] of manifests) {
      const manifest = of(before, after, folder);
      const file = path.join(folder, MANIFEST);
      const known = readIfThere(file);
      const text = formatManifest(manifest);
      if (text !== known && (manifest.size > 0 || known !== undefined)) attempt(file, () => writeWhole(file, text, made));
    }
  };

  const replaced = new Map(changes.flatMap(({ file, replaces }) => [...replaces].map(([key, hash]) => [`${file}\0${key}`, hash] as const)));
  // A file with parts of several owners cannot be told by its beginning.
  const added = new Set(changes.filter(({ action, shared }) => action === 'added' && !shared).map(({ file }) => file));
  for (const folder of manifests.keys()) removeDrafts(folder, [MANIFEST]);
  for (const [folder, { before }] of manifests) removeLeftovers(folder, before);
  if (changes.length + removed.length > 0) writeManifests((before, after, folder) => duringBuild(before, after, folder, replaced, added));
  // Where nobody could say afterwards what is ours, nothing is written.
  const closed = failures.map(({ file, reason }) => ({ folder: path.dirname(file), reason }));
  const isOpen = (file: string): boolean => {
    const found = closed.find(({ folder }) => isInside(file, folder));
    if (found) failures.push({ file, reason: found.reason });
    return found === undefined;
  };
  for (const { file, content } of changes.filter((change) => isOpen(change.file))) {
    attempt(file, () => (added.has(file) ? writeNew : writeWhole)(file, content, made));
    onProgress?.(++done, changes.length + removed.length);
  }
  for (const file of removed.filter(isOpen)) {
    attempt(file, () => {
      unlinkSync(file);
      removeEmptyFolders(path.dirname(file), [...manifests.keys()]);
    });
    onProgress?.(++done, changes.length + removed.length);
  }
  const failed = new Set(failures.map(({ file }) => file));
  writeManifests((before, after, folder) => withoutFailures(before, after, folder, failed));
  return failures;
}

/** Both what is and what will be: new entries, entries with the hash of what they replace, and those that are about to go. */
function duringBuild(
  before: Manifest,
  after: Manifest,
  folder: string,
  replaced: ReadonlyMap<string, string>,
  added: ReadonlySet<string>,
): Manifest {
  const entries = [...after].map(([key, entry]): [string, ManifestEntry] => {
    const file = path.join(folder, ...pathIn(key, entry).split('/'));
    const was = replaced.get(`${file}\0${key}`);
    if (added.has(file)) return [key, { ...entry, pending: true }];
    return [key, was === undefined ? entry : { ...entry, was }];
  });
  return new Map([...before, ...entries]);
}

/** What could not be written or removed is still what it was. */
function withoutFailures(before: Manifest, after: Manifest, folder: string, failed: ReadonlySet<string>): Manifest {
  const result = new Map(after);
  for (const file of failed) {
    const failing = slashed(path.relative(folder, file));
    for (const [key, entry] of [...before, ...after]) {
      if (pathIn(key, entry) !== failing) continue;
      const old = before.get(key);
      if (old) result.set(key, old);
      else result.delete(key);
    }
  }
  return result;
}

function writeNew(file: string, content: string, made: Set<string>): void {
  makeFolder(path.dirname(file), made);
  const descriptor = openSync(file, 'wx');
  try {
    writeFileSync(descriptor, content);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function makeFolder(folder: string, made: Set<string>): void {
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true });
  made.add(folder);
}

/**
 * Writes a file under another name and renames it.
 * @param made folders that are known to be there
 * @param mode the permissions; as for any new file when absent
 */
export function writeWhole(file: string, content: string, made: Set<string>, mode?: number): void {
  const folder = path.dirname(file);
  makeFolder(folder, made);
  const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(draft, content);
    if (mode !== undefined) chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What a build that was killed left beside the files that it was replacing. */
function removeLeftovers(folder: string, before: Manifest): void {
  const open = [...before]
    .filter(([, entry]) => entry.was !== undefined || entry.pending)
    .map(([key, entry]) => path.join(folder, pathIn(key, entry)));
  for (const [at, files] of groupBy(open, path.dirname))
    removeDrafts(
      at,
      files.map((file) => path.basename(file)),
    );
}

function removeDrafts(folder: string, names: readonly string[]): void {
  for (const entry of namesIn(folder)) {
    const [, name] = /^\.(.+)\.\d+\.tmp$/.exec(entry) ?? [];
    if (name !== undefined && names.includes(name)) rmSync(path.join(folder, entry), { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Folders that are empty now, up to the given ones, which stay. */
function removeEmptyFolders(folder: string, upTo: readonly string[]): void {
  for (let at = folder; !upTo.includes(at) && upTo.some((root) => isInside(at, root)); at = path.dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
