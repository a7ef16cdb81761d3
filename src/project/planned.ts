/** Agents with the outputs that they will have, and how the places of those stand. */
import { companionsIn } from '../compile.js';
import { createPlacer, mapName, type OutputName, outputName, type PlacedOutput } from './claims.js';
import { createLook, findStale, type StaleOutput, type State, type SurveyInput } from './plan.js';
import type { Prepared } from './prepare.js';
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
export function createOutputs({ settings, targets, linked }: Prepared): OutputsOf {
  const place = createPlacer(settings);
  const isOffered = (name: OutputName): boolean => !linked.isWithheld(name);
  const namesOf = ({ path, editions }: Unit['card']): OutputName[] =>
    editions.flatMap(({ variant, id, targets: wanted, renamed }) =>
      targets.filter(({ name }) => wanted.includes(name)).map((target) => outputName(path, target, variant, renamed[target.name] ?? id)),
    );
  return ({ card, made, before }) => {
    if (made) {
      return made.outputs.flatMap(({ hash, stamp, ...name }) => {
        const output = { source: card.path, ...name };
        return isOffered(output) ? (place(output, { hash, stamp }) ?? []) : [];
      });
    }
    const names = namesOf(card).filter(isOffered);
    const all = settings.sourceMaps ? [...names, ...names.flatMap((name) => mapName(name) ?? [])] : names;
    return all.flatMap((name) => {
      const isIt = ({ target, variant, path }: OutputName | Omit<OutputName, 'source'>): boolean =>
        target === name.target && variant === name.variant && path === name.path;
      return place(name, before?.outputs.find(isIt)) ?? [];
    });
  };
}

/** Looks where the outputs of all agents are to be. */
export function planUnits({ units }: Prepared, outputsOf: OutputsOf, input: SurveyInput): Planned[] {
  const lookAt = createLook(() => allOutputs(units, outputsOf), input);
  const lookAtPart = createPartsLook(input);
  const stateOf = (output: PlacedOutput): State => {
    const state = lookAt(output);
    return isPart(output) && state.kind === 'free' ? lookAtPart(output) : state;
  };
  return units.map((unit) => ({ unit, states: outputsOf(unit).map(stateOf) }));
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

export function companionParts(makers: Iterable<OutputName>, { settings, targets, templates }: Prepared): CompanionPart[] {
  const place = createPlacer(settings);
  const firsts = new Map<string, OutputName>();
  for (const one of makers) {
    const key = `${one.variant ?? ''}\0${one.target}`;
    if (!firsts.has(key)) firsts.set(key, one);
  }
  const companions = companionsIn(
    [...firsts.values()].map((one) => ({ ...one, agent: '' })),
    targets,
    templates,
  );
  return companions.flatMap(({ content, ...name }) => {
    const placed = place(name);
    return placed && isPart(placed) ? [{ placed, content }] : [];
  });
}

/** What this build leaves over. What failed keeps what it has. */
export function staleIn(prepared: Prepared, outputsOf: OutputsOf): StaleOutput[] {
  const { settings, agentFiles, failed, shown, units, ownership } = prepared;
  const { manifests } = ownership;
  if ([...manifests.values()].every(({ size }) => size === 0)) return [];
  const written = new Set<string>();
  const companions = companionParts(allOutputs(units, outputsOf), prepared).map(({ placed }) => placed);
  for (const { place, key } of companions) written.add(`${place.within}\0${key}`);
  for (const { place, key } of allOutputs(units, outputsOf)) written.add(`${place.within}\0${key}`);
  return findStale({ settings, manifests }, written, new Set(agentFiles)).filter(({ source }) => !failed.has(shown(source)));
}

export function* allOutputs(units: readonly Unit[], outputsOf: OutputsOf): Iterable<PlacedOutput> {
  for (const unit of units) yield* outputsOf(unit);
}
