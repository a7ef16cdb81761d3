/** One agent that was compiled: compared with what is there, and written. */
import type { Fate } from '../ir.js';
import { isSettled, type Stamp } from './cache/stamps.js';
import type { PlacedOutput } from './claims.js';
import { type Content, textOf } from './content.js';
import type { Lacking } from './lacking.js';
import { type Hashes, hashesOf, type Making, type Product } from './make-unit.js';
import { type ManifestEntry, settled } from './manifest.js';
import { oncePer } from './once-per.js';
import { pathFrom } from './paths.js';
import { type Gone, has, type State, type SurveyInput, type Verdict, verdictOn } from './plan.js';
import type { OutputsOf, Planned } from './planned.js';
import type { Prepared } from './prepare.js';
import { isPart, type WantedPart } from './shared-files.js';
import type { MadeUnit, Unit, UnitOutput } from './units.js';
import type { Change, Writer } from './write.js';

/** An output, and what was done about it, or would be in a dry run. */
export interface BuiltOutput {
  /** Absolute. */
  readonly file: string;
  readonly target: string;
  /** The sources of the file; several when it has a part for each. */
  readonly sources: readonly string[];
  readonly action: 'added' | 'changed' | 'unchanged';
}

/** A file that is about to be another one. */
export interface FileChange {
  /** Absolute. */
  readonly file: string;
  readonly action: 'added' | 'changed' | 'removed';
  /** What will be there; absent for a file that goes. */
  readonly content?: string;
  /** It is not polyagent's, or somebody edited it. */
  readonly edited: boolean;
  /** Why it is not made any more, or the part of it that somebody edited. */
  readonly gone?: Gone | undefined;
}

