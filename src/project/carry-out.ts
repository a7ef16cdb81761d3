/**
 * Compiles what has to be compiled and brings the disk up to it, agent by agent: the outputs of one are written and let go
 * before the next one is compiled. How the disk stands, and what is in the way, is found out before the first write.
 */
import { groupBy } from '../group-by.js';
import { hashOf } from './cache/inputs.js';
import type { Stamp } from './cache/stamps.js';
import type { OutputName } from './claims.js';
import { textOf } from './content.js';
import { createLacking } from './lacking.js';
import { type Making, makeUnit, type Product } from './make-unit.js';
import { createWhereabouts, judgeStale, type StaleOutput, type State, type SurveyInput, verdictOn } from './plan.js';
import {
  allOutputs,
  type CompanionPart,
  companionParts,
  createOutputs,
  isToBeMade,
  type OutputsOf,
  type Planned,
  planUnits,
  staleIn,
} from './planned.js';
import type { Prepared } from './prepare.js';
import { isPart, planSharedFiles, type SharedFile, type WantedPart } from './shared-files.js';
import type { KnownUnit, MadeUnit, Unit } from './units.js';
import type { Crew } from './workers/crew.js';
import { clearDrafts, createWriter } from './write.js';
import { type BuiltOutput, type Context, keepUnit, type Means, placeMade, writeUnit } from './write-unit.js';

export interface CarriedOut {
  /** How many files there are, by what was done. */
  readonly counts: { readonly [A in BuiltOutput['action']]: number };
  /** How many outputs that lay there already were taken over. */
  readonly adopted: number;
  /** Absolute. */
  readonly removed: readonly string[];
  /** Paths of agents that lack an output. */
  readonly failed: ReadonlySet<string>;
  readonly units: Map<string, KnownUnit>;
}

/** Starts threads that compile; `make` does it in this one. */
export type ShareOut = (units: readonly Unit[], how: Making, make: (unit: Unit) => Product) => Crew | undefined;

/**
 * Unless it is a dry run, it must be called while nobody else writes.
 * @param scope whether the agents are all there are: then what none of them has any more is left over
 * @param shareOut lets other threads compile as well, when there is enough to do; absent: none
 */
export function carryOut(prepared: Prepared, means: Means, scope: 'all' | 'some' = 'all', shareOut?: ShareOut): CarriedOut {
  const { settings, report, shown, ownership } = prepared;
  const { adopted } = ownership;
  const input: SurveyInput = {
    settings,
    manifests: ownership.manifests,
    sources: prepared.realSources(),
    shown,
    refuse: (file, { code, data }) => report.addForFile(code, shown(file), data as never),
  };
  const outputsOf = createOutputs(prepared);
  const planned = planUnits(prepared, outputsOf, input);
  const companions = scope === 'all' ? companionParts(allOutputs(prepared.units, outputsOf), prepared) : [];
  const stale = scope === 'all' ? staleIn(prepared, outputsOf, companions) : [];
  const making = new Set(planned.filter(isToBeMade));
  const how: Making = { mapsOf: means.mapsOf, keepsFates: means.onFates !== undefined };
  const tried = tryOut(making, { companions, stale }, prepared, input, { ...how, outputsOf });
  const judged = judgeAll(stale, input);

  if (scope === 'all' && !settings.dryRun) clearDrafts(ownership.manifests);
  const failed = new Set(prepared.failed);
  const lacking = createLacking(stale, prepared, failed);
  const counts = { added: 0, changed: 0, unchanged: 0 };
  const context: Context = {
    ...means,
    prepared,
    input,
    writer: settings.dryRun ? undefined : createWriter([...ownership.manifests.keys()], settings.project),
    outputsOf,
    parts: [],
    lacking,
    onBuilt(output) {
      counts[output.action]++;
      means.onBuilt?.(output);
    },
  };
  const units = new Map<string, KnownUnit>();
  const total = [...making].reduce((sum, { states }) => sum + states.length, 0);
  let done = 0;
  const make = (unit: Unit): Product => makeUnit(unit, prepared, how);
  const untried = [...making].flatMap((plan) => (tried.has(plan) ? [] : [plan.unit]));
  const crew = shareOut?.(untried, how, make);
  try {
    for (const plan of planned) {
      const { card, made: kept } = plan.unit;
      let made = kept;
      if (!made || making.has(plan)) {
        const product = tried.get(plan) ?? (crew?.make ?? make)(plan.unit);
        made = writeUnit(plan, product, context);
        means.onFates?.(product.fates);
        done += plan.states.length;
        means.onProgress?.(done, total);
      } else {
        keepUnit(plan, context);
        made = withNews(made, plan.states);
      }
      if (!made.whole) failed.add(card.path);
      units.set(card.path, { card, made });
    }
  } finally {
    crew?.dismiss();
  }
  const removed = [...finishShared(scope === 'all' ? outputsIn(units) : [], stale, context), ...removeStale(judged, context)];
  for (const [file, reason] of context.writer?.finish(ownership, scope === 'all' ? 'manifests' : 'journals') ?? [])
    input.refuse(file, { code: 'output-blocked', data: { path: shown(file), reason } });
  return { counts, adopted: ownership.adopted - adopted, removed, failed, units };
}

