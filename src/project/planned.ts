/** Agents with the outputs that they will have, and how the places of those stand. */
import type { AgentCard } from '../compile/link.js';
import { companionsIn } from '../compile.js';
import type { Target } from '../targets/target.js';
import { createPlacer, mapName, type OutputName, outputName, type PlacedOutput } from './claims.js';
import { hidingOf } from './hidden.js';
import { oncePer } from './once-per.js';
import { createLook, findStale, has, type StaleOutput, type State, type SurveyInput } from './plan.js';
import type { Prepared } from './prepare.js';
import type { Shard } from './shard.js';
import { createPartsLook, isPart, type PlacedPart } from './shared-files.js';
import type { Unit } from './units.js';

export interface Planned {
  readonly unit: Unit;
  /** Of each output, in order. */
  readonly states: readonly State[];
}

/** Gives the outputs of an agent with their places. They are not kept: there are many, and they are quickly said. */
export type OutputsOf = (unit: Unit) => PlacedOutput[];

/** The outputs of each agent: those that it had, or those that its front matter makes it have. */
export function createOutputs({ settings, targetsFor, linked }: Prepared): OutputsOf {
  const place = createPlacer(settings);
  const isOffered = (name: OutputName): boolean => !linked.isWithheld(name);
  return ({ card, made, before }) => {
    if (made) {
      return made.outputs.flatMap((output) => {
        const { target, variant, path, part, maps } = output;
        const name = { source: card.path, target, variant, path, part, maps };
        return isOffered(name) ? (place(name, output) ?? []) : [];
      });
    }
    return namesIn(card, targetsFor(card.path), settings.sourceMaps)
      .filter(isOffered)
      .flatMap((name) => {
        const record = before?.outputs.find((one) => one.target === name.target && one.variant === name.variant && one.path === name.path);
        return place(name, record) ?? [];
      });
  };
}

/** Looks where the outputs of all agents of this build are to be. */
export function planUnits(prepared: Prepared, outputsOf: OutputsOf, input: SurveyInput): Planned[] {
  const { units, targetsFor } = prepared;
  const own = units.filter(({ card }) => targetsFor(card.path).length > 0);
  const elsewhere = placesElsewhere(prepared);
  const lookAt = createLook(function* all() {
    yield* allOutputs(own, outputsOf);
    yield* elsewhere;
  }, input);
  const lookAtPart = createPartsLook(input);
  const stateOf = (output: PlacedOutput): State => {
    const state = lookAt(output);
    return isPart(output) && state.kind === 'free' ? lookAtPart(output) : state;
  };
  return own.map((unit) => ({ unit, states: outputsOf(unit).map(stateOf) }));
}

function namesIn(card: AgentCard, targets: readonly Target[], withMaps: boolean): OutputName[] {
  const names = card.editions.flatMap(({ variant, id, targets: wanted, renamed }) =>
    targets.filter(({ name }) => wanted.includes(name)).map((target) => outputName(card.path, target, variant, renamed[target.name] ?? id)),
  );
  return withMaps ? [...names, ...names.flatMap((name) => mapName(name) ?? [])] : names;
}

/** The outputs that other shares make. */
function placesElsewhere({ settings, targets, targetsFor, units, linked }: Prepared): PlacedOutput[] {
  if (!settings.shard) return [];
  const place = createPlacer(settings);
  return units.flatMap(({ card }) => {
    const own = targetsFor(card.path);
    const others = targets.filter((target) => !own.includes(target));
    return namesIn(card, others, settings.sourceMaps).flatMap((name) => (linked.isWithheld(name) ? [] : (place(name) ?? [])));
  });
}

/** An agent is compiled when nothing is known of it, or when one of its outputs is not what it was. */
export function isToBeMade({ unit: { made }, states }: Planned): boolean {
  return (
    !made ||
    states.length !== made.outputs.length ||
    states.some((state, index) => state.kind !== 'ours' || state.elsewhere || !has(state, made.outputs[index]?.hash ?? ''))
  );
}

/** A part of a file that stands once for a target, for the first of the agents that have outputs there. */
export interface CompanionPart {
  readonly placed: PlacedPart;
  readonly content: string;
}

/** @param made the outputs that there are, for the first of which companions are made */
export function companionParts(made: Iterable<OutputName>, prepared: Prepared): CompanionPart[] {
  const { settings, targets, templates } = prepared;
  const place = createPlacer(settings);
  return companionsIn(settings.shard ? makersFor(settings.shard, prepared) : made, targets, templates).flatMap(({ content, ...name }) => {
    const placed = place(name);
    return placed && isPart(placed) ? [{ placed, content }] : [];
  });
}

/** The outputs, whoever makes them, of targets for which a share makes what stands once beside them. */
function makersFor(shard: Shard, { targets, units, linked }: Prepared): OutputName[] {
  const some = targets.filter(({ name, companions }) => companions && shard.hasTarget(name));
  if (some.length === 0) return [];
  return units
    .filter(({ card }) => card.sound)
    .flatMap(({ card }) => namesIn(card, some, false).filter((name) => !linked.isWithheld(name)));
}

/**
 * What this build leaves over. What failed keeps what it has, and so does what is made of a source that may be there, unseen.
 * @param companions beside the outputs
 */
export function staleIn(prepared: Prepared, outputsOf: OutputsOf, companions: readonly CompanionPart[]): StaleOutput[] {
  const { settings, files, failed, shown, units, ownership, looks, report } = prepared;
  const { manifests } = ownership;
  if ([...manifests.values()].every(({ size }) => size === 0)) return [];
  const written = new Set<string>();
  for (const { placed } of companions) written.add(keyOf(placed));
  for (const output of allOutputs(units, outputsOf)) written.add(keyOf(output));
  const isHidden = oncePer((source: string): boolean => {
    const hiding = hidingOf(source, looks.closed);
    if (hiding) report.addForFile('source-unreadable', shown(hiding.file), { reason: hiding.reason });
    return hiding !== undefined;
  });
  const stale = findStale({ settings, manifests }, written, new Set(files.agents)).filter(
    ({ source }) => !failed.has(shown(source)) && !isHidden(source),
  );
  // In one manifest no two entries are one file.
  if (stale.length === 0 || manifests.size < 2) return stale;
  const made = new Set<string>();
  for (const { file } of allOutputs(units, outputsOf)) made.add(file);
  // The same file may be listed elsewhere from now on.
  return stale.map((one) => (made.has(one.file) ? { ...one, elsewhere: true } : one));
}

/** As findStale knows an output. */
const keyOf = ({ place, key }: PlacedOutput): string => `${place.within}\0${key}`;

export function* allOutputs(units: readonly Unit[], outputsOf: OutputsOf): Iterable<PlacedOutput> {
  for (const unit of units) yield* outputsOf(unit);
}
