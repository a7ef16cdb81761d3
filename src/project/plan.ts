/**
 * How the disk stands to what a build is about to write, found out before the first write. Reads the disk, changes nothing.
 */
import { lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Code, DataOf } from '../diagnostics/rules.js';
import { groupBy } from '../group-by.js';
import { PLAIN } from '../stages/compose/compose.js';
import { foldedPath } from '../stages/emit/emit.js';
import type { Target } from '../targets/target.js';
import { hashOf } from './cache/inputs.js';
import { isSame, isSettled, type Stamp, stampOf } from './cache/stamps.js';
import type { OutputRecord, PlacedOutput } from './claims.js';
import { bytesOf, type Content } from './content.js';
import { hashBehindLineEnds, isHashOf, isOurs, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { oncePer } from './once-per.js';
import { createRealPaths, isInside, linkOnWay, pathFrom, realOf } from './paths.js';
import { placementOf, type Settings } from './settings.js';
import { codeOf, unreadable } from './system-error.js';

/** Why a file is left alone. */
export type Conflict = { readonly [C in Code]: { readonly code: C; readonly data: DataOf<C> } }[
  | 'output-blocked'
  | 'output-collision'
  | 'output-edited'
  | 'output-foreign'
  | 'output-hidden'
  | 'output-is-source'
  | 'output-left'
  | 'output-outside'];

/** What lies where an output is to be. */
export type State =
  /** Nothing. */
  | { readonly kind: 'free' }
  /** What a build wrote. */
  | {
      readonly kind: 'ours';
      readonly hash: string;
      /** The hash that the manifest has, where the file has other line ends now: whatever else it says is as it was. */
      readonly asWritten?: string;
      /** One that tells of every later change, when it is news. */
      readonly stamp?: Stamp;
      /** The manifest of another folder lists it. */
      readonly elsewhere?: boolean;
    }
  /** Something else, which stays unless it is what is to be written. */
  | { readonly kind: 'foreign' | 'edited' | 'source'; readonly hash: string; readonly begun?: Buffer }
  /** Nothing can be written there. The conflict has been told. */
  | { readonly kind: 'refused' };

export interface SurveyInput {
  readonly settings: Settings;
  /** By folder. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** Absolute real paths of all sources. */
  readonly sources: ReadonlySet<string>;
  readonly refuse: (file: string, conflict: Conflict) => void;
  /** A path as messages show it. */
  readonly shown: (file: string) => string;
}

/** Whether a place has this content; with other line ends, as Git may check them out, too. */
export const has = (state: State, hash: string): boolean =>
  state.kind !== 'free' && state.kind !== 'refused' && (state.hash === hash || (state.kind === 'ours' && state.asWritten === hash));

const FREE: State = { kind: 'free' };
const REFUSED: State = { kind: 'refused' };

/**
 * Prepares to look where outputs are to be. Outputs that would be one file are refused, all of them.
 * @param all gives all outputs of the build
 */
export function createLook(all: () => Iterable<PlacedOutput>, input: SurveyInput): (output: PlacedOutput) => State {
  const { manifests, sources, refuse, shown } = input;
  const rivals = mayMeet(input.settings) ? rivalsAmong(all, input) : new Set<string>();
  const whereabouts = createWhereabouts();
  const twinOf = createTwins(input);
  return (output) => {
    const { place, file, key, part, record } = output;
    if (rivals.size > 0 && rivals.has(foldedPath(file))) return REFUSED;
    const twin = twinOf(output);
    if (twin !== undefined) {
      refuse(file, { code: 'output-is-source', data: { path: shown(file), twin: shown(twin) } });
      return REFUSED;
    }
    const { real, leads, isThere } = whereabouts(file, place.within);
    if (leads !== undefined) {
      refuse(file, behindLink(file, place.within, shown));
      return REFUSED;
    }
    // The parts of a shared file are looked at when all of them are known.
    if (part || !isThere) return FREE;
    const own = manifests.get(place.within)?.get(key);
    const found = lookAt(file, own ?? entryElsewhere(file, manifests), record);
    if ('link' in found) {
      refuse(file, behindLink(file, place.within, shown));
      return REFUSED;
    }
    if ('reason' in found) {
      refuse(file, { code: 'output-blocked', data: { path: shown(file), reason: found.reason } });
      return REFUSED;
    }
    if ('hash' in found && sources.has(real)) return { kind: 'source', hash: found.hash };
    return found.kind === 'ours' && !own ? { ...found, elsewhere: true } : found;
  };
}

/**
 * Finds sources that lie where the assistant looks for agents, under another name than their output has there: it would load both,
 * and they have one name.
 */
function createTwins({ settings }: SurveyInput): (output: PlacedOutput) => string | undefined {
  const realPath = createRealPaths();
  const sourceAt = oncePer((source: string) => realPath(path.resolve(settings.cwd, source)));
  const readerOf = oncePer((name: string) => {
    const found = settings.targets.find(({ target }) => target.name === name);
    return found && readsAt(found.target);
  });
  return ({ source, target, place, path: to, part, maps }) => {
    const own = sourceAt(source);
    // Most sources lie elsewhere, and this is asked for every output.
    if (part || maps !== undefined || !own.startsWith(place.root)) return undefined;
    const from = isInside(own, place.root) ? pathFrom(place.root, own) : to;
    return from !== to && readerOf(target)?.test(from) ? own : undefined;
  };
}

/** The paths of agents' files of a target. */
const readsAt = ({ path: to }: Target): RegExp =>
  new RegExp(
    `^${to
      .split('{id}')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^/]+')}$`,
  );

/** The entry of a file in the manifest of another folder: the config may have given the same files another root. */
function entryElsewhere(file: string, manifests: SurveyInput['manifests']): ManifestEntry | undefined {
  for (const [folder, manifest] of manifests) {
    const entry = manifest.size > 0 && isInside(file, folder) ? manifest.get(pathFrom(folder, file)) : undefined;
    if (entry) return entry;
  }
  return undefined;
}

/** The conflict of an output that is a link, or behind one that leads out of the folder. */
export function behindLink(file: string, within: string, shown: (file: string) => string, shared?: true): Conflict {
  const { link, leads } = linkOnWay(file, within) ?? { link: file, leads: realOf(file) };
  const told = link === file ? leads : shown(leads);
  return { code: 'output-outside', data: { path: shown(file), link: shown(link), leads: told, ...(shared && { shared }) } };
}

/** What is to be done with an output, now that its content is known. */
export type Verdict = { readonly action: 'added' | 'changed' | 'unchanged'; readonly edited?: true } | { readonly conflict: Conflict };

/** @param hash of the content */
export function verdictOn(
  state: Exclude<State, { kind: 'refused' }>,
  content: Content,
  hash: string,
  file: string,
  force: boolean,
): Verdict {
  if (state.kind === 'free') return { action: 'added' };
  if (has(state, hash)) return { action: 'unchanged' };
  if (state.kind === 'ours') return { action: 'changed' };
  if (state.kind === 'source') return { conflict: { code: 'output-is-source', data: { path: file } } };
  // A build that was killed while it wrote a new file leaves the beginning of it.
  if (state.begun?.equals(bytesOf(content).subarray(0, state.begun.length))) return { action: 'changed' };
  if (force) return { action: 'changed', edited: true };
  return { conflict: { code: `output-${state.kind}`, data: { path: file, gone: false } } };
}

/** The paths, case folded, of outputs that would be one file, told once each. The parts of a shared file are one claim of their target. */
function rivalsAmong(all: () => Iterable<PlacedOutput>, { refuse, shown }: SurveyInput): Set<string> {
  const claimOf = ({ part, source, target, file }: PlacedOutput): string => `${part ? '' : source}\0${target}\0${file}`;
  const first = new Map<string, string>();
  const rivals = new Set<string>();
  for (const output of all()) {
    const folded = foldedPath(output.file);
    const claim = claimOf(output);
    const other = first.get(folded);
    if (other === undefined) first.set(folded, claim);
    else if (other !== claim) rivals.add(folded);
  }
  if (rivals.size === 0) return rivals;
  const groups = groupBy(
    [...all()].filter(({ file }) => rivals.has(foldedPath(file))),
    ({ file }) => foldedPath(file),
  );
  for (const same of groups.values()) {
    const claims = new Map(same.map((one) => [claimOf(one), `${one.source} (${one.target})`]));
    const file = same[0]?.file ?? '';
    refuse(file, { code: 'output-collision', data: { path: shown(file), sources: [...claims.values()] } });
  }
  return rivals;
}

/**
 * Whether outputs of two targets could be one file. Where each has a folder of its own, only outputs of one target can meet,
 * and those are known from their names (src/compile/link.ts).
 */
const mayMeet = ({ targets, outDir }: Settings): boolean => targets.some(({ target: { name }, root }) => root !== path.join(outDir, name));

type Found = State | { readonly link: true } | { readonly reason: string };

function lookAt(file: string, entry: ManifestEntry | undefined, record: OutputRecord | undefined): Found {
  let bytes: Buffer;
  let stamp: Stamp | undefined;
  try {
    const now = Date.now();
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (!stat) return FREE;
    if (record?.stamp && entry && isHashOf(entry, record.hash) && isSame(record.stamp, stampOf(stat)))
      return { kind: 'ours', hash: record.hash };
    if (stat.isSymbolicLink()) return { link: true };
    if (stat.isDirectory()) return { reason: 'a folder of that name is there' };
    if (!stat.isFile()) return { reason: 'it is no plain file' };
    if (isSettled(stampOf(stat), now)) stamp = stampOf(stat);
    bytes = readFileSync(file);
  } catch (error) {
    return { reason: unreadable(error) };
  }
  const hash = hashOf(bytes);
  if (!entry) return { kind: 'foreign', hash };
  if (isOurs(entry, hash, bytes.length)) return { kind: 'ours', hash, ...(stamp && { stamp }) };
  const asWritten = hashBehindLineEnds(entry, bytes);
  if (asWritten !== undefined) return { kind: 'ours', hash, asWritten, ...(stamp && { stamp }) };
  return { kind: 'edited', hash, ...(entry.pending && { begun: bytes }) };
}

/**
 * Why an output is not made any more: its `source` is gone, its `target` is not built, or has its outputs in another `place`, no
 * `map` is asked for, or nothing of that `name` is made of its source.
 */
export type Gone = 'source' | 'target' | 'place' | 'map' | 'name';

/** An entry of a manifest that this build does not write again. */
export interface StaleOutput {
  readonly gone: Gone;
  readonly folder: string;
  readonly key: string;
  readonly entry: ManifestEntry;
  readonly file: string;
  /** The absolute path of its source. */
  readonly source: string;
  /** The list of another folder has it from now on. */
  readonly elsewhere?: true;
}

/**
 * Finds what a build leaves over.
 * @param written the entries that are written again: folder and key, with a NUL between
 * @param compiled absolute paths of the sources of this build
 */
export function findStale(
  { settings, manifests }: Pick<SurveyInput, 'settings' | 'manifests'>,
  written: ReadonlySet<string>,
  compiled: ReadonlySet<string>,
): StaleOutput[] {
  return [...manifests].flatMap(([folder, manifest]) =>
    [...manifest].flatMap(([key, entry]): StaleOutput[] => {
      if (written.has(`${folder}\0${key}`) || settings.shard?.hasEntry(folder, entry) === false) return [];
      if (settings.onlyVariants?.includes(entry.variant ?? PLAIN) === false) return [];
      const source = path.resolve(folder, entry.source);
      const isMap = !settings.sourceMaps && key.endsWith('.map') && manifest.has(key.slice(0, -'.map'.length));
      // What another project wrote here is its own business. A folder of our own may have had another name.
      const isSource = !isGone(source);
      const isOwn = settings.sourceFolders.some((base) => isInside(source, base));
      if (!isOwn && (isSource || !isInside(source, realOf(settings.root)))) return [];
      // A target that is not built any more, or elsewhere.
      const place = placementOf(settings, entry.target, entry.variant);
      const gone = !isSource ? 'source' : !place ? 'target' : place.within !== folder ? 'place' : isMap ? 'map' : 'name';
      const stale = { gone, folder, key, entry, file: path.resolve(folder, pathIn(key, entry)), source } as const;
      if (place?.within !== folder) return settings.allTargets ? [stale] : [];
      if (!settings.allTargets && !isInside(stale.file, place.root)) return [];
      return compiled.has(source) || settings.complete || !isSource ? [stale] : [];
    }),
  );
}

/** What becomes of a file that is left over. `forgotten`: there is nothing to remove; `given back`: it was never ours to remove. */
export function judgeStale(
  { folder, entry, file, elsewhere }: StaleOutput,
  { settings, sources, shown }: Pick<SurveyInput, 'settings' | 'sources' | 'shown'>,
  whereabouts: ReturnType<typeof createWhereabouts>,
): 'removed' | 'removed by force' | 'forgotten' | 'given back' | 'left' | { readonly conflict: Conflict } {
  const { leads, real } = whereabouts(file, folder);
  // A manifest is a file like any other: what it names outside of our folders, or among the sources, is not ours.
  if (leads !== undefined || sources.has(real) || !isInside(file, folder)) return 'left';
  const bytes = bytesIfFile(file);
  if (typeof bytes === 'string') return { conflict: { code: 'output-blocked', data: { path: shown(file), reason: bytes } } };
  if (bytes === undefined || elsewhere) return 'forgotten';
  if (entry.adopted) return 'given back';
  if (isOurs(entry, hashOf(bytes), bytes.length) || hashBehindLineEnds(entry, bytes) !== undefined) return 'removed';
  return settings.force ? 'removed by force' : { conflict: { code: 'output-edited', data: { path: shown(file), gone: true } } };
}

/** The bytes of a file; nothing when no file is there; the reason when that cannot be told. */
function bytesIfFile(file: string): Buffer | string | undefined {
  try {
    return lstatSync(file).isFile() ? readFileSync(file) : undefined;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) ? undefined : unreadable(error);
  }
}

