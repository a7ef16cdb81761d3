/**
 * What the sections of a document say, so that it is not said again. A section is looked through when a fragment first has
 * something for it; most sections of most agents never are.
 */
import type { List, ListItem, Nodes, RootContent, Table } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import { contentColumn, listStyleOf } from './house-style.js';
import { lineStart, widthOf } from './lines.js';
import { rangeOf } from './outline.js';
import type { Item, ListSlot, Slot, TableSlot } from './slots.js';
import { tableSlot } from './tables.js';
import { blockKey, keysOfItem, tableKey } from './wording.js';

/** What one section says, without those below it. */
interface Said {
  /** Items at any depth, by what they say: all of it, the first paragraph, the lead. */
  readonly items: Map<string, Item[]>;
  /** Blocks, with the list that stands right behind one. */
  readonly blocks: Map<string, ListSlot | undefined>;
  readonly tables: TableSlot[];
}

export interface Index {
  /** A list of the author's, and what is added to it. */
  list(list: List): ListSlot;
  /** The lists of the author's that were looked at. */
  readonly lists: Iterable<ListSlot>;
  readonly tables: Iterable<TableSlot>;
  /** The item in a section, or below it, that says what an item of a fragment says. */
  findItem(slot: Slot, item: ListItem, source: SourceText): Item | undefined;
  /** The same for an item that stands below another one: below that one, or in no other at all. */
  findBelow(slot: Slot, outer: Item, item: ListItem, source: SourceText): Item | undefined;
  hasBlock(slot: Slot, node: Nodes): boolean;
  /** The list that stands right behind a block in a section. */
  listBehind(slot: Slot, node: Nodes): ListSlot | undefined;
  findTable(slot: Slot, table: Table): TableSlot | undefined;
  hearItem(slot: Slot, item: Item): void;
  hearBlock(slot: Slot, node: Nodes, behind?: ListSlot): void;
  hearTable(slot: Slot, table: TableSlot): void;
}

/** Indexes a document as its sections are asked for. */
export function createIndex(host: SourceText): Index {
  const lists = new Map<List, ListSlot>();
  const tables: TableSlot[] = [];
  const sections = new Map<Slot, Said>();

  function list(node: List, depth = 0): ListSlot {
    const known = lists.get(node);
    if (known) return known;
    let style: ListSlot['style'] | undefined;
    const made: ListSlot = {
      ordered: node.ordered === true,
      depth,
      get style() {
        style ??= listStyleOf(node, host.text);
        return style;
      },
      anchor: rangeOf(node).end,
      items: [],
      added: [],
    };
    lists.set(node, made);
    for (const item of node.children) made.items.push(itemOf(item, made));
    return made;
  }

  function itemOf(node: ListItem, within: ListSlot): Item {
    return {
      node,
      depth: within.depth,
      get style() {
        return within.style;
      },
      get pad() {
        return padBefore(node, host.text);
      },
      lists: node.children.filter((child) => child.type === 'list').map((child) => list(child, within.depth + 1)),
      parts: [],
      below: new Set(),
    };
  }

  function said(slot: Slot): Said {
    const known = sections.get(slot);
    if (known) return known;
    const made: Said = { items: new Map(), blocks: new Map(), tables: [] };
    sections.set(slot, made);
    for (const [index, node] of (slot.own?.nodes ?? []).entries()) hearOwn(made, node, slot.own?.nodes[index + 1]);
    return made;
  }

  function hearOwn(section: Said, node: RootContent, next: RootContent | undefined): void {
    if (node.type === 'list') for (const item of list(node).items) addItem(section, item);
    else if (node.type === 'table') {
      const table = tableSlot(node, host, rangeOf(node).end);
      tables.push(table);
      section.tables.push(table);
    } else addBlock(section, node, next?.type === 'list' ? list(next) : undefined);
  }

  /** What a section says of something, or one of those below it, the nearest first. */
  function search<T>(slot: Slot, look: (section: Said) => T | undefined): T | undefined {
    const found = look(said(slot));
    if (found !== undefined) return found;
    for (const child of slot.children) {
      const below = search(child, look);
      if (below !== undefined) return below;
    }
    return undefined;
  }

  return {
    list,
    get lists() {
      return lists.values();
    },
    tables,
    findItem: (slot, item, source) => search(slot, ({ items }) => findBy(item, source, (key) => items.get(key) ?? [])),
    findBelow(slot, outer, item, source) {
      const below = itemsBelow(outer);
      const found = findBy(item, source, (key) => below.filter(({ node }) => listedKeys(node).includes(key)));
      if (found) return found;
      return search(slot, ({ items }) => findBy(item, source, (key) => (items.get(key) ?? []).filter(({ depth }) => depth === 0)));
    },
    hasBlock: (slot, node) => search(slot, ({ blocks }) => blocks.has(blockKey(node)) || undefined) === true,
    listBehind: (slot, node) => search(slot, ({ blocks }) => blocks.get(blockKey(node))),
    findTable(slot, table) {
      const key = tableKey(table);
      return search(slot, (section) => section.tables.find((candidate) => candidate.key === key));
    },
    hearItem: (slot, item) => addItem(said(slot), item),
    hearBlock: (slot, node, behind) => addBlock(said(slot), node, behind),
    hearTable: (slot, table) => void said(slot).tables.push(table),
  };
}

/**
 * An item that says all of it; else one with its first paragraph, or its lead. Two items of one fragment that only begin
 * alike are two: there a lead such as **Note** is no name for what is said.
 */
function findBy(item: ListItem, source: SourceText, candidates: (key: string) => readonly Item[]): Item | undefined {
  const [whole = '', ...beginnings] = listedKeys(item);
  const [same] = candidates(whole);
  if (same) return same;
  for (const key of beginnings) {
    const other = candidates(key).find((candidate) => candidate.source !== source);
    if (other) return other;
  }
  return undefined;
}

/** The keys that an item is found by, the surest first. */
function listedKeys(item: ListItem): string[] {
  const { whole, head, lead } = keysOfItem(item);
  return [`whole:${whole}`, ...(head ? [`head:${head}`] : []), ...(lead ? [`lead:${lead}`] : [])];
}

function itemsBelow({ lists }: Item): Item[] {
  return lists.flatMap((list) => list.items.flatMap((item) => [item, ...itemsBelow(item)]));
}

function addItem(section: Said, item: Item): void {
  for (const key of listedKeys(item.node)) {
    const known = section.items.get(key);
    if (known) known.push(item);
    else section.items.set(key, [item]);
  }
  for (const child of item.node.children) if (child.type !== 'list') addCode(section, child);
  for (const list of item.lists) for (const inner of list.items) addItem(section, inner);
}

function addBlock(section: Said, node: Nodes, behind: ListSlot | undefined): void {
  const key = blockKey(node);
  section.blocks.set(key, section.blocks.get(key) ?? behind);
  addCode(section, node);
}

/** Code in an item or a quote is there as well. */
function addCode(section: Said, node: Nodes): void {
  if (node.type === 'code') section.blocks.set(blockKey(node), undefined);
  else if ('children' in node) for (const child of node.children) addCode(section, child);
}

/** The white space before the text of an item of the author's. */
function padBefore(item: ListItem, text: string): string {
  const start = item.position?.start.offset ?? 0;
  const before = text.slice(lineStart(text, start), start);
  const indent = before.trim() === '' ? before : '';
  return indent + ' '.repeat(Math.max(0, contentColumn(item, text) - widthOf(indent)));
}
