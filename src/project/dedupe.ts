/** Finds what agents repeat, and takes a repeat out into a fragment. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Difference, firstDifference } from '../dedupe/differ.js';
import { type Extraction, extract, type Left, savedBy } from '../dedupe/extract.js';
import { findRepeats } from '../dedupe/find.js';
import { nameFor } from '../dedupe/reference.js';
import type { Place, Repeat } from '../dedupe/repeat.js';
import type { Diagnostic } from '../diagnostics/report.js';
import { folderForFragment } from './discover.js';
import { pathFrom } from './paths.js';
import { type BuildOptions, readSettings, type Settings } from './settings.js';
import { FEWEST_AGENTS, takeOut } from './take-out.js';
import { readTrial, type Trial, type TrialAgent, withMark } from './trial.js';
import { UsageError } from './usage-error.js';

export interface DedupeOptions extends Pick<BuildOptions, 'cwd' | 'sources' | 'config' | 'cache'> {
  /** How many agents must have a text. */
  readonly min: number;
  /** How alike texts must be, in percent. 100: only what is the same. */
  readonly near: number;
  /** How many repeats to list. */
  readonly limit: number;
  /** Takes one out; `dry` says what would be written, and writes nothing. */
  readonly write: 'no' | 'dry' | 'yes';
  /** The number of the one to take out. Default: the first that saves something. */
  readonly pick?: number;
  /** What its fragment is called. */
  readonly name?: string;
}

export interface DedupeResult {
  /** How many agents were read. */
  readonly agents: number;
  /** How many repeats there are. */
  readonly total: number;
  /** The first of them; none when one is to be taken out. */
  readonly repeats: readonly Listed[];
  /** What was to be taken out, in order. Only the last one can have been. */
  readonly tried: readonly Tried[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A repeat with its number in the list. */
export interface Listed {
  readonly number: number;
  readonly repeat: Repeat;
  /** What taking it out comes to; absent for what is nearly the same. */
  readonly outcome?: Outcome;
}

export interface Outcome {
  /** In how many agents it was tried. For a list a few are enough. */
  readonly tried: number;
  /** How many of them come out the same with a reference. With fewer than two nothing is written. */
  readonly agents: number;
  readonly saved: number;
  /** Agents that stay as they are. */
  readonly left: readonly Left[];
}

export interface Tried extends Listed {
  /** What was written, or would be; absent when nothing was. */
  readonly taken?: TakenOut;
  /** In what the places differ of a text that is nearly the same. */
  readonly differences?: readonly PlacedDifference[];
}

export interface TakenOut {
  readonly fragment: { readonly name: string; readonly path: string; readonly content: string };
  readonly changed: readonly { readonly path: string; readonly line: number }[];
}

/** What two agents say differently: the leading one `here`. */
export interface PlacedDifference extends Difference {
  readonly paths: readonly [here: string, there: string];
}

/** Lists what is repeated, or takes one out. Throws a UsageError for wrong use. */
export async function dedupe(options: DedupeOptions): Promise<DedupeResult> {
  const settings = await readSettings(options);
  const trial = await readTrial(settings);
  const documents = [...trial.agents.values()].map(({ document }) => document);
  const repeats = findRepeats(documents, options).map((repeat, index) => ({ number: index + 1, repeat }));
  const found = { agents: documents.length, total: repeats.length, diagnostics: trial.errors };
  if (options.write !== 'no') return { ...found, repeats: [], tried: takeFirst(repeats, trial, settings, options) };
  const listed = repeats.slice(0, options.limit).map(({ number, repeat }): Listed => {
    if (!repeat.exact) return { number, repeat };
    return { number, repeat, outcome: outcomeOf(tryOut(sampleOf(repeat), trial, settings, 'quickly').extraction) };
  });
  return { ...found, repeats: listed, tried: [] };
}

/** In how many agents a repeat is tried before it is listed: what comes out of more is much the same, and takes its time. */
const SAMPLE = 12;

function sampleOf(repeat: Repeat): Repeat {
  const paths = new Set([...new Set(repeat.places.map((place) => place.path))].slice(0, SAMPLE));
  return { ...repeat, places: repeat.places.filter((place) => paths.has(place.path)) };
}

const outcomeOf = ({ changed, saved, left }: Extraction): Outcome => ({
  tried: changed.length + left.length,
  agents: changed.length,
  saved,
  left,
});

/** Goes down the list until one can be taken out, or tries the one that is picked. */
function takeFirst(repeats: readonly Listed[], trial: Trial, settings: Settings, { pick, name, write }: DedupeOptions): Tried[] {
  const candidates = repeats.filter(({ number, repeat }) => (pick === undefined ? repeat.exact : number === pick));
  if (pick !== undefined && candidates.length === 0)
    throw new UsageError(`There is no repeat ${pick}`, repeats.length === 0 ? 'Nothing is repeated.' : `The list has ${repeats.length}.`);
  const tried: Tried[] = [];
  for (const { number, repeat } of candidates) {
    if (!repeat.exact) return [{ number, repeat, differences: differencesIn(repeat, trial) }];
    const { extraction, file } = tryOut(repeat, trial, settings, 'fully', name);
    const isWorthIt = extraction.changed.length >= FEWEST_AGENTS && (pick !== undefined || extraction.saved > 0);
    if (isWorthIt) return [...tried, { number, repeat, ...carryOut(extraction, file, trial, settings, write === 'dry') }];
    tried.push({ number, repeat, outcome: outcomeOf(extraction) });
  }
  return tried;
}

function tryOut(
  repeat: Repeat,
  trial: Trial,
  settings: Settings,
  how: 'fully' | 'quickly',
  wanted?: string,
): { extraction: Extraction; file: string } {
  const { cwd } = settings;
  const agents = repeat.places.filter(({ wording }) => wording === 0).map((place) => path.resolve(cwd, place.path));
  const folder = folderForFragment(settings, agents);
  const isTaken = (name: string): boolean =>
    trial.fragments.some((fragment) => fragment.name.toLowerCase() === name.toLowerCase()) || existsSync(fileOf(folder, name));
  if (wanted !== undefined) checkName(wanted, isTaken(wanted));
  const name = wanted ?? firstFree(nameFor(repeat.title), isTaken);
  const file = fileOf(folder, name);
  const compile = how === 'fully' ? trial.compileFully : trial.compileQuickly;
  return { extraction: extract(repeat, { name, path: pathFrom(cwd, file), texts: trial.texts, compile }), file };
}

const fileOf = (folder: string, name: string): string => path.join(folder, ...`${name}.md`.split('/'));

function firstFree(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name}-${number}`)) return `${name}-${number}`;
}

function checkName(name: string, isTaken: boolean): void {
  if (!/^(?:[\p{L}\p{N}][\p{L}\p{N}._-]*)(?:\/[\p{L}\p{N}][\p{L}\p{N}._-]*)*$/u.test(name) || name.endsWith('.md'))
    throw new UsageError(
      `A fragment cannot be called \`${name}\``,
      'Use letters, digits and hyphens, and `/` for a folder. The file gets `.md` by itself.',
    );
  if (isTaken) throw new UsageError(`There is a fragment \`${name}\` already`, 'Give another name with --name.');
}

