/**
 * What a build would do to the disk, found out before the first write. Reads the disk, changes nothing.
 */
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Code, DataOf } from '../diagnostics/rules.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { slashed } from './discover.js';
import { hashOf, type Manifest, type ManifestEntry } from './manifest.js';
import type { Settings } from './settings.js';

export interface PlannedFile {
  /** Absolute. */
  readonly file: string;
  readonly output: OutputFile;
  readonly action: 'added' | 'changed' | 'unchanged';
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Absolute paths of outputs whose source or target is gone. */
  readonly removed: readonly string[];
  /** Files left alone, each with the reason. */
  readonly conflicts: readonly Conflict[];
  /** The manifest after the plan is carried out. */
  readonly manifest: Manifest;
}

export interface Conflict<C extends Code = Code> {
  readonly code: C;
  /** The file, relative to the folder of messages. */
  readonly path: string;
  readonly data: DataOf<C>;
}

/** What a plan is made from. */
export interface PlanInput {
  readonly settings: Settings;
  readonly outputs: readonly OutputFile[];
  /** Absolute paths of all sources of this build. */
  readonly sources: readonly string[];
  /** Sources that lack an output for an error: their old outputs stay. */
  readonly failed: ReadonlySet<string>;
  readonly manifest: Manifest;
}

/** Plans a build. */
export function plan({ settings, outputs, sources, failed, manifest }: PlanInput): Plan {
  const places = new Map(settings.targets.map((place) => [place.target.name, place]));
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  const key = (file: string): string => slashed(path.relative(settings.outDir, file));
  const isSource = new Set(sources);
  const next = new Map<string, ManifestEntry>(manifest);
  const conflicts: Conflict[] = [];
  const files: PlannedFile[] = [];
  const refuse = <C extends Code>(code: C, file: string, data: DataOf<C>): void => {
    conflicts.push({ code, path: shown(file), data } as unknown as Conflict);
  };

  const placed = outputs.map((output) => ({
    output,
    file: path.join(places.get(output.target)?.root ?? settings.outDir, ...output.path.split('/')),
  }));
  // Paths that differ only by case are one file on the disks of macOS and Windows.
  const folded = (file: string): string => file.normalize('NFC').toLowerCase();
  const byFoldedPath = new Map<string, typeof placed>();
  for (const one of placed) byFoldedPath.set(folded(one.file), [...(byFoldedPath.get(folded(one.file)) ?? []), one]);
  const contained = createContainment();
  for (const { output, file } of placed) {
    const rivals = byFoldedPath.get(folded(file)) ?? [];
    if (rivals.length > 1) {
      // Said once, for the first of them.
      if (rivals[0]?.output === output) {
        refuse('output-collision', file, {
          path: shown(file),
          sources: rivals.map((rival) => `${rival.output.source} (${rival.output.target})`),
        });
      }
      continue;
    }
    const leads = contained(file, places.get(output.target)?.within ?? settings.outDir);
    if (leads !== undefined) {
      refuse('output-outside', file, { path: shown(file), leads });
      continue;
    }
    const state = look(file, output.content, manifest.get(key(file)));
    if (state.kind === 'link') refuse('output-outside', file, { path: shown(file), leads: state.leads });
    else if (state.kind === 'blocked') refuse('output-blocked', file, { path: shown(file), reason: state.reason });
    else if (isSource.has(file) && state.kind !== 'unchanged') refuse('output-is-source', file, { path: shown(file) });
    else if ((state.kind === 'foreign' || state.kind === 'edited') && !settings.force)
      refuse(`output-${state.kind}`, file, { path: shown(file) });
    else {
      files.push({ file, output, action: state.kind === 'foreign' || state.kind === 'edited' ? 'changed' : state.kind });
      next.set(key(file), { hash: hashOf(output.content), source: key(path.resolve(settings.cwd, output.source)), target: output.target });
    }
  }

  const removed: string[] = [];
  for (const [name, entry] of staleEntries({ settings, sources, failed, manifest }, new Set(placed.map(({ file }) => key(file))))) {
    const file = path.resolve(settings.outDir, name);
    const place = places.get(entry.target);
    // A manifest is a file like any other: what it names outside of our folders is none of our business.
    if (!place || !isInside(file, place.root) || contained(file, place.within) !== undefined) continue;
    const hash = hashIfFile(file);
    if (hash === undefined) next.delete(name);
    else if (hash === entry.hash || settings.force) {
      removed.push(file);
      next.delete(name);
    } else refuse('output-edited', file, { path: shown(file) });
  }
  return { files, removed, conflicts, manifest: next };
}

/** Entries of this build's targets that it does not write again: their source, or the name in it, is gone. */
function staleEntries(
  { settings, sources, failed, manifest }: Pick<PlanInput, 'settings' | 'sources' | 'failed' | 'manifest'>,
  written: ReadonlySet<string>,
): (readonly [string, ManifestEntry])[] {
  const built = new Set(settings.targets.map(({ target }) => target.name));
  const compiled = new Set(sources);
  return [...manifest].filter(([name, { source, target }]) => {
    if (!built.has(target) || written.has(name)) return false;
    const file = path.resolve(settings.outDir, source);
    if (compiled.has(file)) return !failed.has(file);
    return settings.complete || lstatSync(file, { throwIfNoEntry: false }) === undefined;
  });
}

type State =
  | { readonly kind: 'added' | 'changed' | 'unchanged' | 'foreign' | 'edited' }
  | { readonly kind: 'link'; readonly leads: string }
  | { readonly kind: 'blocked'; readonly reason: string };

/** How a file on the disk stands to what is to be written there. */
function look(file: string, content: string, entry: ManifestEntry | undefined): State {
  let bytes: Buffer;
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (!stat) return { kind: 'added' };
    if (stat.isSymbolicLink()) return { kind: 'link', leads: realOf(file) };
    if (stat.isDirectory()) return { kind: 'blocked', reason: 'a folder of that name is there' };
    if (!stat.isFile()) return { kind: 'blocked', reason: 'it is no plain file' };
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { kind: 'blocked', reason: code === 'ENOTDIR' ? 'a file lies where a folder must be' : `it cannot be read (${code})` };
  }
  if (bytes.equals(Buffer.from(content))) return { kind: 'unchanged' };
  if (!entry) return { kind: 'foreign' };
  return { kind: hashOf(bytes) === entry.hash ? 'changed' : 'edited' };
}

function hashIfFile(file: string): string | undefined {
  try {
    return lstatSync(file).isFile() ? hashOf(readFileSync(file)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A check that a file lies below a root in fact, symbolic links followed. Gives where it leads when it does not.
 * The answer for a folder is kept: thousands of files share a few folders. The file itself is looked at elsewhere.
 */
function createContainment(): (file: string, root: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (file, root) => {
    const folder = path.dirname(file);
    const key = `${root}\0${folder}`;
    if (!known.has(key)) known.set(key, leadsOut(folder, root));
    return known.get(key);
  };
}

function leadsOut(folder: string, root: string): string | undefined {
  const real = realOf(folder);
  return isInside(real, realOf(root)) ? undefined : real;
}

/** The real path of the nearest part of a path that exists, with the rest behind it. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realOf(parent), path.basename(file));
  }
}

function isInside(file: string, root: string): boolean {
  const relative = path.relative(root, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}