export interface Whereabouts {
  readonly real: string;
  /** Where it leads, when that is outside of the given folder. */
  readonly leads: string | undefined;
  /** Its folder is there. */
  readonly isThere: boolean;
}

/** A folder, and which others it lies in. */
interface RealFolder {
  readonly real: string;
  readonly isThere: boolean;
  readonly inside: Map<string, boolean>;
}

/**
 * Tells where a file is in fact, symbolic links of its folders followed. The answer for a folder is kept: thousands of files
 * share a few folders.
 */
export function createWhereabouts(): (file: string, within: string) => Whereabouts {
  const known = new Map<string, RealFolder>();
  const folderAt = (folder: string): RealFolder => {
    const found = known.get(folder) ?? { ...lookFor(folder), inside: new Map<string, boolean>() };
    known.set(folder, found);
    return found;
  };
  const lookFor = (folder: string): Omit<RealFolder, 'inside'> => {
    if (isThere(folder)) return { real: realOf(folder), isThere: true };
    const above = path.dirname(folder);
    return { real: above === folder ? folder : path.join(folderAt(above).real, path.basename(folder)), isThere: false };
  };
  return (file, within) => {
    const folder = folderAt(path.dirname(file));
    const inside = folder.inside.get(within) ?? isInside(folder.real, folderAt(within).real);
    folder.inside.set(within, inside);
    return { real: folder.real + path.sep + path.basename(file), leads: inside ? undefined : folder.real, isThere: folder.isThere };
  };
}

/** Whether there is nothing; not when it cannot be told. */
function isGone(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return codeOf(error) === 'ENOTDIR';
  }
}

/** Where it cannot be told, what is tried there says why. */
function isThere(folder: string): boolean {
  try {
    return lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
