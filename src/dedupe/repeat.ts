/** What a repeat is, and how much is saved by taking it out. */
import { groupBy } from '../group-by.js';
import type { Range } from '../ir.js';
import type { Block, Blocks } from './blocks.js';
import { nameFor, referenceTo } from './reference.js';

/** A text that several agents have. */
export interface Repeat {
  /** `items` are of one list, or of neighbouring ones; `text` is several blocks under one heading. */
  readonly kind: 'section' | 'items' | 'paragraph' | 'code' | 'text';
  /** The title of a section, or the first words. */
  readonly title: string;
  /** How many items or other blocks it has, headings left out. */
  readonly blocks: number;
  /** Whether enough agents have the very same text. */
  readonly exact: boolean;
  /** In percent: how like the first place the least like one is. 100: all say the same. */
  readonly likeness: number;
  /** Those of the most frequent wording first. */
  readonly places: readonly Place[];
  /** How many agents have it. */
  readonly agents: number;
  /** The size of one in UTF-8, the heading of a section left out. */
  readonly bytes: number;
  /**
   * The bytes saved by taking it out of the agents that have the very same text: one copy stays, and a reference in each.
   * Of what is nearly the same: what more is saved when it has been made the same.
   */
  readonly saved: number;
}

export interface Place {
  readonly path: string;
  /** From the heading, for a section. */
  readonly range: Range;
  /** The first line and the last one. */
  readonly lines: readonly [number, number];
  /** Where the text below a section's heading begins; of others where the text begins. */
  readonly body: number;
  /** The title of a section. */
  readonly title?: string;
  /** The heading before a section's own is that of the section around it, or there is none. */
  readonly leads: boolean;
  /** The list goes on behind these items. */
  readonly listGoesOn: boolean;
  /** Places with one number have the same text, but for bullets, the depth of headings and line ends. 0 is the most frequent. */
  readonly wording: number;
}

/** A stretch of the blocks of one document. */
export interface Spot {
  readonly document: number;
  readonly from: number;
  readonly to: number;
}

/** A repeat with the blocks in which it was found. */
export interface Found {
  readonly repeat: Repeat;
  readonly spots: readonly Spot[];
}

/** How many documents spots are in. */
export const documentsOf = (spots: readonly Spot[]): number => new Set(spots.map(({ document }) => document)).size;

/** The text of a spot. */
export function textAt(texts: readonly Blocks[], spot: Spot): string {
  const { start, end } = rangeAt(texts, spot);
  return texts[spot.document]?.source.text.slice(start, end) ?? '';
}

/** The size of the line that refers to a fragment with this title. */
export const referenceSize = (title: string): number => bytesIn(referenceTo(nameFor(title))) + 1;

export const bytesIn = (text: string): number => new TextEncoder().encode(text).length;

/** Looks closely at what is repeated. */
export function toRepeat(texts: readonly Blocks[], spots: readonly Spot[], likeness: number, min: number): Repeat {
  const worded = [...groupBy(spots, (spot) => wordingAt(texts, spot)).values()].sort((a, b) => documentsOf(b) - documentsOf(a));
  const [most = []] = worded;
  const [first = { document: 0, from: 0, to: 0 }] = most;
  const blocks = blocksAt(texts, first);
  const title = blocks[0]?.words ?? '';
  const exact = documentsOf(most) >= min;
  const same = documentsOf(exact ? most : spots);
  const bytes = bytesIn(texts[first.document]?.source.text.slice(bodyOf(blocks), rangeAt(texts, first).end) ?? '');
  return {
    kind: kindOf(blocks),
    title,
    blocks: blocks.filter(({ kind }) => kind !== 'heading' && kind !== 'break').length,
    exact,
    likeness,
    places: worded.flatMap((group, wording) => group.map((spot) => toPlace(texts, spot, wording))),
    agents: documentsOf(spots),
    bytes,
    saved: (same - 1) * bytes - same * referenceSize(title),
  };
}

function toPlace(texts: readonly Blocks[], spot: Spot, wording: number): Place {
  const { source, all } = texts[spot.document] as Blocks;
  const blocks = blocksAt(texts, spot);
  const range = rangeAt(texts, spot);
  const [first] = blocks;
  const heading = all.slice(0, spot.from).findLast(({ kind }) => kind === 'heading');
  return {
    path: source.path,
    range,
    lines: [source.point(range.start).line, source.point(range.end).line],
    body: bodyOf(blocks),
    ...(first?.kind === 'heading' && { title: first.words }),
    leads: heading === undefined || heading.depth === (first?.depth ?? 0) - 1,
    listGoesOn: blocks.at(-1)?.inList?.last === false,
    wording,
  };
}

const blocksAt = (texts: readonly Blocks[], { document, from, to }: Spot): readonly Block[] => texts[document]?.all.slice(from, to) ?? [];

function rangeAt(texts: readonly Blocks[], { document, from, to }: Spot): Range {
  const all = texts[document]?.all ?? [];
  return { start: all[from]?.range.start ?? 0, end: all[to - 1]?.range.end ?? 0 };
}

/** Where the text below the heading begins. A rule there stays with it: at the top of a fragment it would open front matter. */
function bodyOf([first, ...rest]: readonly Block[]): number {
  return (first?.kind === 'heading' ? rest.find(({ kind }) => kind !== 'break') : first)?.range.start ?? 0;
}

function kindOf(blocks: readonly Block[]): Repeat['kind'] {
  const [first] = blocks;
  if (first?.kind === 'heading') return 'section';
  if (blocks.every(({ kind }) => kind === 'item')) return 'items';
  if (blocks.length > 1) return 'text';
  return first?.kind === 'code' ? 'code' : 'paragraph';
}

/** The text below the heading, without what compiling writes in the agent's own way. */
function wordingAt(texts: readonly Blocks[], spot: Spot): string {
  const blocks = blocksAt(texts, spot);
  const depth = blocks[0]?.depth ?? 0;
  // Items behind others of their list are counted, or not, as those are.
  const joins = blocks[0]?.inList?.first === false;
  const text = texts[spot.document]?.source.text.slice(bodyOf(blocks), rangeAt(texts, spot).end) ?? '';
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(/^#{1,6}(?= )/gm, (marks) => '#'.repeat(Math.max(0, marks.length - depth)))
    .replaceAll(/^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+/gm, (marker) => (/\d/.test(marker) && !joins ? '1. ' : '- '));
}