function* outputsIn(units: ReadonlyMap<string, KnownUnit>): Iterable<OutputName> {
  for (const [source, { made }] of units) for (const output of made.outputs) yield { ...output, source };
}

/** What is known of an agent, with stamps of outputs that were read because theirs did not tell. */
function withNews(made: MadeUnit, states: readonly State[]): MadeUnit {
  if (!states.some((state) => state.kind === 'ours' && state.stamp)) return made;
  const stampOf = (state: State | undefined): Stamp | undefined => (state?.kind === 'ours' ? state.stamp : undefined);
  return { ...made, outputs: made.outputs.map((output, index) => ({ ...output, stamp: stampOf(states[index]) ?? output.stamp })) };
}

/** How many compiled agents are kept from the trial. The others are compiled once more. */
const MOST_TRIED = 200;

/**
 * Compiles the agents whose outputs have something strange in their places: it may be just what is to be written. What is in
 * the way is told, before anything is written. Gives what was compiled.
 */
function tryOut(
  making: ReadonlySet<Planned>,
  { companions, stale }: { readonly companions: readonly CompanionPart[]; readonly stale: readonly StaleOutput[] },
  prepared: Prepared,
  input: SurveyInput,
  { outputsOf, ...how }: Making & { readonly outputsOf: OutputsOf },
): Map<Planned, Product> {
  const tried = new Map<Planned, Product>();
  const parts: WantedPart[] = [...companions];
  for (const plan of making) {
    const isStrange = plan.states.some(({ kind }) => kind === 'foreign' || kind === 'edited' || kind === 'source');
    if (!isStrange) continue;
    const made = makeUnit(plan.unit, prepared, how);
    if (tried.size < MOST_TRIED) tried.set(plan, made);
    for (const { placed, state, content } of placeMade(outputsOf(plan.unit), plan.states, made)) {
      if (state.kind === 'refused') continue;
      if (isPart(placed)) parts.push({ placed, content: textOf(content) });
      else {
        const verdict = verdictOn(state, content, hashOf(content), input.shown(placed.file), prepared.settings.force);
        if ('conflict' in verdict) input.refuse(placed.file, verdict.conflict);
      }
    }
  }
  planSharedFiles(parts, stale, prepared.ownership.manifests, input);
  return tried;
}

interface Judged {
  readonly one: StaleOutput;
  readonly fate: Exclude<ReturnType<typeof judgeStale>, object>;
}

/** Whole files that are left over, each with what becomes of it. */
function judgeAll(stale: readonly StaleOutput[], input: SurveyInput): Judged[] {
  const whereabouts = createWhereabouts();
  return stale.flatMap((one): Judged[] => {
    if (one.entry.part) return [];
    const fate = judgeStale(one, input, whereabouts);
    if (typeof fate === 'string') return [{ one, fate }];
    input.refuse(one.file, fate.conflict);
    return [];
  });
}

