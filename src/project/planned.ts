/** Agents with the outputs that they will have, and how the places of those stand. */
import { companionsIn } from '../compile.js';
import { createPlacer, mapName, type OutputName, outputName, type PlacedOutput } from './claims.js';
import { findStale, type StaleOutput, type State, type SurveyInput, survey } from './plan.js';
import type { Prepared } from './prepare.js';
import { createPartsLook, isPart, type PlacedPart } from './shared-files.js';
import type { Unit } from './units.js';

export interface Planned {
  readonly unit: Unit;
  readonly outputs: readonly PlacedOutput[];
  /** Of each output, in order. */
  readonly states: readonly State[];
}

/** The outputs of each agent: those that it had, or those that its front matter makes it have. */
export function planUnits({ settings, targets, units, linked }: Prepared, input: SurveyInput): Planned[] {
  const place = createPlacer(settings);
  const placed = units.map((unit) =>
    namesOf(unit, targets, settings.sourceMaps).flatMap((name) => (linked.isWithheld(name) ? [] : (place(name) ?? []))),
  );
  const states = survey(placed.flat(), input);
  const lookAtPart = createPartsLook(input);
  let next = 0;
  return units.map((unit, index) => {
    const outputs = placed[index] ?? [];
    const stateOf = (output: PlacedOutput): State => {
      const state = states[next++] ?? { kind: 'refused' };
      return isPart(output) && state.kind === 'free' ? lookAtPart(output) : state;
    };
    return { unit, outputs, states: outputs.map(stateOf) };
  });
}

function namesOf({ card, made }: Unit, targets: Prepared['targets'], withMaps: boolean): readonly OutputName[] {
  if (made) return made.outputs;
  const names = card.editions.flatMap(({ variant, id, targets: wanted, renamed }) =>
    targets.filter(({ name }) => wanted.includes(name)).map((target) => outputName(card.path, target, variant, renamed[target.name] ?? id)),
  );
  return withMaps ? [...names, ...names.flatMap((name) => mapName(name) ?? [])] : names;
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

export function companionParts(makers: readonly OutputName[], { settings, targets, templates }: Prepared): CompanionPart[] {
  const place = createPlacer(settings);
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

/** What this build leaves over. What failed keeps what it has. */
export function staleIn(planned: readonly Planned[], prepared: Prepared): StaleOutput[] {
  const { agentFiles, failed, shown } = prepared;
  const outputs = planned.flatMap((plan) => plan.outputs);
  const companions = companionParts(outputs, prepared).map(({ placed }) => placed);
  const written = new Set([...outputs, ...companions].map(({ place, key }) => `${place.within}\0${key}`));
  return findStale(prepared, written, new Set(agentFiles)).filter(({ source }) => !failed.has(shown(source)));
}
