/**
 * The agent's document while fragments are merged into it. The author's text is never copied in here: a slot knows the
 * offsets at which something may be put into it, and what was added.
 */
import type { List, ListItem, RootContent } from 'mdast';
import type { Piece } from '../../ir.js';
import type { ListStyle } from './house-style.js';
import type { Outline, OutlineSection } from './outline.js';
import { rangeOf } from './outline.js';
import { blockKey, itemKey, titleKey } from './wording.js';

/** A section of the agent, or one that was added to it. The root holds the text before the first heading. */
export interface Slot {
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
  /** Keys of what this section says, without the sections below it. */
  readonly said: Set<string>;
  /** Items that were put behind lists of the author's. */
  readonly lists: ListSlot[];
  /** Blocks put behind the section's own text, before its first subsection. */
  readonly tail: Block[];
  readonly children: Slot[];
}

/** A stretch of the author's text. */
export interface OwnText {
  /** Of the heading. */
  readonly start: number;
  /** Of the text before the first subsection. */
  readonly textEnd: number;
  /** Of everything in the section. */
  end: number;
  /** The lists that items may join, last first: where a reader would look. */
  readonly lists: readonly List[];
  /** The items of these lists, by what they say. */
  readonly items: ReadonlyMap<string, ListItem>;
}

/** Something put behind a text, with a blank line before it. */
export type Block = { readonly kind: 'text'; readonly pieces: readonly Piece[] } | { readonly kind: 'list'; readonly list: ListSlot };

/** A list that items are added to. */
export interface ListSlot {
  readonly ordered: boolean;
  readonly style: ListStyle;
  /** The offset behind the author's last item; absent for a list that was added. */
  readonly anchor?: number;
  readonly added: AddedItem[];
}

export interface AddedItem {
  readonly key: string;
  readonly pieces: Piece[];
}

/** Makes slots of a document's outline. */
export function slotsOf(outline: Outline, start: number, end: number): Slot {
  const own: OwnText = { start, textEnd: endOf(outline.intro) ?? start, end, ...listsOf(outline.intro) };
  const root = createSlot({ keys: new Set(), depth: 0, parent: undefined, own });
  hear(root, outline.intro);
  for (const section of outline.sections) addOwn(root, section);
  return root;
}

function addOwn(parent: Slot, section: OutlineSection): number {
  const { start, end } = rangeOf(section.heading);
  const textEnd = endOf(section.nodes) ?? end;
  const own: OwnText = { start, textEnd, end: textEnd, ...listsOf(section.nodes) };
  const slot = createSlot({ keys: new Set([titleKey(section.title)]), depth: section.depth, parent, own });
  parent.children.push(slot);
  hear(slot, section.nodes);
  for (const child of section.children) own.end = Math.max(own.end, addOwn(slot, child));
  return own.end;
}

/** A slot with nothing in it. */
export function createSlot(of: Pick<Slot, 'keys' | 'depth' | 'parent' | 'own' | 'heading' | 'placedAt'>): Slot {
  return { ...of, said: new Set(), lists: [], tail: [], children: [] };
}

/** Records what nodes say. */
export function hear(slot: Slot, nodes: readonly RootContent[]): void {
  for (const key of nodes.flatMap(keysOf)) slot.said.add(key);
}

/** Whether a section, or one below it, says something. */
export function says(slot: Slot, key: string): boolean {
  return slot.said.has(key) || slot.children.some((child) => says(child, key));
}

/** What a block says: a list says each of its items, nested ones too. */
export function keysOf(node: RootContent): string[] {
  return node.type === 'list' ? node.children.flatMap(keysOfItem) : [blockKey(node)];
}

function keysOfItem(item: ListItem): string[] {
  return [saidBy(item), ...item.children.flatMap((child) => (child.type === 'list' ? keysOf(child) : []))];
}

/** The key of what an item says itself. */
export const saidBy = (item: ListItem): string => `item:${itemKey(item)}`;

function listsOf(nodes: readonly RootContent[]): Pick<OwnText, 'lists' | 'items'> {
  const lists = nodes.filter((node) => node.type === 'list');
  return { lists: lists.toReversed(), items: new Map(lists.flatMap((list) => list.children).map((item) => [itemKey(item), item])) };
}

function endOf(nodes: readonly RootContent[]): number | undefined {
  const last = nodes.at(-1);
  return last && rangeOf(last).end;
}