/** Whether what is left over stays for now. Where its source does not say why, it is told. */
function isKept(one: StaleOutput, { lacking, input }: Context): boolean {
  const why = lacking.keeps(one);
  if (why === 'replacement')
    input.refuse(one.file, { code: 'output-left', data: { path: input.shown(one.file), part: one.entry.part?.id, why } });
  return why !== undefined;
}

/** Removes what is left over, and forgets what is gone. Gives what was removed, or would be. */
function removeStale(judged: readonly Judged[], context: Context): string[] {
  const { writer, prepared, input, onChange } = context;
  const whereabouts = createWhereabouts();
  return judged.flatMap(({ one, fate }): string[] => {
    const { file, folder, key } = one;
    if (fate === 'left') return [];
    if (fate === 'given back') {
      if (isKept(one, context)) return [];
      input.refuse(file, { code: 'output-left', data: { path: input.shown(file), why: 'adopted' } });
    } else if (fate !== 'forgotten') {
      // Building the others may have taken long enough for an edit.
      const now = judgeStale(one, input, whereabouts);
      if (typeof now === 'object') {
        input.refuse(file, now.conflict);
        return [];
      }
      if (isKept(one, context)) return [];
      onChange?.({ file, action: 'removed', edited: fate === 'removed by force', gone: one.gone });
      const reason = writer?.remove(file);
      if (reason !== undefined) {
        input.refuse(file, { code: 'output-blocked', data: { path: input.shown(file), reason } });
        return [];
      }
    } else writer?.tidy(file);
    prepared.ownership.note(folder, key, undefined);
    return fate === 'forgotten' || fate === 'given back' ? [] : [file];
  });
}

/**
 * Writes the files that have parts of several owners. Gives those of which nothing is left.
 * @param makers the outputs that there are, for what stands once beside them
 */
function finishShared(makers: Iterable<OutputName>, stale: readonly StaleOutput[], context: Context): string[] {
  const { prepared, input } = context;
  const wanted = [...context.parts, ...companionParts(makers, prepared)];
  const files = new Set(wanted.map(({ placed }) => placed.file));
  const write = (parts: readonly WantedPart[], left: readonly StaleOutput[]): string[] =>
    planSharedFiles(
      parts,
      left.filter((one) => !isKept(one, context)),
      prepared.ownership.manifests,
      input,
    ).flatMap((one) => (writeShared(one, context) === 'removed' ? [one.file] : []));
  const besides = groupBy(
    stale.filter(({ entry }) => entry.part),
    ({ file }) => files.has(file),
  );
  const removed = write(wanted, besides.get(true) ?? []);
  // Only now it is known whether what is to be elsewhere is there.
  return [...removed, ...write([], besides.get(false) ?? [])];
}

function writeShared({ file, folder, target, sources, plan, gone }: SharedFile, context: Context): 'removed' | 'written' | 'left' {
  const { writer, prepared, input, onChange, onBuilt } = context;
  const { content, edited, replaces } = plan;
  const action = content === undefined ? 'removed' : plan.action;
  if (action !== 'unchanged') onChange?.({ file, action, edited, gone, ...(content !== undefined && { content }) });
  let reason: string | undefined;
  if (content === undefined) reason = writer?.remove(file);
  else if (plan.action !== 'unchanged') {
    const entries = [...plan.entries].flatMap(([key, entry]) => (entry ? [{ key, entry, was: replaces.get(key) }] : []));
    const [outcome] = writer?.write([{ file, content, action: plan.action, shared: true, folder, entries }]) ?? [];
    if (outcome && 'reason' in outcome) reason = outcome.reason;
  }
  if (reason !== undefined) {
    input.refuse(file, { code: 'output-blocked', data: { path: input.shown(file), reason, shared: true } });
    for (const source of sources) context.lacking.add(prepared.absolute(source), target);
    return 'left';
  }
  for (const [key, entry] of plan.entries) prepared.ownership.note(folder, key, entry);
  if (action === 'removed') return 'removed';
  if (sources.length > 0 || action !== 'unchanged') onBuilt({ file, target, sources, action });
  else writer?.tidy(file);
  return 'written';
}
