/** Blocks and items of a fragment, put where a section of a document has room for them and does not say them yet. */
import type { Definition, List, ListItem, RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Document } from '../parse/document.js';
import { contentColumn, type HouseStyle, listStyleOf, newListStyle } from './house-style.js';
import { rangeOf } from './outline.js';
import { listPieces } from './render.js';
import { type AddedItem, type Block, hear, keysOf, type ListSlot, type Slot, saidBy, says } from './slots.js';
import type { Insertion } from './splice.js';
import { itemKey } from './wording.js';
import { ahead, writeBlock, writeItem } from './write.js';

/** Where blocks of a fragment go. */
export interface Destination {
  readonly slot: Slot;
  /** What it and the sections below it say need not be said again. Absent: everything is put in. */
  readonly scope?: Slot;
  readonly blocks: Block[];
  /** Lists of the author's that items may join, the nearest first. */
  readonly lists: readonly List[];
  /** A section that the fragment brings: its lists stay as they are. */
  readonly fresh: boolean;
}

/** How many items a text has, nested ones too. A row of a table is one, and so is every other block. */
export interface Tally {
  readonly total: number;
  /** How many of them were there already. */
  readonly present: number;
}

type Counting = { -readonly [Key in keyof Tally]: Tally[Key] };

/** What puts blocks into a document. */
export interface Blocks {
  add(source: SourceText, nodes: readonly RootContent[], to: Destination): Tally;
  /** Items below items of the author's, which belong to no slot. */
  insertions(): Insertion[];
}

/** Prepares a document for blocks. */
export function createBlocks(host: Document, nodes: readonly RootContent[], house: HouseStyle, report: Report): Blocks {
  const definitions = new Map(nodes.filter((node) => node.type === 'definition').map((node) => [node.identifier, node.url]));
  const belowItems: (() => Insertion)[] = [];

  function add(source: SourceText, fragmentNodes: readonly RootContent[], to: Destination): Tally {
    const tally = { total: 0, present: 0 };
    for (const node of fragmentNodes) {
      // A rule parts two texts; between others it parts nothing.
      if (node.type === 'thematicBreak' && to.scope) continue;
      if (node.type === 'list') {
        addList(source, node, to, tally);
        continue;
      }
      tally.total++;
      if (node.type === 'definition' && isDefined(source, node)) tally.present++;
      else if (to.scope && keysOf(node).every(isSaid(to))) tally.present++;
      else {
        to.blocks.push({ kind: 'text', pieces: writeBlock(source, node, house) });
        hear(to.slot, [node]);
      }
    }
    return tally;
  }

  /** The labels of links hold for a whole document: a second definition of one would not be read. */
  function isDefined(source: SourceText, node: Definition): boolean {
    const known = definitions.get(node.identifier);
    if (known === undefined) definitions.set(node.identifier, node.url);
    else if (known !== node.url) report.add('link-conflict', source, rangeOf(node), { label: node.identifier, known });
    return known !== undefined;
  }

  function addList(source: SourceText, list: List, to: Destination, tally: Counting): void {
    let target: ListSlot | undefined;
    for (const item of list.children) {
      tally.total += itemsOf(item);
      if (isSaid(to)(saidBy(item))) {
        tally.present++;
        for (const inner of item.children) if (inner.type === 'list') addNested(source, itemKey(item), inner, to, tally);
        continue;
      }
      target ??= listFor(source, list, to);
      target.added.push({ key: itemKey(item), pieces: writeItem(source, item, target.style, house) });
      hear(to.slot, [{ ...list, children: [item] }]);
    }
  }

  /** The list that items join: the author's nearest of the kind, else one that was added, else a new one. */
  function listFor(source: SourceText, list: List, { slot, blocks, lists, fresh }: Destination): ListSlot {
    const ordered = list.ordered === true;
    const own = lists.find((candidate) => (candidate.ordered === true) === ordered) ?? lists[0];
    // Items stay behind a lead-in that the fragment has just brought.
    const led = endsInColon(blocks.at(-1));
    if (own && !led) return joined(own, slot);
    const earlier = fresh || led ? undefined : blocks.findLast((block) => block.kind === 'list');
    if (earlier?.kind === 'list') return earlier.list;
    const made: ListSlot = { ordered, style: newListStyle(list, source.text, house), added: [] };
    blocks.push({ kind: 'list', list: made });
    return made;
  }

  /** The slot behind a list of the author's, made when it is first needed. */
  function joined(list: List, slot: Slot): ListSlot {
    const anchor = rangeOf(list).end;
    const known = slot.lists.find((candidate) => candidate.anchor === anchor);
    if (known) return known;
    const made: ListSlot = { ordered: list.ordered === true, style: listStyleOf(list, host.source.text), anchor, added: [] };
    slot.lists.push(made);
    return made;
  }

  /** What stands below an item that is there already goes below that one. */
  function addNested(source: SourceText, key: string, list: List, to: Destination, tally: Counting): void {
    const { slot } = to;
    const missing = list.children.filter((item) => !isSaid(to)(saidBy(item)));
    tally.present += list.children.length - missing.length;
    const own = slot.own?.items.get(key);
    if (missing.length === 0) return;
    hear(slot, [{ ...list, children: missing }]);
    if (!own) {
      const style = newListStyle(list, source.text, house, '  ');
      const above = addedItems(slot).find((item) => item.key === key);
      for (const item of missing) above?.pieces.push(...ahead(house.eol, writeItem(source, item, style, house)));
      return;
    }
    const below = own.children.findLast((child) => child.type === 'list');
    const style = below ? listStyleOf(below, host.source.text) : newListStyle(list, source.text, house, ' '.repeat(contentColumn(own)));
    const anchor = (below?.children.at(-1) ?? own).position?.end.offset ?? 0;
    const added = missing.map((item) => ({ key: itemKey(item), pieces: writeItem(source, item, style, house) }));
    belowItems.push(() => ({
      at: anchor,
      pieces: listPieces({ ordered: list.ordered === true, style, anchor, added }, house),
      apart: false,
    }));
  }

  return { add, insertions: () => belowItems.map((make) => make()) };
}

const isSaid =
  ({ scope }: Destination) =>
  (key: string): boolean =>
    scope !== undefined && says(scope, key);

/** How many items an item is, with those below it. */
function itemsOf(item: ListItem): number {
  return item.children.flatMap((child) => (child.type === 'list' ? child.children.map(itemsOf) : [])).reduce((sum, n) => sum + n, 1);
}

function endsInColon(block: Block | undefined): boolean {
  return block?.kind === 'text' && /:\s*$/.test(block.pieces.map((piece) => piece.text).join(''));
}

function addedItems(slot: Slot): AddedItem[] {
  return [...slot.lists, ...slot.tail.flatMap((block) => (block.kind === 'list' ? [block.list] : []))].flatMap((list) => list.added);
}
