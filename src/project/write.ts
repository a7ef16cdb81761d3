/** Writes, replaces and removes outputs, so that a build may die at any moment. */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
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
import { hashOf } from './cache/inputs.js';
import { isSame, ownStampAt, type Stamp, stampOf } from './cache/stamps.js';
import type { Content } from './content.js';
import { formatJournal, formatManifest, hashBehindLineEnds, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { JOURNAL, LOCK, MANIFEST } from './own-files.js';
import type { Ownership } from './ownership.js';
import { isInside, pathFrom } from './paths.js';
import { codeOf } from './system-error.js';

/** A file that is to be written. */
export interface Change {
  readonly file: string;
  readonly content: Content;
  readonly action: 'added' | 'changed';
  /** Of a new file: the hashes of its beginnings. Absent for one that others write to as well: that is not told by them. */
  readonly pending?: readonly string[] | undefined;
  /** Of a file that is replaced: its stamp when it was looked at, if that tells of every later change. */
  readonly seen?: Stamp | undefined;
  /** Others write to it as well. */
  readonly shared?: true;
  /** The folder whose manifest lists it. */
  readonly folder: string;
  /** Its entries in the manifest as they will be, each with the hash of what it replaces. */
  readonly entries: readonly { readonly key: string; readonly entry: ManifestEntry; readonly was: string | undefined }[];
}

/**
 * How it went: with the stamp of what was written, or the system's word for why it was not. `meanwhile`: since it was planned,
 * somebody else wrote there.
 */
export type Outcome = { readonly stamp: Stamp } | { readonly reason: string; readonly meanwhile?: true };

export interface Writer {
  /**
   * Writes files. What is about to be written stands in the journal before the first of them; where it cannot, nothing is
   * written, as nobody could say afterwards what is ours. What fails does not stop the rest.
   */
  write(changes: readonly Change[]): Outcome[];
  /** Removes an output, and the folders that are empty then. Gives the reason when it cannot. */
  remove(file: string): string | undefined;
  /** Removes the folders that are empty without an output that has gone: a build may have been killed over it. */
  tidy(file: string): void;
  /**
   * Writes what is ours now: the manifests, which ends their journals; or into the journals, when more is to come. Gives the
   * files that cannot be written, with the reasons.
   */
  finish(ownership: Ownership, into: 'manifests' | 'journals'): Map<string, string>;
}

/** Clears away what a build that was killed left beside the files that it was replacing. */
export function clearDrafts(manifests: ReadonlyMap<string, Manifest>): void {
  for (const [folder, manifest] of manifests) {
    removeDrafts(folder, new Set([MANIFEST, LOCK]));
    removeLeftovers(folder, manifest);
  }
}

/**
 * A new file is written in its place, and only where nothing has come in the meantime; one that is replaced is written under
 * another name and renamed, which costs several times as much on some disks. The journal knows the old bytes, the new ones, and
 * which files are new: whenever a build is killed, the next one knows its own files.
 * @param folders those with a manifest
 * @param project the project whose config says where outputs lie; absent when the command line does
 */
export function createWriter(folders: readonly string[], project?: string): Writer {
  const made = new Set<string>();
  /** Folders whose journal ends with a whole line. */
  const begun = new Set<string>();

  /** Gives the reason when the journal of a folder cannot be written. */
  function record(folder: string, changes: readonly Change[]): string | undefined {
    const lines = changes.flatMap(({ pending, entries }) =>
      entries.map(
        ({ key, entry, was }) => [key, pending ? { ...entry, pending } : { ...entry, ...(was !== undefined && { was }) }] as const,
      ),
    );
    return append(folder, lines);
  }

  function append(folder: string, lines: Parameters<typeof formatJournal>[0]): string | undefined {
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
      return changes.map(({ file, content, action, seen, shared, folder, entries }) => {
        const reason = closed.get(folder);
        if (reason !== undefined) return { reason: `${JOURNAL}, which is written first, gives ${reason}` };
        // The parts of a shared file were read a moment ago.
        if (action === 'changed' && !shared && isEdited(file, entries[0]?.was, seen)) {
          return { reason: 'it was changed while the build ran', meanwhile: true };
        }
        if (action === 'added' && !shared) return attempt(() => writeNew(file, content, made));
        return attempt(() => writeWhole(file, content, made, modeOf(file)));
      });
    },
    remove: (file) =>
      reasonOf(() => {
        unlinkSync(file);
        removeEmptyFolders(path.dirname(file), folders);
      }),
    tidy: (file) => removeEmptyFolders(path.dirname(file), folders),
    finish({ manifests, takeNotes }, into) {
      const failures = new Map<string, string>();
      const notes = takeNotes();
      if (into === 'journals') {
        for (const [folder, lines] of notes) {
          const reason = append(folder, [...lines]);
          if (reason !== undefined) failures.set(path.join(folder, JOURNAL), reason);
        }
        return failures;
      }
      for (const [folder, manifest] of manifests) {
        // What a journal of an earlier build says is not in the manifest yet.
        if (!notes.has(folder) && !existsSync(path.join(folder, JOURNAL))) continue;
        const file = path.join(folder, MANIFEST);
        const reason = reasonOf(() => writeWhole(file, formatManifest(manifest, project && (pathFrom(folder, project) || '.')), made));
        if (reason !== undefined) failures.set(file, reason);
        else removeIfThere(path.join(folder, JOURNAL));
      }
      return failures;
    },
  };
}