/** Writes a fragment and its agents, and says what came of it. */
function carryOut(
  { fragment, changed, left }: Extraction,
  file: string,
  { agents }: Trial,
  { cwd }: Settings,
  dry: boolean,
): Pick<Tried, 'outcome' | 'taken'> {
  const replacements = changed.map((one) => {
    const agent = agents.get(one.path) as TrialAgent;
    return { path: one.path, file: path.resolve(cwd, one.path), before: agent.bytes, after: withMark(agent, one.text) };
  });
  const { written, failures } = dry
    ? { written: true, failures: new Map<string, string>() }
    : takeOut({ file, content: fragment.content }, replacements);
  const failed = changed.flatMap((one) => {
    const reason = failures.get(path.resolve(cwd, one.path));
    return reason === undefined ? [] : { path: one.path, line: one.line, reason };
  });
  const done = written ? changed.filter((one) => !failed.some((other) => other.path === one.path)) : [];
  const outcome = {
    tried: changed.length + left.length,
    agents: done.length,
    saved: written ? savedBy(fragment.content, done) : 0,
    left: [...left, ...failed],
  };
  if (!written) return { outcome };
  const { name, path: shown, content } = fragment;
  return {
    outcome,
    taken: { fragment: { name, path: shown, content }, changed: done.map(({ path: agent, line }) => ({ path: agent, line })) },
  };
}

/** Of each other wording its first difference from the leading one. */
function differencesIn({ places }: Repeat, { texts }: Trial): PlacedDifference[] {
  const [leading] = places;
  const textOf = (place: Place): string => texts.get(place.path)?.slice(place.range.start, place.range.end) ?? '';
  return places.flatMap((place, index): PlacedDifference[] => {
    if (!leading || place.wording === 0 || place.wording === places[index - 1]?.wording) return [];
    const found = firstDifference(textOf(leading), textOf(place));
    if (!found) return [];
    const lineIn = (of: Place, { line, text }: Difference['here']): Difference['here'] => ({ line: of.lines[0] + line, text });
    return [{ paths: [leading.path, place.path], here: lineIn(leading, found.here), there: lineIn(place, found.there) }];
  });
}
