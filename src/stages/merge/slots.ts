/**
 * The agent's document while fragments are merged into it. The author's text is never copied in here: a slot knows the
 * offsets at which something may be put into it, and what was added.
 */
import type { List, ListItem, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Piece } from '../../ir.js';
import type { ListStyle } from './house-style.js';
import type { Outline, OutlineSection } from './outline.js';
import { rangeOf } from './outline.js';
import { type RowKeys, titleKey } from './wording.js';

/** A section of the agent, or one that was added to it. The root holds the text before the first heading. */
export interface Slot {
  /** As it is written; absent for the root. */
  readonly title?: string;
  /** The titles it goes by. */
  readonly keys: ReadonlySet<string>;
  readonly depth: number;
  readonly parent: Slot | undefined;
  /** Where the author's text of this section stands; absent for a section that was added. */
  readonly own?: OwnText;
  /** The heading of a section that was added. */
  readonly heading?: readonly Piece[];
  /** The offset of the directive that placed an added section. */
  readonly placedAt?: number;
  /** Blocks put before the first text of the section's own that leads into a list: what follows that is not said of them. */
  readonly head: Block[];
  /** Blocks put behind the section's own text, before its first subsection. */
  readonly tail: Block[];
  readonly children: Slot[];
}

/** A stretch of the author's text. */
export interface OwnText {
  /** Of the heading. */
  readonly start: number;
  /** Of the text before the first subsection, without a rule behind it. */
  textEnd: number;
  /** Of everything in the section. */
  end: number;
  /** What stands in it before the first subsection. */
  readonly nodes: readonly RootContent[];
  /** The lists that items may join, last first: where a reader would look. */
  readonly lists: readonly List[];
}

/** Something put behind a text, with a blank line before it. */
export type Block =
  | { readonly kind: 'text' | 'definition'; readonly pieces: readonly Piece[] }
  | {
      readonly kind: 'list';
      readonly list: ListSlot;
      /** A text right before it leads into it. */
      readonly led: boolean;
    }
  | { readonly kind: 'table'; readonly pieces: readonly Piece[]; readonly table: TableSlot };

/** A list that items are added to. */
export interface ListSlot {
  readonly ordered: boolean;
  /** 0 for a list that stands in no other. */
  readonly depth: number;
  readonly style: ListStyle;
  /** The offset behind the author's last item; absent for a list that was added. */
  readonly anchor?: number;
  /** What stands before the first item that is added, in place of what parts items. */
  readonly before?: string;
  /** All items, the author's too. */
  readonly items: Item[];
  readonly added: Item[];
}

/** An item of the author's, or one that was added. */
export interface Item {
  readonly node: ListItem;
  readonly depth: number;
  /** What brought it; absent for the author's. */
  readonly source?: SourceText;
  /** The white space before a line of it. */
  readonly pad: string;
  /** Of the list that it stands in. */
  readonly style: ListStyle;
  /** The lists below it. */
  readonly lists: ListSlot[];
  /** An added item as it is written; below an item of the author's, what was added to it. */
  readonly parts: (readonly Piece[] | ListSlot)[];
  /** Keys of blocks that were put below it. */
  readonly below: Set<string>;
}

/** A table that rows are added to. */
export interface TableSlot {
  readonly kind: string;
  readonly columns: readonly string[];
  readonly style: RowStyle;
  /** The offset behind the author's last row; absent for a table that was added. */
  readonly anchor?: number;
  readonly rows: Row[];
  readonly added: (readonly Piece[])[];
}

export interface Row extends RowKeys {
  /** What brought it; absent for the author's. */
  readonly source?: SourceText;
}

/** How the rows of a table are written. */
export interface RowStyle {
  readonly indent: string;
  /** Whether bars stand before the first cell and behind the last one. */
  readonly opened: boolean;
  readonly closed: boolean;
  /** White space beside the bars. */
  readonly space: string;
  /** Where columns are aligned: the width of each, and the side that gets the white space. */
  readonly columns?: readonly { readonly width: number; readonly align: 'left' | 'right' | 'center' }[];
}

/** Makes slots of a document's outline. */
export function slotsOf(outline: Outline, start: number, end: number): Slot {
  const own = ownText(outline.intro, start, start);
  const root = createSlot({ keys: new Set(), depth: 0, parent: undefined, own: { ...own, end } });
  for (const section of outline.sections) addOwn(root, section);
  return root;
}

function addOwn(parent: Slot, section: OutlineSection): number {
  const { start, end } = rangeOf(section.heading);
  const own = ownText(section.nodes, start, end);
  const slot = createSlot({ title: section.title, keys: new Set([titleKey(section.title)]), depth: section.depth, parent, own });
  parent.children.push(slot);
  for (const child of section.children) own.end = Math.max(own.end, addOwn(slot, child));
  return own.end;
}

function ownText(nodes: readonly RootContent[], start: number, headingEnd: number): OwnText {
  // A rule at the end parts the section from the next one.
  const last = nodes.findLast((node) => node.type !== 'thematicBreak');
  const textEnd = last ? rangeOf(last).end : headingEnd;
  return { start, textEnd, end: textEnd, nodes, lists: nodes.filter((node) => node.type === 'list').toReversed() };
}

/** A slot with nothing in it. */
export function createSlot(of: Pick<Slot, 'title' | 'keys' | 'depth' | 'parent' | 'own' | 'heading' | 'placedAt'>): Slot {
  return { ...of, head: [], tail: [], children: [] };
}

export const goesBy = (slot: Slot, keys: readonly string[]): boolean => keys.some((key) => slot.keys.has(key));

/** The slot whose sections are the document's top sections: a lone title above all others is not one of them. */
export function topParent(root: Slot): Slot {
  const [only, ...others] = root.children.filter((child) => child.own);
  return only && others.length === 0 && only.depth === 1 ? only : root;
}

/** The depth of the document's top sections. */
export function topDepth(root: Slot, fallback: number): number {
  const parent = topParent(root);
  const depths = parent.children.filter((child) => child.own).map((child) => child.depth);
  if (depths.length > 0) return depths.reduce((least, depth) => Math.min(least, depth));
  return parent.depth > 0 ? parent.depth + 1 : fallback;
}

/** The section with one of the titles that is nearest to the top. */
export function search(root: Slot, keys: readonly string[]): Slot | undefined {
  for (let level = root.children; level.length > 0; level = level.flatMap((slot) => slot.children)) {
    const found = level.find((slot) => goesBy(slot, keys));
    if (found) return found;
  }
  return undefined;
}

/** The innermost section of the author's that an offset stands in. */
export function enclosing(root: Slot, offset: number): Slot {
  let at = root;
  for (;;) {
    const next = at.children.findLast((child) => child.own && child.own.start <= offset);
    if (!next) return at;
    at = next;
  }
}

/** The titles of all sections below a slot. */
export const titlesBelow = (slot: Slot): string[] =>
  slot.children.flatMap((child) => [...(child.title === undefined ? [] : [child.title]), ...titlesBelow(child)]);
