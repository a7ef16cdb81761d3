/** Writes, replaces and removes outputs, so that a build may die at any moment. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  fstatSync,
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
import { ownStampAt, type Stamp, stampOf } from './cache/stamps.js';
import { formatJournal, formatManifest, JOURNAL, MANIFEST, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { isInside } from './paths.js';

/** A file that is to be written. */
export interface Change {
  readonly file: string;
  readonly content: string;
  readonly action: 'added' | 'changed';
  /** Others write to it as well. */
  readonly shared?: true;
  readonly target: string;
  /** The folder whose manifest lists it. */
  readonly folder: string;
  /** Its entries in the manifest as they will be, each with the hash of what it replaces. */
  readonly entries: readonly { readonly key: string; readonly entry: ManifestEntry; readonly was: string | undefined }[];
}

/** The system's word for why a file could not be written or removed. */
export type Outcome = { readonly stamp: Stamp } | { readonly reason: string };

export interface Writer {
  /**
   * Writes files. What is about to be written stands in the journal before the first of them; where it cannot, nothing is
   * written, as nobody could say afterwards what is ours. What fails does not stop the rest.
   */
  write(changes: readonly Change[]): Outcome[];
  /** Removes an output, and the folders that are empty then. Gives the reason when it cannot. */
  remove(file: string): string | undefined;
  /** Writes what is ours now, and ends the journals. Gives the manifests that cannot be written, with the reasons. */
  finish(manifests: ReadonlyMap<string, Manifest>): Map<string, string>;
}

/**
 * Begins a build: clears away what one that was killed left beside the files that it was replacing.
 *
 * A new file is written in its place, and only where nothing has come in the meantime; one that is replaced is written under
 * another name and renamed, which costs several times as much on some disks. The journal knows the old bytes, the new ones, and
 * which files are new: whenever a build is killed, the next one knows its own files.
 * @param before by folder
 */
export function createWriter(before: ReadonlyMap<string, Manifest>): Writer {
  const made = new Set<string>();
  /** Folders whose journal ends with a whole line. */
  const begun = new Set<string>();
  for (const [folder, manifest] of before) {
    removeDrafts(folder, new Set([MANIFEST]));
    removeLeftovers(folder, manifest);
  }

  /** Gives the reason when the journal of a folder cannot be written. */
  function record(folder: string, changes: readonly Change[]): string | undefined {
    const lines = changes.flatMap(({ action, shared, entries }) =>
      entries.map(({ key, entry, was }) => {
        // A file with parts of several owners cannot be told by its beginning.
        const pending = action === 'added' && !shared;
        return [key, pending ? { ...entry, pending: true as const } : { ...entry, ...(was !== undefined && { was }) }] as const;
      }),
    );
    // A line that was not written to its end is kept apart from what follows.
    const lead = begun.has(folder) ? '' : '\n';
    const reason = reasonOf(() => {
      makeFolder(folder, made);
      appendFileSync(path.join(folder, JOURNAL), lead + formatJournal(lines));
    });
    if (reason === undefined) begun.add(folder);
    else begun.delete(folder);
    return reason;
  }

  return {
    write(changes) {
      const closed = new Map([...groupBy(changes, ({ folder }) => folder)].map(([folder, of]) => [folder, record(folder, of)]));
      return changes.map(({ file, content, action, shared, folder }) => {
        const reason = closed.get(folder);
        if (reason !== undefined) return { reason };
        return attempt(() => (action === 'added' && !shared ? writeNew : writeWhole)(file, content, made));
      });
    },
    remove: (file) =>
      reasonOf(() => {
        unlinkSync(file);
        removeEmptyFolders(path.dirname(file), [...before.keys()]);
      }),
    finish(manifests) {
      const failures = new Map<string, string>();
      for (const [folder, manifest] of manifests) {
        const file = path.join(folder, MANIFEST);
        const known = readIfThere(file);
        const text = formatManifest(manifest);
        const isNews = text !== known && (manifest.size > 0 || known !== undefined);
        const reason = isNews ? reasonOf(() => writeWhole(file, text, made)) : undefined;
        if (reason !== undefined) failures.set(file, reason);
        else removeIfThere(path.join(folder, JOURNAL));
      }
      return failures;
    },
  };
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

function attempt(act: () => Stamp): Outcome {
  try {
    return { stamp: act() };
  } catch (error) {
    return { reason: codeOf(error) };
  }
}

function reasonOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function writeNew(file: string, content: string, made: Set<string>): Stamp {
  makeFolder(path.dirname(file), made);
  const descriptor = openSync(file, 'wx');
  try {
    writeFileSync(descriptor, content);
    return stampOf(fstatSync(descriptor));
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
export function writeWhole(file: string, content: string, made: Set<string>, mode?: number): Stamp {
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
  return ownStampAt(file) ?? [0, 0, 0, 0];
}

/** What a build that was killed left beside the files that it was replacing. */
function removeLeftovers(folder: string, before: Manifest): void {
  const open = [...before]
    .filter(([, entry]) => entry.was !== undefined || entry.pending)
    .map(([key, entry]) => path.join(folder, pathIn(key, entry)));
  for (const [at, files] of groupBy(open, path.dirname)) removeDrafts(at, new Set(files.map((file) => path.basename(file))));
}

function removeDrafts(folder: string, names: ReadonlySet<string>): void {
  for (const entry of namesIn(folder)) {
    const [, name] = /^\.(.+)\.\d+\.tmp$/.exec(entry) ?? [];
    if (name !== undefined && names.has(name)) rmSync(path.join(folder, entry), { force: true });
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

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It is not, or it stays: it says nothing that is not so.
  }
}