export interface Means extends Pick<Making, 'mapsOf'> {
  /** Is told of each output, and what was done about it. */
  readonly onBuilt?: ((output: BuiltOutput) => void) | undefined;
  /** Is told of each file before it is written, also in a dry run. */
  readonly onChange?: ((change: FileChange) => void) | undefined;
  /** Is told what became of the fields of each agent that is compiled. */
  readonly onFates?: ((fates: readonly Fate[]) => void) | undefined;
  /** Is told how many outputs are done, of how many that have to be compiled. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What the agents of a build are carried out with. */
export interface Context extends Means {
  readonly prepared: Prepared;
  readonly input: SurveyInput;
  readonly outputsOf: OutputsOf;
  /** Absent in a dry run. */
  readonly writer: Writer | undefined;
  /** Parts of shared files, for the end. */
  readonly parts: WantedPart[];
  readonly lacking: Lacking;
  readonly onBuilt: (output: BuiltOutput) => void;
}

/** An output that was compiled, with its place. */
export interface MadeOutput {
  readonly placed: PlacedOutput;
  readonly state: State;
  readonly content: Content;
  readonly hashes: Hashes | undefined;
}

/** What was compiled, each with its place. Both are in the order of variants and targets. */
export function placeMade(outputs: readonly PlacedOutput[], states: readonly State[], { files }: Product): MadeOutput[] {
  let at = 0;
  return files.flatMap((file): MadeOutput[] => {
    const isIt = (one: PlacedOutput): boolean =>
      one.target === file.target && one.variant === file.variant && one.path === file.path && one.maps === file.maps;
    const index = outputs.findIndex((one, n) => n >= at && isIt(one));
    const placed = outputs[index];
    const state = states[index];
    if (!placed || !state) return [];
    at = index + 1;
    return [{ placed, state, content: file.content, hashes: file.hashes }];
  });
}

/** An output on its way to the disk. */
interface Step extends MadeOutput {
  readonly hash: string;
  /** Of a new file. */
  readonly beginnings: readonly string[] | undefined;
  /** Absent when it is left alone. */
  readonly verdict: Done | undefined;
}

type Done = Extract<Verdict, { readonly action: string }>;

/** Brings the outputs of an agent to the disk, and says what there is to know of it. */
export function writeUnit({ unit, states }: Planned, made: Product, context: Context): MadeUnit {
  const { ownership } = context.prepared;
  // As manifests say it: from their folder, with `/`.
  const sourceIn = oncePer((folder: string) => pathFrom(folder, unit.file));
  const left = new Set<string>();
  const steps = placeMade(context.outputsOf(unit), states, made).map((output): Step => {
    const { part, maps, path: to } = output.placed;
    const isNew = output.state.kind === 'free' && !part;
    const { hash, beginnings } = output.hashes ?? hashesOf({ ...(part && { part }), content: output.content }, isNew);
    // A map would be wrong beside a file that was left alone, or that is the author's.
    const verdict = maps !== undefined && left.has(maps) ? undefined : judge(output, hash, context);
    if (!verdict || output.state.kind === 'source') left.add(to);
    if (!verdict || (part && !isWritable(output, hash, context))) context.lacking.add(unit.file, output.placed.target);
    return { ...output, hash, beginnings: isNew ? beginnings : undefined, verdict };
  });
  const changes: Change[] = [];
  for (const { placed, state, content, hash, beginnings, verdict } of steps) {
    if (!verdict) continue;
    if (isPart(placed)) {
      context.parts.push({ placed, content: textOf(content) });
      continue;
    }
    const { file, key, place, target, variant } = placed;
    const before = ownership.manifests.get(place.within)?.get(key);
    const { action } = verdict;
    const adopted = before ? before.adopted : action === 'unchanged' && state.kind !== 'ours';
    const source = sourceIn(place.within);
    // A manifest that came with the checkout stays as it is.
    const listed = action === 'unchanged' && state.kind === 'ours' ? (state.asWritten ?? hash) : hash;
    const entry: ManifestEntry = { hash: listed, ...(adopted && { adopted }), source, target, ...(variant !== undefined && { variant }) };
    if (action !== 'unchanged') {
      context.onChange?.({ file, action, content: textOf(content), edited: verdict.edited === true });
      const was = 'hash' in state ? state.hash : undefined;
      const seen = state.kind === 'ours' ? (state.stamp ?? placed.record?.stamp) : undefined;
      changes.push({ file, content, action, pending: beginnings, seen, folder: place.within, entries: [{ key, entry, was }] });
      if (!context.writer) context.onBuilt({ file, target, sources: [unit.card.path], action });
    } else {
      // A source that is its own output stays what it is, and stays the author's.
      ownership.note(place.within, key, state.kind === 'source' ? undefined : entry);
      context.onBuilt({ file, target, sources: [unit.card.path], action });
    }
  }
  const stamps = write(changes, unit, context);
  return {
    hash: unit.hash,
    uses: made.uses,
    extends: made.extends,
    findings: made.findings,
    whole: made.whole,
    outputs: steps.map(({ placed, state, hash }): UnitOutput => {
      const { target, variant, path: to, part, maps, file, record } = placed;
      const seen = state.kind === 'ours' && has(state, hash) ? state.stamp : undefined;
      const stamp = stamps.get(file) ?? seen ?? (record?.hash === hash ? record.stamp : undefined);
      return { target, variant, path: to, part, maps, hash, stamp };
    }),
  };
}

/** What is to be done; nothing, with the reason told, when nothing can be. Parts are judged with their file. */
function judge({ placed, state, content }: MadeOutput, hash: string, { input, prepared }: Context): Done | undefined {
  if (state.kind === 'refused') return undefined;
  if (isPart(placed)) return { action: 'unchanged' };
  const verdict = verdictOn(state, content, hash, input.shown(placed.file), prepared.settings.force);
  if ('action' in verdict) return verdict;
  input.refuse(placed.file, verdict.conflict);
  return undefined;
}

/** Whether a part can be in its file as that stands. */
const isWritable = ({ placed, state, content }: MadeOutput, hash: string, { input, prepared }: Context): boolean =>
  state.kind !== 'refused' && 'action' in verdictOn(state, content, hash, input.shown(placed.file), prepared.settings.force);

/**
 * Writes the files of a source, and notes what is ours now. What cannot be written is told, and is what it was. Gives the
 * stamps that tell of every later change.
 */
function write(
  changes: readonly Change[],
  { file: from, card }: Unit,
  { writer, input, prepared, lacking, onBuilt }: Context,
): Map<string, Stamp> {
  const stamps = new Map<string, Stamp>();
  const outcomes = writer?.write(changes) ?? [];
  const now = Date.now();
  changes.forEach(({ file, action, folder, entries }, index) => {
    const outcome = outcomes[index];
    if (!outcome) return;
    if ('reason' in outcome) {
      const { reason, meanwhile } = outcome;
      input.refuse(file, { code: 'output-blocked', data: { path: prepared.shown(file), reason, ...(meanwhile && { meanwhile }) } });
      for (const { entry } of entries) lacking.add(from, entry.target);
      return;
    }
    for (const { key, entry } of entries) prepared.ownership.note(folder, key, entry);
    onBuilt({ file, target: entries[0]?.entry.target ?? '', sources: [card.path], action });
    if (isSettled(outcome.stamp, now)) stamps.set(file, outcome.stamp);
  });
  return stamps;
}

/** An agent whose outputs are what they were. */
export function keepUnit({ unit }: Planned, { outputsOf, onBuilt, parts, prepared: { ownership } }: Context): void {
  for (const placed of outputsOf(unit)) {
    if (isPart(placed)) {
      parts.push({ placed });
      continue;
    }
    const { file, target, key, place, record } = placed;
    const entry = ownership.manifests.get(place.within)?.get(key);
    // A build that did not come to its end had written it.
    if (entry && record && (entry.was !== undefined || entry.pending)) ownership.note(place.within, key, settled(entry, record.hash));
    onBuilt({ file, target, sources: [unit.card.path], action: 'unchanged' });
  }
}