function attempt(act: () => Stamp): Outcome {
  try {
    return { stamp: act() };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') return { reason: 'it came while the build ran', meanwhile: true };
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

/**
 * Whether a file is not any more what was found there. No clock is asked, as that of the file system may be another.
 * @param seen the stamp that was found
 */
function isEdited(file: string, was: string | undefined, seen: Stamp | undefined): boolean {
  try {
    const stamp = stampOf(lstatSync(file));
    if (seen && isSame(seen, stamp)) return false;
    const bytes = readFileSync(file);
    return hashOf(bytes) !== was && (was === undefined || hashBehindLineEnds({ hash: was }, bytes) === undefined);
  } catch {
    // It is gone: there is nothing to lose.
    return false;
  }
}

function writeNew(file: string, content: Content, made: Set<string>): Stamp {
  makeFolder(path.dirname(file), made);
  try {
    // With the encoding said, Node opens, writes and closes in one call.
    writeFileSync(file, content, { encoding: 'utf8', flag: 'wx' });
  } catch (error) {
    // What could not be opened is not ours.
    if ((error as NodeJS.ErrnoException).syscall !== 'open') rmSync(file, { force: true });
    throw error;
  }
  return ownStampAt(file) ?? GONE;
}

/** What was taken away as soon as it was written. */
const GONE: Stamp = [0, 0, 0, 0];

/** The permissions of a file that is replaced, which it keeps; nothing for a new one. */
const modeOf = (file: string): number | undefined => lstatSync(file, { throwIfNoEntry: false })?.mode;

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
export function writeWhole(file: string, content: Content | Iterable<string>, made: Set<string>, mode?: number): Stamp {
  const folder = path.dirname(file);
  makeFolder(folder, made);
  const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(draft, content);
    else writeStretches(draft, content);
    if (mode !== undefined && modeOf(draft) !== mode) chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return ownStampAt(file) ?? GONE;
}

function writeStretches(file: string, stretches: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const stretch of stretches) writeFileSync(descriptor, stretch);
  } finally {
    closeSync(descriptor);
  }
}

/** What a build that was killed left beside the files that it was replacing. */
function removeLeftovers(folder: string, before: Manifest): void {
  const open = [...before]
    .filter(([, entry]) => entry.was !== undefined || entry.pending || entry.part)
    .map(([key, entry]) => path.join(folder, pathIn(key, entry)));
  for (const [at, files] of groupBy(open, path.dirname)) removeDrafts(at, new Set(files.map((file) => path.basename(file))));
}

function removeDrafts(folder: string, names: ReadonlySet<string>): void {
  for (const entry of namesIn(folder)) {
    const [, name] = /^\.(.+)\.\d+\.tmp$/.exec(entry) ?? [];
    if (name !== undefined && names.has(name)) removeIfThere(path.join(folder, entry));
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
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return;
    }
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It is not, or it stays: it says nothing that is not so.
  }
}
