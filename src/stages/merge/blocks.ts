/** Blocks and items of a fragment, put where a section of a document has room for them and does not say them yet. */
import type { Definition, List, RootContent, Table } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Piece } from '../../ir.js';
import type { Document } from '../parse/document.js';
import type { HouseStyle } from './house-style.js';
import { countItems, createBelow, passOver } from './items.js';
import { createLists } from './lists.js';
import { rangeOf } from './outline.js';
import { itemPieces, listPieces } from './render.js';
import { createIndex, type Index } from './said.js';
import type { Block, ListSlot, Slot } from './slots.js';
import type { Insertion } from './splice.js';
import { addRows, tableSlot } from './tables.js';
import { leadsInto, rowsOf } from './wording.js';
import { writeBlock, writeItem } from './write.js';

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

/** What puts blocks into a document. */
export interface Blocks {
  add(source: SourceText, nodes: readonly RootContent[], to: Destination): Tally;
  /** Items and rows behind those of the author's, which belong to no slot. */
  insertions(): Insertion[];
}

/** A fragment's text on its way into a document. */
interface Adding {
  readonly source: SourceText;
  readonly to: Destination;
  readonly tally: { total: number; present: number };
}

/** Prepares a document for blocks. */
export function createBlocks(host: Document, nodes: readonly RootContent[], house: HouseStyle, report: Report): Blocks {
  let definitions: Map<string, string> | undefined;
  const index = createIndex(host.source);
  const listFor = createLists(index, house, nodes);

  function add(source: SourceText, fragmentNodes: readonly RootContent[], to: Destination): Tally {
    const adding: Adding = { source, to, tally: { total: 0, present: 0 } };
    for (const [at, node] of fragmentNodes.entries()) {
      // A rule or an empty comment parts two texts; between others it parts nothing.
      if (to.scope && isParting(node)) continue;
      const [previous, next] = [fragmentNodes[at - 1], fragmentNodes[at + 1]];
      if (node.type === 'list') addList(adding, node, previous);
      else if (node.type === 'table') addTable(adding, node);
      else if (next?.type === 'list' && leadsInto(node, next)) adding.tally.total++;
      else addBlock(adding, node, next);
    }
    return adding.tally;
  }

  function addBlock(adding: Adding, node: RootContent, next: RootContent | undefined): void {
    const { source, to, tally } = adding;
    tally.total++;
    if (isSaid(adding, node) || (next && leadsInto(node, next) && isSaid(adding, next))) {
      tally.present++;
      return;
    }
    to.blocks.push({ kind: node.type === 'definition' ? 'definition' : 'text', pieces: writeBlock(source, node, house.eol) });
    index.hearBlock(to.slot, node);
  }

  /** Whether nothing of a block is missing. */
  function isSaid({ source, to: { scope } }: Adding, node: RootContent): boolean {
    if (node.type === 'definition') return isDefined(source, node);
    if (!scope) return false;
    if (node.type === 'table') return index.findTables(scope, node).length > 0;
    return index.hasBlock(scope, node);
  }

  /** Its lead-in comes with the first item that is not there: one that leads into what is there already leads into nothing. */
  function addList({ source, to, tally }: Adding, list: List, previous: RootContent | undefined): void {
    const { scope } = to;
    const putBelow = createBelow(index, house, source, to.slot, tally);
    const leadIn = previous && leadsInto(previous, list) ? previous : undefined;
    const count = to.blocks.length;
    let target: ListSlot | undefined;
    for (const node of list.children) {
      if (scope && passOver(node, tally)) continue;
      const known = scope ? index.findItems(scope, node, source) : [];
      if (scope && known.length > 0) {
        putBelow(node, known, scope);
        continue;
      }
      target ??= listFor({ source, list, leadIn }, to);
      const item = writeItem(source, node, target, house);
      target.items.push(item);
      target.added.push(item);
      tally.total += countItems(node);
      index.hearItem(to.slot, item);
    }
    const isBrought = leadIn !== undefined && to.blocks.some((block, at) => at >= count && block.kind === 'text');
    if (leadIn && !isBrought) tally.present++;
  }

  function addTable({ source, to, tally }: Adding, table: Table): void {
    const known = to.scope ? index.findTables(to.scope, table) : [];
    const rows = rowsOf(table);
    tally.total += Math.max(1, rows.length);
    if (known.length > 0) {
      tally.present += Math.max(1, rows.length) - addRows(known, table, source, house.eol);
      return;
    }
    const made = tableSlot(table, source);
    to.blocks.push({ kind: 'table', pieces: writeBlock(source, table, house.eol), table: made });
    index.hearTable(to.slot, made);
  }

  /** The labels of links hold for a whole document: a second definition of one would not be read. */
  function isDefined(source: SourceText, node: Definition): boolean {
    definitions ??= new Map(nodes.filter((one) => one.type === 'definition').map((one) => [one.identifier, one.url]));
    const known = definitions.get(node.identifier);
    if (known === undefined) definitions.set(node.identifier, node.url);
    else if (known !== node.url) report.add('link-conflict', source, rangeOf(node), { label: node.identifier, known });
    return known !== undefined;
  }

  return { add, insertions: () => insertionsOf(index, house) };
}

/** What was added to lists, items and tables of the author's; at one offset what stands deepest comes first. */
function insertionsOf(index: Index, house: HouseStyle): Insertion[] {
  const found: { at: number; depth: number; pieces: Piece[] }[] = [];
  for (const list of index.lists) {
    if (list.added.length > 0 && list.anchor !== undefined)
      found.push({ at: list.anchor, depth: list.depth, pieces: listPieces(list, house) });
    for (const item of list.items) {
      if (item.source || item.parts.length === 0) continue;
      found.push({ at: item.node.position?.end.offset ?? 0, depth: list.depth + 0.5, pieces: itemPieces(item, house) });
    }
  }
  for (const { anchor, added } of index.tables) {
    if (anchor !== undefined && added.length > 0) found.push({ at: anchor, depth: 0, pieces: added.flat() });
  }
  return found.toSorted((a, b) => b.depth - a.depth).map(({ at, pieces }) => ({ at, pieces, apart: false }));
}

const isParting = (node: RootContent): boolean =>
  node.type === 'thematicBreak' || (node.type === 'html' && /^<!--\s*-->$/.test(node.value));
