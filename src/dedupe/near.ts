/** What several documents say in nearly the same words. */
import { groupBy } from '../group-by.js';
import type { Block, Blocks } from './blocks.js';
import { documentsOf, type Found, type Repeat, referenceSize, type Spot, textAt, toRepeat } from './repeat.js';
import { gather } from './similar.js';
import { createTaken, type Taken } from './taken.js';

/** Whole sections are looked at first; what is in those that are found is not looked at again. */
const KINDS = ['section', 'list', 'paragraph', 'code', 'item'] as const;

/** A text of which there may be others like it, with all places where it stands. */
interface Unit {
  readonly kind: (typeof KINDS)[number];
  readonly spots: readonly Spot[];
  readonly text: string;
  /** It is a repeat already. */
  readonly known: boolean;
}

/** A unit that is like others: how like the first of them. */
interface Alike {
  readonly unit: Unit;
  readonly likeness: number;
}

/** Texts of fewer characters are alike by chance. */
const SHORTEST = 40;

/** Of what has more than so much in repeats, the rest is not worth a look. */
const HALF = 0.5;

export interface NearOptions {
  /** What is in repeats. */
  readonly taken: Taken;
  /** What is in repeated sections. */
  readonly takenBySections: Taken;
  /** How many documents must have a text. */
  readonly min: number;
  /** How alike texts must be, from 0 to 1. */
  readonly atLeast: number;
}

/**
 * Finds what is nearly the same: sections, lists, paragraphs, code and items that are not the same in several documents,
 * or that are like one which is. A section may hold smaller texts that are the same: the whole is worth more.
 */
export function nearRepeats(texts: readonly Blocks[], same: readonly Found[], options: NearOptions): Repeat[] {
  const taken = createTaken(texts);
  const units = groupBy([...knownUnits(texts, same), ...freeUnits(texts, options)], ({ kind }) => kind);
  return KINDS.flatMap((kind) =>
    groupsIn(units.get(kind) ?? [], options.atLeast).flatMap((group) => {
      const free = group.filter(({ unit }) => unit.spots.every(taken.isFree));
      const repeat = toNearRepeat(texts, free, options);
      if (repeat) taken.add(free.flatMap(({ unit }) => unit.spots));
      return repeat ?? [];
    }),
  );
}

/** Groups of units that are alike, the largest first. A unit that stands in many documents leads its group. */
function groupsIn(units: readonly Unit[], atLeast: number): Alike[][] {
  const ranked = units.toSorted((a, b) => documentsOf(b.spots) - documentsOf(a.spots) || b.text.length - a.text.length);
  const gathered = gather(
    ranked.map(({ text }) => text),
    atLeast,
  );
  return gathered
    .filter(({ others }) => others.length > 0)
    .map(({ leader, others }) =>
      [{ index: leader, likeness: 1 }, ...others].map(({ index, likeness }) => ({ unit: ranked[index] as Unit, likeness })),
    )
    .sort((a, b) => sizeOf(b) - sizeOf(a));
}

const sizeOf = (group: readonly Alike[]): number => group.length * (group[0]?.unit.text.length ?? 0);

function toNearRepeat(texts: readonly Blocks[], group: readonly Alike[], { min, taken }: NearOptions): Repeat | undefined {
  const units = group.map(({ unit }) => unit);
  const spots = units.flatMap((unit) => unit.spots);
  if (units.length < 2 || documentsOf(spots) < min) return undefined;
  const repeat = toRepeat(texts, spots, Math.floor(Math.min(...group.map(({ likeness }) => likeness)) * 100), min);
  const saved = savedBy(units, repeat, taken);
  return saved > 0 ? { ...repeat, exact: false, saved } : undefined;
}

/** What is saved beside what the repeats save that are found: those among the units, and those in them. */
function savedBy(units: readonly Unit[], { bytes, title }: Repeat, taken: Taken): number {
  const others = units.filter((unit) => !unit.known).flatMap(({ spots }) => spots);
  const copies = documentsOf(others) + units.filter((unit) => unit.known).length - 1;
  const share = Math.max(0, ...others.map(taken.freeShare));
  return Math.round(copies * bytes * share) - documentsOf(others) * referenceSize(title);
}

function knownUnits(texts: readonly Blocks[], same: readonly Found[]): Unit[] {
  return same.flatMap(({ spots, repeat }): Unit[] => {
    const [first] = spots;
    if (!first || repeat.kind === 'text') return [];
    const kind = repeat.kind === 'items' ? (repeat.blocks > 1 ? 'list' : 'item') : repeat.kind;
    return [{ kind, spots, text: textAt(texts, first), known: true }];
  });
}

/** What is mostly in no repeat; what says the same is one unit. */
function freeUnits(texts: readonly Blocks[], { taken, takenBySections }: NearOptions): Unit[] {
  const spots = texts.flatMap(({ all, sections }, document) => {
    const ofSections = sections.map((section) => ({ ...section, kind: 'section' as const, document }));
    const ofBlocks = [...listsIn(all), ...blocksIn(all)].map((block) => ({ ...block, document }));
    return [
      ...ofSections.filter((spot) => takenBySections.freeShare(spot) > HALF),
      ...ofBlocks.filter((spot) => taken.freeShare(spot) > HALF),
    ];
  });
  return [...groupBy(spots, ({ kind, key }) => `${kind} ${key}`).values()].flatMap((group): Unit[] => {
    const [first] = group;
    const text = first ? textAt(texts, first) : '';
    return first && text.length >= SHORTEST ? [{ kind: first.kind, spots: group, text, known: false }] : [];
  });
}

interface Keyed {
  readonly kind: Exclude<Unit['kind'], 'section'>;
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

const blocksIn = (all: readonly Block[]): Keyed[] =>
  all.flatMap(({ kind, key }, from) => (kind === 'heading' || kind === 'break' ? [] : { kind, key, from, to: from + 1 }));

/** Lists of more than one item. */
function listsIn(all: readonly Block[]): Keyed[] {
  let from = 0;
  return all.flatMap(({ inList }, index) => {
    if (inList?.first) from = index;
    if (!inList?.last || inList.first) return [];
    const items = all.slice(from, index + 1);
    return { kind: 'list' as const, key: items.map(({ key }) => key).join('\n'), from, to: index + 1 };
  });
}
