/** What several documents say in nearly the same words. */
import { groupBy } from '../group-by.js';
import type { Block, Blocks } from './blocks.js';
import { documentsOf, type Repeat, referenceSize, type Spot, textAt, toRepeat } from './repeat.js';
import { gather } from './similar.js';

/** A repeat with the blocks in which it was found. */
export interface Found {
  readonly repeat: Repeat;
  readonly spots: readonly Spot[];
}

/** Whole sections are looked at first; what is in them is not looked at again. */
const KINDS = ['section', 'list', 'paragraph', 'code', 'item'] as const;

/** A text of which there may be others like it, with all places where it stands. */
interface Unit {
  readonly kind: (typeof KINDS)[number];
  readonly spots: readonly Spot[];
  readonly text: string;
  /** It is a repeat already. */
  readonly known: boolean;
}

/** Texts of fewer characters are alike by chance. */
const SHORTEST = 40;

/** The blocks that are in repeats: those in sections, and all. */
export interface Covered {
  readonly inSections: readonly Uint8Array[];
  readonly inAny: readonly Uint8Array[];
}

/**
 * Finds what is nearly the same: sections, lists, paragraphs, code and items that are not the same in several documents,
 * or that are like one which is. A section may hold smaller texts that are the same: the whole is worth more.
 * @param atLeast how alike they must be, from 0 to 1
 */
export function nearRepeats(texts: readonly Blocks[], same: readonly Found[], covered: Covered, min: number, atLeast: number): Repeat[] {
  const taken = covered.inAny.map((marks) => new Uint8Array(marks.length));
  const isFree = ({ spots }: Unit): boolean =>
    spots.every(({ document, from, to }) => taken[document]?.subarray(from, to).every((mark) => mark === 0));
  const units = groupBy([...knownUnits(texts, same), ...freeUnits(texts, covered)], ({ kind }) => kind);

  return KINDS.flatMap((kind) => {
    const candidates = (units.get(kind) ?? []).sort((a, b) => documentsOf(b.spots) - documentsOf(a.spots) || b.text.length - a.text.length);
    const gathered = gather(
      candidates.map(({ text }) => text),
      atLeast,
    );
    const groups = gathered
      .map(({ leader, others }) =>
        [{ index: leader, likeness: 1 }, ...others].map((one) => ({ ...one, unit: candidates[one.index] as Unit })),
      )
      .filter((group) => group.length > 1)
      .sort((a, b) => weightOf(b) - weightOf(a));
    return groups.flatMap((group) => {
      const free = group.filter(({ unit }) => isFree(unit));
      const spots = free.flatMap(({ unit }) => unit.spots);
      if (free.length < 2 || documentsOf(spots) < min) return [];
      const likeness = Math.floor(Math.min(...free.map((one) => one.likeness)) * 100);
      const repeat = toRepeat(texts, spots, likeness, min);
      const saved = savedBy(
        free.map(({ unit }) => unit),
        repeat,
      );
      if (saved <= 0) return [];
      for (const { document, from, to } of spots) taken[document]?.fill(1, from, to);
      return { ...repeat, exact: false, saved };
    });
  });
}

const weightOf = (group: readonly { readonly unit: Unit }[]): number => group.length * (group[0]?.unit.text.length ?? 0);

/** What is saved beside what taking out the repeats among them saves. */
function savedBy(units: readonly Unit[], { bytes, title }: Repeat): number {
  const known = units.filter((unit) => unit.known).length;
  const others = documentsOf(units.filter((unit) => !unit.known).flatMap(({ spots }) => spots));
  return (others + known - 1) * bytes - others * referenceSize(title);
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
function freeUnits(texts: readonly Blocks[], { inSections, inAny }: Covered): Unit[] {
  const spots = texts.flatMap(({ all, sections }, document) => {
    const ofSections = sections.map((section) => ({ ...section, kind: 'section' as const }));
    const ofBlocks = all.flatMap(({ kind, key }, from) =>
      kind === 'heading' || kind === 'break' ? [] : { kind, key, from, to: from + 1 },
    );
    return [...ofSections, ...listsIn(all), ...ofBlocks]
      .filter(({ kind, from, to }) => isMostlyFree(all, (kind === 'section' ? inSections : inAny)[document], from, to))
      .map((spot) => ({ ...spot, document }));
  });
  return [...groupBy(spots, ({ kind, key }) => `${kind} ${key}`).values()].flatMap((group): Unit[] => {
    const [first] = group;
    const text = first ? textAt(texts, first) : '';
    return first && text.length >= SHORTEST ? [{ kind: first.kind, spots: group, text, known: false }] : [];
  });
}

/** Lists of more than one item. */
function listsIn(all: readonly Block[]): { kind: 'list'; key: string; from: number; to: number }[] {
  let from = 0;
  return all.flatMap(({ inList }, index) => {
    if (inList?.first) from = index;
    if (!inList?.last || inList.first) return [];
    const items = all.slice(from, index + 1);
    return { kind: 'list' as const, key: items.map(({ key }) => key).join('\n'), from, to: index + 1 };
  });
}

/** Whether more than half of a text is in no repeat. */
function isMostlyFree(all: readonly Block[], covered: Uint8Array | undefined, from: number, to: number): boolean {
  let free = 0;
  let total = 0;
  for (let index = from; index < to; index++) {
    const { start = 0, end = 0 } = all[index]?.range ?? {};
    total += end - start;
    if (covered?.[index] === 0) free += end - start;
  }
  return free * 2 > total;
}
