/**
 * What a build would do to the disk, found out before the first write. Reads the disk, changes nothing.
 */
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Code, DataOf } from '../diagnostics/rules.js';
import { groupBy } from '../group-by.js';
import { PLAIN } from '../stages/compose/compose.js';
import { foldedPath, type OutputFile } from '../stages/emit/emit.js';
import { hashOf, keyFor, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { planParts } from './parts.js';
import { isInside, realOf, slashed } from './paths.js';
import { type Placement, placementOf, type Settings } from './settings.js';
import type { MapFile } from './source-maps.js';

export interface PlannedFile {
  /** Absolute. */
  readonly file: string;
  readonly content: string;
  readonly target: string;
  /** The sources of the file; several when it has a part for each. */
  readonly sources: readonly string[];
  readonly action: 'added' | 'changed' | 'unchanged';
  /** Others write to it as well. */
  readonly shared?: true;
  /** By entry of the manifest: the hash of what is replaced. */
  readonly replaces: ReadonlyMap<string, string>;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  /** Absolute paths of outputs whose source is gone, or has another name. */
  readonly removed: readonly string[];
  /** Files left alone, each with the reason. */
  readonly conflicts: readonly Conflict[];
  /** Absolute paths of outputs that somebody edited, or that are not ours, replaced by force or not. */
  readonly edited: ReadonlySet<string>;
  /** By folder: what was ours before, and what will be. */
  readonly manifests: ReadonlyMap<string, { readonly before: Manifest; readonly after: Manifest }>;
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
  readonly outputs: readonly (OutputFile | MapFile)[];
  /** Absolute paths of all sources of this build. */
  readonly sources: readonly string[];
  /** Sources that lack an output for an error: their old outputs stay. */
  readonly failed: ReadonlySet<string>;
  /** By folder. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** A place on the disk for one output. */
export interface Placed {
  readonly output: OutputFile | MapFile;
  readonly place: Placement;
  readonly file: string;
}

/** Plans a build. */
export function plan(input: PlanInput): Plan {
  const { settings, outputs, sources } = input;
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  const conflicts: Conflict[] = [];
  const refuse = <C extends Code>(code: C, file: string, data: DataOf<C>): void => {
    conflicts.push({ code, path: shown(file), data } as unknown as Conflict);
  };
  const after = new Map([...input.manifests].map(([folder, manifest]) => [folder, new Map(manifest)]));
  const isSource = new Set(sources.map(realOf));
  const whereabouts = createWhereabouts();

  const all = outputs.flatMap((output): Placed[] => {
    const place = placementOf(settings, output.target, output.variant);
    return place ? [{ output, place, file: path.join(place.root, ...output.path.split('/')) }] : [];
  });
  // A shared file is one claim of its target, however many parts it has.
  const claimOf = ({ output, file }: Placed): string => `${output.target}\0${file}`;
  const shared = groupBy(
    all.filter(({ output }) => output.part),
    claimOf,
  );
  const placed = all.filter((one) => !one.output.part || shared.get(claimOf(one))?.[0] === one);
  const rivals = groupBy(placed, ({ file }) => foldedPath(file));
  const stale = staleEntries(
    input,
    new Set(all.map(({ place, output, file }) => `${place.within}\0${keyFor(keyOf(place, file), output.part)}`)),
  );
  const staleParts = groupBy(
    stale.filter(({ entry }) => entry.part),
    ({ file }) => file,
  );
  const files: PlannedFile[] = [];
  const removed: string[] = [];
  const edited = new Set<string>();
  /** Files that hold what this build compiled, and nothing else. */
  const ours = new Set<string>();
  const planShared = (file: string, folder: string, outputs: readonly OutputFile[]): void => {
    const gone = staleParts.get(file) ?? [];
    staleParts.delete(file);
    const { leads, real } = whereabouts(file, folder);
    if (leads !== undefined || isSource.has(real)) {
      if (leads !== undefined) refuse('output-outside', file, { path: shown(file), leads });
      else refuse('output-is-source', file, { path: shown(file) });
      return;
    }
    const key = slashed(path.relative(folder, file));
    const before = input.manifests.get(folder) ?? new Map();
    const result = planParts({
      file,
      key,
      folder,
      cwd: settings.cwd,
      outputs,
      stale: gone.map((one) => one.key),
      before,
      force: settings.force,
    });
    if ('blocked' in result) {
      refuse('output-blocked', file, { path: shown(file), reason: result.blocked, shared: true });
      return;
    }
    if (result.edited) edited.add(file);
    for (const { part, code, gone: left } of result.conflicts) {
      if (code === 'output-hidden') refuse(code, file, { path: shown(file), key: part });
      else refuse(code, file, { path: shown(file), gone: left, part });
    }
    for (const [entryKey, entry] of result.entries) {
      if (entry) after.get(folder)?.set(entryKey, entry);
      else after.get(folder)?.delete(entryKey);
    }
    if (result.content === undefined) removed.push(file);
    else if (outputs.length > 0 || result.action !== 'unchanged') {
      const targets = outputs[0]?.target ?? before.get(gone[0]?.key ?? '')?.target ?? '';
      const { content, action, replaces } = result;
      files.push({ file, content, target: targets, sources: outputs.map(({ source }) => source), action, shared: true, replaces });
    }
  };
  for (const one of placed) {
    const { output, place, file } = one;
    // A map comes behind its file, and would be wrong beside one that was left alone.
    if ('maps' in output && !ours.has(path.join(place.root, ...output.maps.split('/')))) continue;
    const same = rivals.get(foldedPath(file)) ?? [];
    if (same.length > 1) {
      // Said once, for the first of them.
      const claims = same.map((rival) => `${rival.output.source} (${rival.output.target})`);
      if (same[0]?.output === output) refuse('output-collision', file, { path: shown(file), sources: claims });
      continue;
    }
    if (output.part) {
      planShared(
        file,
        place.within,
        (shared.get(claimOf(one)) ?? []).map((part) => part.output),
      );
      continue;
    }
    const { leads, real } = whereabouts(file, place.within);
    const key = keyOf(place, file);
    const { content, target } = output;
    const planned = { file, content, target, sources: [output.source] };
    const entry = input.manifests.get(place.within)?.get(key);
    const elsewhere = entry && madeElsewhere(settings, place.within, entry, target);
    if (elsewhere !== undefined) {
      refuse('output-collision', file, {
        path: shown(file),
        sources: [`${output.source} (${target})`, `${shown(elsewhere)} (${entry?.target})`],
      });
      continue;
    }
    const state: State = leads === undefined ? look(file, output.content, entry) : { kind: 'link', leads };
    if (state.kind === 'link') {
      refuse('output-outside', file, { path: shown(file), leads: state.leads });
      continue;
    }
    if (state.kind === 'blocked') {
      refuse('output-blocked', file, { path: shown(file), reason: state.reason });
      continue;
    }
    if (isSource.has(real)) {
      // A source that is its own output stays what it is, and stays the author's.
      after.get(place.within)?.delete(key);
      if (state.kind === 'unchanged') files.push({ ...planned, action: 'unchanged', replaces: new Map() });
      else refuse('output-is-source', file, { path: shown(file) });
      continue;
    }
    if (state.kind === 'foreign' || state.kind === 'edited') edited.add(file);
    if ((state.kind === 'foreign' || state.kind === 'edited') && !settings.force)
      refuse(`output-${state.kind}`, file, { path: shown(file), gone: false });
    else {
      const action = state.kind === 'foreign' || state.kind === 'edited' ? 'changed' : state.kind;
      ours.add(file);
      files.push({ ...planned, action, replaces: new Map(state.hash === undefined ? [] : [[key, state.hash]]) });
      const adopted = entry ? entry.adopted : action === 'unchanged';
      const source = slashed(path.relative(place.within, path.resolve(settings.cwd, output.source)));
      const variant = output.variant === undefined ? {} : { variant: output.variant };
      after.get(place.within)?.set(key, { hash: hashOf(content), ...(adopted && { adopted: true }), source, target, ...variant });
    }
  }

  for (const { folder, key, entry, file } of stale) {
    if (entry.part) {
      if (staleParts.has(file)) planShared(file, folder, []);
      continue;
    }
    const hash = hashIfFile(file);
    const { leads, real } = whereabouts(file, folder);
    // A manifest is a file like any other: what it names outside of our folders, or among the sources, is not ours.
    if (leads !== undefined || isSource.has(real) || !isInside(file, folder)) continue;
    if (hash === undefined || entry.adopted) {
      after.get(folder)?.delete(key);
      continue;
    }
    if (hash !== entry.hash && hash !== entry.was) edited.add(file);
    if (hash === entry.hash || hash === entry.was || settings.force) {
      removed.push(file);
      after.get(folder)?.delete(key);
    } else refuse('output-edited', file, { path: shown(file), gone: true });
  }
  const manifests = new Map([...input.manifests].map(([folder, before]) => [folder, { before, after: after.get(folder) ?? before }]));
  return { files, removed, conflicts, edited, manifests };
}

const keyOf = ({ within }: Placement, file: string): string => slashed(path.relative(within, file));

/** The source of a file that another share makes for another target: where both lie in one place, only this tells. */
function madeElsewhere({ shard }: Settings, folder: string, entry: ManifestEntry, target: string): string | undefined {
  if (shard?.hasEntry(folder, entry) !== false || entry.target === target) return undefined;
  const source = path.resolve(folder, entry.source);
  return lstatSync(source, { throwIfNoEntry: false }) && source;
}

interface StaleEntry {
  readonly folder: string;
  readonly key: string;
  readonly entry: ManifestEntry;
  readonly file: string;
}

/** Entries that this build does not write again: their source, the name in it, or their target is gone. */
function staleEntries({ settings, sources, failed, manifests }: PlanInput, written: ReadonlySet<string>): StaleEntry[] {
  const compiled = new Set(sources);
  return [...manifests].flatMap(([folder, manifest]) =>
    [...manifest].flatMap(([key, entry]): StaleEntry[] => {
      const place = placementOf(settings, entry.target, entry.variant);
      const file = path.resolve(folder, pathIn(key, entry));
      if (written.has(`${folder}\0${key}`) || settings.shard?.hasEntry(folder, entry) === false) return [];
      const source = path.resolve(folder, entry.source);
      if (settings.onlyVariants?.includes(entry.variant ?? PLAIN) === false) return [];
      // What another project wrote here is its own business, as long as its source is there.
      const isThere = lstatSync(source, { throwIfNoEntry: false }) !== undefined;
      if (isThere && !settings.sourceFolders.some((base) => isInside(source, base))) return [];
      // A target that is not built any more, or elsewhere.
      if (place?.within !== folder) return settings.allTargets ? [{ folder, key, entry, file }] : [];
      if (!settings.allTargets && !isInside(file, place.root)) return [];
      const gone = compiled.has(source) ? !failed.has(source) : settings.complete || !isThere;
      return gone ? [{ folder, key, entry, file }] : [];
    }),
  );
}

type State =
  | { readonly kind: 'added' | 'changed' | 'unchanged' | 'foreign' | 'edited'; readonly hash?: string }
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
  const hash = hashOf(bytes);
  if (!entry) return { kind: 'foreign', hash };
  // A build that was killed while it wrote a new file leaves the beginning of it.
  const begun = entry.pending && Buffer.from(content).subarray(0, bytes.length).equals(bytes);
  return { kind: hash === entry.hash || hash === entry.was || begun ? 'changed' : 'edited', hash };
}

function hashIfFile(file: string): string | undefined {
  try {
    return lstatSync(file).isFile() ? hashOf(readFileSync(file)) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells where a file is in fact, symbolic links of its folders followed, and where it leads when that is outside of the
 * given folder. The answer for a folder is kept: thousands of files share a few folders.
 */
function createWhereabouts(): (file: string, within: string) => { readonly real: string; readonly leads: string | undefined } {
  const known = new Map<string, string>();
  const realFolder = (folder: string): string => {
    const real = known.get(folder) ?? realOf(folder);
    known.set(folder, real);
    return real;
  };
  return (file, within) => {
    const folder = realFolder(path.dirname(file));
    return { real: path.join(folder, path.basename(file)), leads: isInside(folder, realFolder(within)) ? undefined : folder };
  };
}
