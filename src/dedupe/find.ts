/**
 * Documents → what several of them repeat. Sections come first, those that save most before the others, then stretches of
 * blocks under one heading; no text is counted twice. What is nearly the same is looked for in the rest.
 */
import { groupBy } from '../group-by.js';
import type { Document } from '../stages/parse/document.js';
import { type Blocks, blocksOf } from './blocks.js';
import { nearRepeats } from './near.js';
import { documentsOf, type Found, type Repeat, type Spot, textAt, toRepeat } from './repeat.js';
import { repeatedStretches } from './stretches.js';
import { createTaken, type Taken } from './taken.js';

export interface FindOptions {
  /** How many agents must have a text. */
  readonly min: number;
  /** How alike texts must be, in percent. 100: only what is the same. */
  readonly near: number;
}

/** What is the same first, then what is nearly so; of each what saves most before the others. */
export function findRepeats(documents: readonly Document[], { min, near }: FindOptions): Repeat[] {
  const texts = documents.map(blocksOf);
  const taken = createTaken(texts);
  const sections = choose(texts, sectionGroups(texts), taken, min);
  const takenBySections = taken.copy();
  const same = [...sections, ...choose(texts, stretchGroups(texts), taken, min)];
  const others = near < 100 ? nearRepeats(texts, same, { taken, takenBySections, min, atLeast: near / 100 }) : [];
  return [same.map(({ repeat }) => repeat), others].flatMap((repeats) => repeats.sort((a, b) => b.saved - a.saved || b.agents - a.agents));
}

/** Makes the spots at which one text stands, in the order of the documents. */
type Group = () => Spot[];

function sectionGroups(texts: readonly Blocks[]): Group[] {
  const spots = texts.flatMap(({ sections }, document) => sections.map(({ from, to, key }) => ({ document, from, to, key })));
  return [...groupBy(spots, ({ key }) => key).values()].map((group) => () => group);
}

function stretchGroups(texts: readonly Blocks[]): Group[] {
  const rows = texts.flatMap(({ all }, document) => {
    const unbroken: { document: number; from: number; keys: string[] }[] = [];
    for (const [from, { kind, key }] of all.entries()) {
      const current = unbroken.at(-1);
      if (kind === 'heading' || kind === 'break') continue;
      if (current && current.from + current.keys.length === from) current.keys.push(key);
      else unbroken.push({ document, from, keys: [key] });
    }
    return unbroken;
  });
  return repeatedStretches(rows.map(({ keys }) => keys)).map(({ length, occurrences }) => () => {
    return occurrences().flatMap(({ row, at }) => {
      const { document, from } = rows[row] ?? { document: 0, from: 0 };
      return { document, from: from + at, to: from + at + length };
    });
  });
}

/** Takes groups, those first that may save most, each without what is taken already. */
function choose(texts: readonly Blocks[], groups: readonly Group[], taken: Taken, min: number): Found[] {
  const ranked = groups
    .flatMap((group) => {
      const spots = group();
      const agents = documentsOf(spots);
      return agents >= min && spots[0] ? { group, most: (agents - 1) * textAt(texts, spots[0]).length } : [];
    })
    .sort((a, b) => b.most - a.most);
  return ranked.flatMap(({ group }): Found[] => {
    const spots = apart(group().filter(taken.isFree));
    if (documentsOf(spots) < min) return [];
    const repeat = toRepeat(texts, spots, 100, min);
    if (!repeat.exact || repeat.saved <= 0) return [];
    taken.add(spots);
    return [{ repeat, spots }];
  });
}

/** Spots that do not overlap: in `a a a` the stretch `a a` stands once. */
function apart(spots: readonly Spot[]): Spot[] {
  const kept: Spot[] = [];
  for (const spot of spots) {
    const last = kept.at(-1);
    if (last?.document !== spot.document || last.to <= spot.from) kept.push(spot);
  }
  return kept;
}
