/** One agent: compiled, compared with what is there, and written. */
import path from 'node:path';
import type { MadeAgent } from '../compile/compiler.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { store } from './cache/findings.js';
import { hashOf } from './cache/inputs.js';
import { isSettled, type Stamp } from './cache/stamps.js';
import type { PlacedOutput } from './claims.js';
import type { ManifestEntry } from './manifest.js';
import { saidBy } from './parts.js';
import { slashed } from './paths.js';
import { type OutputRecord, type State, type SurveyInput, type Verdict, verdictOn } from './plan.js';
import type { Planned } from './planned.js';
import type { Prepared } from './prepare.js';
import { isPart, type WantedPart } from './shared-files.js';
import type { MapFile } from './source-maps.js';
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
}

export interface Means {
  /** Makes the maps of outputs; absent when none are wanted. */
  readonly mapsOf?: ((files: readonly OutputFile[], textOf: Prepared['textOf']) => readonly MapFile[]) | undefined;
  /** Is told of each file before it is written, also in a dry run. */
  readonly onChange?: ((change: FileChange) => void) | undefined;
  /** Is told how many outputs are done, of how many that have to be compiled. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What the agents of a build are carried out with. */
export interface Context extends Means {
  readonly prepared: Prepared;
  readonly input: SurveyInput;
  /** Absent in a dry run. */
  readonly writer: Writer | undefined;
  /** By folder: what will be ours. */
  readonly after: ReadonlyMap<string, Map<string, ManifestEntry>>;
  /** By absolute path: what is known of outputs from now on. */
  readonly records: Map<string, OutputRecord>;
  readonly files: BuiltOutput[];
  /** Parts of shared files, for the end. */
  readonly parts: WantedPart[];
}

/** Compiles an agent, with its maps when they are wanted. */
export function makeUnit(
  { card, file, hash, read }: Unit,
  { compiler, inputs, variants, targetsFor, linked, textOf }: Prepared,
  { mapsOf }: Means,
): MadeAgent {
  const input = read ? undefined : inputs.read(file);
  // One that changed after its name was read has no outputs now, and is compiled by the next build.
  const content = input && input.hash === hash && input.content ? input.content : new Uint8Array();
  const agent = read ?? compiler.read({ path: card.path, content });
  const made = compiler.make(agent, variants, targetsFor(card.path));
  const files = made.files.filter((one) => !linked.isWithheld(one));
  const source = agent.editions[0]?.edition.document.source;
  return { ...made, files: mapsOf ? [...files, ...mapsOf(files, (of) => (of === card.path ? source : textOf(of)))] : files };
}

/** An output that was compiled, with its place. */
export interface MadeOutput {
  readonly placed: PlacedOutput;
  readonly state: State;
  readonly content: string;
}

/** What was compiled, each with its place. Both are in the order of variants and targets. */
export function placeMade({ outputs, states }: Pick<Planned, 'outputs' | 'states'>, { files }: MadeAgent): MadeOutput[] {
  let at = 0;
  return files.flatMap((file): MadeOutput[] => {
    const maps = 'maps' in file ? file.maps : undefined;
    const isIt = ({ target, variant, path: to, ...one }: PlacedOutput): boolean =>
      target === file.target && variant === file.variant && to === file.path && one.maps === maps;
    const index = outputs.findIndex((one, n) => n >= at && isIt(one));
    const [placed, state] = [outputs[index], states[index]];
    if (!placed || !state) return [];
    at = index + 1;
    return [{ placed, state, content: file.content }];
  });
}

/** Brings the outputs of an agent to the disk, and says what there is to know of it. */
export function writeUnit(plan: Planned, made: MadeAgent, context: Context): MadeUnit {
  const { prepared } = context;
  const { hash: source, card } = plan.unit;
  const sourceIn = createRelative(path.resolve(prepared.settings.cwd, card.path));
  const refused = new Set<string>();
  const outputs: UnitOutput[] = [];
  const changes: Change[] = [];
  for (const { placed, state, content } of placeMade(plan, made)) {
    const { place, file: _, key, ...name } = placed;
    const hash = hashOf(name.part ? saidBy(name.part, content) : content);
    outputs.push({ ...name, hash });
    // A map would be wrong beside a file that was left alone, or that is the author's.
    const verdict = name.maps !== undefined && refused.has(name.maps) ? undefined : judge({ placed, state, content }, hash, context);
    if (!verdict) {
      refused.add(name.path);
      continue;
    }
    if (state.kind === 'source') refused.add(name.path);
    if (isPart(placed)) context.parts.push({ placed, content });
    else {
      const entry = {
        hash,
        source: sourceIn(place.within),
        target: name.target,
        ...(name.variant !== undefined && { variant: name.variant }),
      };
      changes.push(
        ...changesFor({ placed, state, content }, verdict, own(entry, context.after.get(place.within)?.get(key), verdict), context),
      );
    }
  }
  write(changes, [card.path], context);
  return { hash: source, uses: made.uses, findings: made.findings.map(store), whole: made.whole, outputs };
}

type Done = Extract<Verdict, { readonly action: string }>;

/** What is to be done; nothing, with the reason told, when nothing can be. Parts are judged with their file. */
function judge({ placed, state, content }: MadeOutput, hash: string, { input, prepared }: Context): Done | undefined {
  if (state.kind === 'refused') return undefined;
  if (isPart(placed)) return { action: 'unchanged' };
  const verdict = verdictOn(state, content, hash, input.shown(placed.file), prepared.settings.force);
  if ('action' in verdict) return verdict;
  input.refuse(placed.file, verdict.conflict);
  return undefined;
}

/** An entry, with whether the file was there before it was ours. */
function own(entry: ManifestEntry, before: ManifestEntry | undefined, { action }: Done): ManifestEntry {
  const adopted = before ? before.adopted : action === 'unchanged';
  return adopted ? { ...entry, adopted } : entry;
}

/** The change that an output needs, if any. */
function changesFor({ placed, state, content }: MadeOutput, { action, edited }: Done, entry: ManifestEntry, context: Context): Change[] {
  const { file, key, place, source, target } = placed;
  const manifest = context.after.get(place.within);
  if (action === 'unchanged') {
    // A source that is its own output stays what it is, and stays the author's.
    if (state.kind === 'source') manifest?.delete(key);
    else manifest?.set(key, entry);
    context.files.push({ file, target, sources: [source], action });
    keepRecord(file, entry.hash, context);
    return [];
  }
  context.onChange?.({ file, action, content, edited: edited === true });
  const was = 'hash' in state ? state.hash : undefined;
  return [{ file, content, action, target, folder: place.within, entries: [{ key, entry, was }] }];
}

/** Writes files, and notes what is ours now. What cannot be written is told, and is what it was. */
export function write(changes: readonly Change[], sources: readonly string[], { writer, after, files, records, input }: Context): void {
  const outcomes = writer?.write(changes);
  const now = Date.now();
  changes.forEach(({ file, target, action, folder, entries }, index) => {
    const outcome = outcomes?.[index];
    if (outcome && 'reason' in outcome) {
      input.refuse(file, { code: 'output-blocked', data: { path: input.shown(file), reason: outcome.reason } });
      return;
    }
    files.push({ file, target, sources, action });
    if (!outcome) return;
    for (const { key, entry } of entries) after.get(folder)?.set(key, entry);
    const [only] = entries;
    if (only && entries.length === 1 && !only.entry.part) records.set(file, recordOf(only.entry.hash, outcome.stamp, now));
  });
}

const recordOf = (hash: string, stamp: Stamp, now: number): OutputRecord => ({ hash, stamp: isSettled(stamp, now) ? stamp : undefined });

/** An agent whose outputs are what they were. */
export function keepUnit({ unit, outputs }: Planned, { prepared, files, parts, ...context }: Context): void {
  outputs.forEach((placed, index) => {
    if (isPart(placed)) parts.push({ placed });
    else {
      files.push({ file: placed.file, target: placed.target, sources: [unit.card.path], action: 'unchanged' });
      keepRecord(placed.file, unit.made?.outputs[index]?.hash ?? '', context);
    }
  });
}

/** What is on the disk is what it was: so is what is known of it. */
function keepRecord(file: string, hash: string, { records, input }: Pick<Context, 'records' | 'input'>): void {
  const before = input.records.get(file);
  records.set(file, before?.hash === hash ? before : { hash, stamp: undefined });
}

/** The path of a source as manifests say it: from their folder, with `/`. */
function createRelative(file: string): (folder: string) => string {
  const known = new Map<string, string>();
  return (folder) => {
    const found = known.get(folder) ?? slashed(path.relative(folder, file));
    known.set(folder, found);
    return found;
  };
}
