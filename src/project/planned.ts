/** Agents with the outputs that they will have, and how the places of those stand. */
import type { AgentCard } from '../compile/link.js';
import { companionsIn } from '../compile.js';
import type { Target } from '../targets/target.js';
import { createPlacer, mapName, type OutputName, outputName, type PlacedOutput } from './claims.js';
import { findStale, type StaleOutput, type State, type SurveyInput, survey } from './plan.js';
import type { Prepared } from './prepare.js';
import type { Shard } from './shard.js';
import { createPartsLook, isPart, type PlacedPart } from './shared-files.js';
import type { Unit } from './units.js';

export interface Planned {
  readonly unit: Unit;
  readonly outputs: readonly PlacedOutput[];
  /** Of each output, in order. */
  readonly states: readonly State[];
}

/** The agents of a build and their outputs: those that they had, or those that their front matter makes them have. */
export function planUnits(prepared: Prepared, input: SurveyInput): Planned[] {
  const { settings, targetsFor, units, linked } = prepared;
  const place = createPlacer(settings);
  const placed = (names: readonly OutputName[]): PlacedOutput[] =>
    names.flatMap((name) => (linked.isWithheld(name) ? [] : (place(name) ?? [])));
  const own = units
    .filter(({ card }) => targetsFor(card.path).length > 0)
    .map((unit) => ({ unit, outputs: placed(namesOf(unit, targetsFor(unit.card.path), settings.sourceMaps)) }));
  const outputs = own.flatMap((one) => one.outputs);
  const states = survey(outputs, [...outputs, ...placed(namesElsewhere(prepared))], input);
  const lookAtPart = createPartsLook(input);
  let next = 0;
  return own.map(({ unit, outputs }) => {
    const stateOf = (output: PlacedOutput): State => {
      const state = states[next++] ?? { kind: 'refused' };
      return isPart(output) && state.kind === 'free' ? lookAtPart(output) : state;
    };
    return { unit, outputs, states: outputs.map(stateOf) };
  });
}

const namesOf = ({ card, made }: Unit, targets: readonly Target[], withMaps: boolean): readonly OutputName[] =>
  made ? made.outputs : namesIn(card, targets, withMaps);

function namesIn(card: AgentCard, targets: readonly Target[], withMaps: boolean): OutputName[] {
  const names = card.editions.flatMap(({ variant, id, targets: wanted, renamed }) =>
    targets.filter(({ name }) => wanted.includes(name)).map((target) => outputName(card.path, target, variant, renamed[target.name] ?? id)),
  );
  return withMaps ? [...names, ...names.flatMap((name) => mapName(name) ?? [])] : names;
}

/** The outputs that other shares make. */
function namesElsewhere({ settings, targets, targetsFor, units }: Prepared): OutputName[] {
  if (!settings.shard) return [];
  return units.flatMap(({ card }) => {
    const own = targetsFor(card.path);
    return namesIn(
      card,
      targets.filter((target) => !own.includes(target)),
      settings.sourceMaps,
    );
  });
}

/** An agent is compiled when nothing is known of it, or when one of its outputs is not what it was. */
export function isToBeMade({ unit: { made }, states }: Planned): boolean {
  return !made || states.some((state, index) => state.kind !== 'ours' || state.hash !== made.outputs[index]?.hash);
}

/** A part of a file that stands once for a target, for the first of the agents that have outputs there. */
export interface CompanionPart {
  readonly placed: PlacedPart;
  readonly content: string;
}

/** @param made the outputs that there are, for the first of which companions are made */
export function companionParts(made: readonly OutputName[], prepared: Prepared): CompanionPart[] {
  const { settings, targets, templates } = prepared;
  const place = createPlacer(settings);
  const makers = settings.shard ? makersFor(settings.shard, prepared) : made;
  const companions = companionsIn(
    makers.map((one) => ({ ...one, agent: '' })),
    targets,
    templates,
  );
  return companions.flatMap(({ content, ...name }) => {
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

/** What this build leaves over. What failed keeps what it has. */
export function staleIn(planned: readonly Planned[], prepared: Prepared): StaleOutput[] {
  const { agentFiles, failed, shown } = prepared;
  const outputs = planned.flatMap((plan) => plan.outputs);
  const companions = companionParts(outputs, prepared).map(({ placed }) => placed);
  const written = new Set([...outputs, ...companions].map(({ place, key }) => `${place.within}\0${key}`));
  return findStale(prepared, written, new Set(agentFiles)).filter(({ source }) => !failed.has(shown(source)));
}
