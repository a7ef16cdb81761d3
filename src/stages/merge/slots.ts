/**
 * The agent's document while fragments are merged into it. The author's text is never copied in here: a slot knows the
 * offsets at which something may be put into it, and what was added.
 */
import type { List, ListItem, Root, RootContent } from 'mdast';
import type { Piece } from '../../ir.js';
import type { Outline, OutlineSection } from './outline.js';
import { rangeOf } from './outline.js';
import { blockKey, itemKey, titleKey } from './wording.js';

/** A section of the agent, or one that was added to it. */
export interface Slot {
  readonly keys: Set<string>;
  readonly depth: number;
  readonly parent: Slot | undefined;
  /** Keys of everything said in this section and below. */
  readonly said: Set<string>;
  readonly lists: ListSlot[];
  readonly items: Map<string, ListItem>;
  /** Blocks put behind the section's own text, before its first subsection. */
  readonly tail: Block[];
  readonly children: Slot[];
  /** Where the author's text of this section stands; `undefined` for a section that was added. */
  readonly own: { readonly textEnd: number; readonly end: number } | undefined;
  /** The heading of a section that was added. */
  readonly heading?: readonly Piece[];
  /** The offset of the directive that placed an added section. */
  readonly placedAt?: number;
}

/** Something put behind a text, with a blank line before it. */
export type Block = { readonly kind: 'text'; readonly pieces: readonly Piece[] } | { readonly kind: 'list'; readonly list: ListSlot };

/** A list that items may be added to. */
export interface ListSlot {
  readonly ordered: boolean;
  readonly style: ListStyle;
  /** The offset behind the author's last item; `undefined` for a list that was added. */
  readonly anchor: number | undefined;
  readonly added: AddedItem[];
}

export interface AddedItem {
  readonly key: string;
  readonly pieces: Piece[];
}

/** How the items of a list are written. */
export interface ListStyle {
  /** White space before the marker. */
  readonly indent: string;
  /** `-`, `*` or `+`; for an ordered list `.` or `)`. */
  readonly marker: string;
  /** White space behind the marker. */
  readonly gap: string;
  /** The number of the next item, and how much the one after it adds: `1. 1. 1.` adds nothing. */
  next: number;
  readonly step: 0 | 1;
  /** `[ ] ` when the items have checkboxes. */
  readonly checkbox: string;
  /** Whether blank lines stand between items. */
  readonly loose: boolean;
}

/** Makes slots of a document's outline. The root has the text before the first heading. */
export function slotsOf(outline: Outline, bodyStart: number, bodyEnd: number): Slot {
  const introEnd = outline.intro.length > 0 ? rangeOf(outline.intro.at(-1) as RootContent).end : bodyStart;
  const root = createSlot(new Set(), 0, undefined, { textEnd: introEnd, end: bodyEnd });
  hear(root, outline.intro);
  for (const section of outline.sections) addOwn(root, section);
  return root;
}

function addOwn(parent: Slot, section: OutlineSection): Slot {
  const textEnd = section.nodes.length > 0 ? rangeOf(section.nodes.at(-1) as RootContent).end : rangeOf(section.heading).end;
  const own = { textEnd, end: textEnd };
  const slot = createSlot(new Set([titleKey(section.title)]), section.depth, parent, own);
  parent.children.push(slot);
  hear(slot, section.nodes);
  for (const child of section.children) {
    const inner = addOwn(slot, child);
    own.end = Math.max(own.end, inner.own?.end ?? 0);
  }
  return slot;
}

/** A slot with nothing in it. */
export function createSlot(
  keys: Set<string>,
  depth: number,
  parent: Slot | undefined,
  own: Slot['own'],
  extra: Pick<Slot, 'heading' | 'placedAt'> = {},
): Slot {
  return { keys, depth, parent, said: new Set(), lists: [], items: new Map(), tail: [], children: [], own, ...extra };
}

/** Records what the nodes say, for the slot and every section around it. */
export function hear(slot: Slot, nodes: readonly RootContent[]): void {
  for (const node of nodes) {
    if (node.type === 'list') {
      for (const item of node.children) {
        if (!slot.items.has(itemKey(item))) slot.items.set(itemKey(item), item);
      }
    }
    for (const key of keysOf(node)) note(slot, key);
  }
}

/** Records one thing said. */
export function note(slot: Slot, key: string): void {
  for (let at: Slot | undefined = slot; at; at = at.parent) at.said.add(key);
}

/** What a block says: a list says each of its items, nested ones too. */
export function keysOf(node: RootContent): string[] {
  return node.type === 'list' ? itemsOf(node).map((item) => `item:${itemKey(item)}`) : [blockKey(node)];
}

function itemsOf(list: List): ListItem[] {
  return list.children.flatMap((item) => [item, ...item.children.flatMap((child) => (child.type === 'list' ? itemsOf(child) : []))]);
}

/** The direct lists among nodes, last first: where an item would be looked for by a reader. */
export const listsOf = (nodes: readonly RootContent[]): List[] => nodes.filter((node) => node.type === 'list').reverse();

/** The bullet that the document uses first. */
export function bulletOf(tree: Root, text: string): string {
  const list = tree.children.find((node): node is List => node.type === 'list' && node.ordered !== true);
  return (list && /[-*+]/.exec(text[rangeOf(list).start] ?? '')?.[0]) ?? '-';
}

/** Reads the style of a list off its text. */
export function styleOf(list: List, text: string): ListStyle {
  const last = list.children.at(-1);
  const start = last?.position?.start.offset ?? 0;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const content = last?.children[0]?.position?.start.offset;
  const [, number, marker = '-'] = /^(\d*)([-*+.)])/.exec(text.slice(start)) ?? [];
  const markerEnd = start + (number?.length ?? 0) + 1;
  const numbers = list.children.map((item) => Number.parseInt(text.slice(item.position?.start.offset ?? 0), 10));
  const step = numbers.length > 1 && numbers.every((n) => n === numbers[0]) ? 0 : 1;
  return {
    indent: /^[ \t]*/.exec(text.slice(lineStart, start))?.[0] ?? '',
    marker,
    gap: content === undefined || content <= markerEnd ? ' ' : text.slice(markerEnd, content),
    next: (numbers.at(-1) ?? 0) + step,
    step,
    checkbox: list.children.every((item) => /^\[[ xX]\]\s/.test(contentOf(item, text))) ? '[ ] ' : '',
    loose: list.children.length > 1 ? /\n[ \t]*\r?\n/.test(between(list, text)) : list.spread === true,
  };
}

function contentOf(item: ListItem, text: string): string {
  return text.slice(item.children[0]?.position?.start.offset ?? item.position?.end.offset ?? 0, item.position?.end.offset);
}

function between(list: List, text: string): string {
  const [first, second] = list.children;
  return text.slice(first?.position?.start.offset, second?.position?.start.offset);
}
