/** Outputs that are parts of files that others write to as well: all parts of one file are planned together. */
import { groupBy } from '../group-by.js';
import type { Part } from '../stages/emit/emit.js';
import { hashOf } from './cache/inputs.js';
import type { PlacedOutput } from './claims.js';
import { isHashOf, type Manifest, type ManifestEntry, pathIn } from './manifest.js';
import { type Blocked, LINK, type PartConflict, planParts, readParts, type SharedPart, type SharedPlan } from './parts.js';
import { behindLink, type Conflict, createWhereabouts, type Gone, type StaleOutput, type State, type SurveyInput } from './plan.js';

/** A part with its place in a file. */
export interface PlacedPart extends PlacedOutput {
  readonly part: Part;
}

export const isPart = (output: PlacedOutput): output is PlacedPart => output.part !== undefined;

/** Tells how the parts of files stand. Each file is read once. */
export function createPartsLook({ manifests, refuse, shown }: SurveyInput): (part: PlacedPart) => State {
  const known = new Map<string, ReturnType<typeof readParts>>();
  return ({ file, key, place, part }) => {
    const read = known.get(file) ?? readParts(file, part.kept);
    known.set(file, read);
    if ('blocked' in read) {
      refuse(file, blockedBy(read, file, place.within, shown));
      return { kind: 'refused' };
    }
    const there = read.now.get(part.id);
    if (there === undefined) return { kind: 'free' };
    const hash = hashOf(there);
    const entry = manifests.get(place.within)?.get(key);
    if (!entry) return { kind: 'foreign', hash };
    return { kind: isHashOf(entry, hash) ? 'ours' : 'edited', hash };
  };
}

/** A shared file with what is to be done about its parts. */
export interface SharedFile {
  readonly file: string;
  /** The folder whose manifest lists it. */
  readonly folder: string;
  readonly target: string;
  readonly sources: readonly string[];
  readonly plan: Exclude<SharedPlan, Blocked>;
  /** Why the file is not made any more, or the part of it that somebody edited. */
  readonly gone: Gone | undefined;
}

/** A part, and what it is to say; without content it stays as it is. */
export interface WantedPart {
  readonly placed: PlacedPart;
  readonly content?: string;
}

/**
 * Plans the files that parts are wanted in, or that have parts which are left over. What is in the way is refused.
 * @param before by folder
 */
export function planSharedFiles(
  wanted: readonly WantedPart[],
  stale: readonly StaleOutput[],
  before: ReadonlyMap<string, Manifest>,
  { settings, sources, refuse, shown }: SurveyInput,
): SharedFile[] {
  const whereabouts = createWhereabouts();
  const gone = groupBy(
    stale.filter(({ entry }) => entry.part),
    ({ file }) => file,
  );
  const parts = groupBy(wanted, ({ placed }) => placed.file);
  return [...new Set([...parts.keys(), ...gone.keys()])].flatMap((file): SharedFile[] => {
    const own = parts.get(file) ?? [];
    const left = gone.get(file) ?? [];
    const folder = own[0]?.placed.place.within ?? left[0]?.folder ?? '';
    const { leads, real } = whereabouts(file, folder);
    if (leads !== undefined || sources.has(real)) {
      if (leads !== undefined) refuse(file, behindLink(file, folder, shown, true));
      else refuse(file, { code: 'output-is-source', data: { path: shown(file) } });
      return [];
    }
    const manifest = before.get(folder) ?? new Map<string, ManifestEntry>();
    const [key = ''] = own[0] ? [pathIn(own[0].placed.key, own[0].placed)] : left.map(({ key, entry }) => pathIn(key, entry));
    const plan = planParts({
      file,
      key,
      folder,
      cwd: settings.cwd,
      outputs: own.map(
        ({ placed: { part, source, target, variant }, content }): SharedPart => ({
          part,
          source,
          target,
          ...(variant !== undefined && { variant }),
          ...(content !== undefined && { content }),
        }),
      ),
      stale: left.map((one) => one.key),
      before: manifest,
      force: settings.force,
    });
    if ('blocked' in plan) {
      refuse(file, blockedBy(plan, file, folder, shown));
      return [];
    }
    for (const conflict of plan.conflicts) refuse(file, conflictOf(conflict, shown(file)));
    const target = own[0]?.placed.target ?? left[0]?.entry.target ?? '';
    const lost = plan.content === undefined ? left[0] : left.find((one) => one.key === plan.lost);
    return [{ file, folder, target, sources: [...new Set(own.map(({ placed }) => placed.source))], plan, gone: lost?.gone }];
  });
}

/** Why a shared file is left alone as a whole. */
const blockedBy = ({ blocked }: Blocked, file: string, within: string, shown: (file: string) => string): Conflict =>
  blocked === LINK
    ? behindLink(file, within, shown, true)
    : { code: 'output-blocked', data: { path: shown(file), reason: blocked, shared: true } };

function conflictOf({ part, code, gone }: PartConflict, path: string): Conflict {
  if (code === 'output-left') return { code, data: { path, part, why: 'adopted' } };
  return code === 'output-hidden' ? { code, data: { path, key: part } } : { code, data: { path, gone, part } };
}
