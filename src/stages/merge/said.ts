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
import { blockKey, type ItemKeys, keysOfItem, keysOfTable } from './wording.js';

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
  /** The items in a section, or below it, that say what an item of a fragment says; the first is the nearest to it. */
  findItems(slot: Slot, item: ListItem, source: SourceText): readonly Item[];
  /** The same for an item that stands below others: below those, or in no other at all. */
  findBelow(slot: Slot, outer: readonly Item[], item: ListItem, source: SourceText): readonly Item[];
  hasBlock(slot: Slot, node: Nodes): boolean;
  /** The list that stands right behind a block in a section. */
  listBehind(slot: Slot, node: Nodes): ListSlot | undefined;
  /** The tables of one kind in a section, or below it. */
  findTables(slot: Slot, table: Table): readonly TableSlot[];
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

  /** Goes through a section and those below it. */
  function visit(slot: Slot, look: (section: Said) => void): void {
    look(said(slot));
    for (const child of slot.children) visit(child, look);
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
    findItems(slot, node, source) {
      const keys = keysOfItem(node);
      const found: Item[] = [];
      visit(slot, ({ items }) => {
        for (const item of candidates(items, keys)) if (isSame(item, keys, source, item.depth === 0)) found.push(item);
      });
      return nearestFirst(found, keys);
    },
    findBelow(slot, outer, node, source) {
      const keys = keysOfItem(node);
      const beside = outer.flatMap(childrenOf);
      const deeper = beside.flatMap(itemsBelow);
      const below = [
        ...beside.filter((item) => isSame(item, keys, source, true)),
        ...deeper.filter((item) => isSame(item, keys, source, false)),
      ];
      const atTop: Item[] = [];
      visit(slot, ({ items }) => {
        for (const item of candidates(items, keys)) if (item.depth === 0 && isSame(item, keys, source, false)) atTop.push(item);
      });
      return [...new Set([...nearestFirst(below, keys), ...nearestFirst(atTop, keys)])];
    },
    hasBlock: (slot, node) => search(slot, ({ blocks }) => blocks.has(blockKey(node)) || undefined) === true,
    listBehind: (slot, node) => search(slot, ({ blocks }) => blocks.get(blockKey(node))),
    findTables(slot, table) {
      const { kind } = keysOfTable(table);
      const found: TableSlot[] = [];
      visit(slot, ({ tables: known }) => {
        for (const candidate of known) if (candidate.kind === kind) found.push(candidate);
      });
      return found;
    },
    hearItem: (slot, item) => addItem(said(slot), item),
    hearBlock: (slot, node, behind) => addBlock(said(slot), node, behind),
    hearTable: (slot, table) => void said(slot).tables.push(table),
  };
}

/**
 * Whether an item says what another one says: all of it, or what it begins with. Two items of one fragment that only begin
 * alike are two: there a lead such as **Note** is no name for what is said. Of two fragments neither is before the other: only
 * what the author says may stand for something else with its lead.
 * @param byLead whether the lead is enough. It names an item among those beside it.
 */
function isSame({ node, source: from }: Item, keys: ItemKeys, source: SourceText, byLead: boolean): boolean {
  const own = keysOfItem(node);
  if (own.whole === keys.whole) return own.whole !== '';
  if (from === source) return false;
  if (own.head !== undefined && own.head === keys.head) return true;
  return byLead && from === undefined && own.lead !== undefined && own.lead === keys.lead;
}

/** The surest match among the outermost ones comes first. */
function nearestFirst(items: readonly Item[], keys: ItemKeys): readonly Item[] {
  if (items.length < 2) return items;
  const surety = (item: Item): number => {
    const own = keysOfItem(item.node);
    return own.whole === keys.whole ? 0 : own.head === keys.head ? 1 : 2;
  };
  return [...new Set(items)].toSorted((a, b) => a.depth - b.depth || surety(a) - surety(b));
}

function candidates(items: Said['items'], { names }: ItemKeys): readonly Item[] {
  let found: readonly Item[] = [];
  for (const name of names) {
    const named = items.get(name);
    if (named) found = found.length === 0 ? named : [...found, ...named];
  }
  return found;
}

const childrenOf = ({ lists }: Item): readonly Item[] => lists.flatMap((list) => list.items);

const itemsBelow = (item: Item): readonly Item[] => childrenOf(item).flatMap((child) => [child, ...itemsBelow(child)]);

function addItem(section: Said, item: Item): void {
  for (const name of keysOfItem(item.node).names) {
    const known = section.items.get(name);
    if (known) known.push(item);
    else section.items.set(name, [item]);
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
  else if ('children' in node && node.type !== 'paragraph') for (const child of node.children) addCode(section, child);
}

/** The white space before the text of an item of the author's. */
function padBefore(item: ListItem, text: string): string {
  const start = item.position?.start.offset ?? 0;
  const before = text.slice(lineStart(text, start), start);
  const indent = before.trim() === '' ? before : '';
  return indent + ' '.repeat(Math.max(0, contentColumn(item, text) - widthOf(indent)));
}
