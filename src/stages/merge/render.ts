/** What was added to slots, as insertions into the author's text. */
import type { RootContent } from 'mdast';
import type { Piece } from '../../ir.js';
import type { HouseStyle } from './house-style.js';
import { rangeOf } from './outline.js';
import type { Block, Item, ListSlot, OwnText, Slot } from './slots.js';
import type { Insertion } from './splice.js';
import { leadsInto } from './wording.js';
import { ahead, written } from './write.js';

/** All insertions below a slot, those of one offset in the order in which they are read. */
export function insertionsBelow(slot: Slot, house: HouseStyle): Insertion[] {
  const { own } = slot;
  if (!own) return [];
  const insertions: Insertion[] = [];
  if (slot.head.length > 0) insertions.push(headOf(slot.head, own, house));
  if (slot.tail.length > 0)
    insertions.push({
      at: own.textEnd,
      pieces: blockPieces(
        slot.tail,
        house,
        own.nodes.findLast((node) => node.type !== 'thematicBreak'),
      ),
      apart: true,
    });
  for (const child of slot.children) for (const below of insertionsBelow(child, house)) insertions.push(below);
  for (const child of slot.children) {
    if (child.own) continue;
    const { placedAt = own.end } = child;
    // What is placed in the middle of a section has the rest of it behind it.
    const next = own.nodes.find((node) => rangeOf(node).start >= placedAt);
    const pieces = partedFrom(next, lastBlock(child), sectionPieces(child, house), house);
    insertions.push({ at: placedAt, pieces, apart: true });
  }
  return insertions;
}

/** Blocks before the first text that leads into a list. */
function headOf(blocks: readonly Block[], { nodes, textEnd }: OwnText, house: HouseStyle): Insertion {
  const index = nodes.findIndex((node, at) => leadsInto(node, nodes[at + 1]));
  const lead = nodes[index];
  return { at: lead ? rangeOf(lead).start : textEnd, pieces: blockPieces(blocks, house, nodes[index - 1]), apart: true };
}

/** An empty comment: what stands before it is not continued by what stands behind it. */
const PARTING = '<!-- -->';

/**
 * Blocks with blank lines between them.
 * @param previous what stands before them in the author's text, and `next` behind them
 */
export function blockPieces(blocks: readonly Block[], house: HouseStyle, previous?: RootContent, next?: RootContent): readonly Piece[] {
  const { eol } = house;
  const pieces = blocks.flatMap((block, index) => {
    const before = index === 0 ? listKind(previous) : kindOf(blocks[index - 1]);
    const own =
      block.kind === 'list'
        ? listPieces(block.list, house)
        : [...block.pieces, ...(block.kind === 'table' ? block.table.added.flat() : [])];
    const parting = before !== undefined && before === kindOf(block) ? PARTING + eol + eol : '';
    const beside = block.kind === 'definition' && blocks[index - 1]?.kind === 'definition';
    return ahead((index === 0 ? '' : beside ? eol : eol + eol) + parting, own);
  });
  return partedFrom(next, blocks.at(-1), pieces, house);
}

/** Pieces with an empty comment behind them where the author's next text would go on with their last block. */
function partedFrom(
  next: RootContent | undefined,
  last: Block | undefined,
  pieces: readonly Piece[],
  { eol }: HouseStyle,
): readonly Piece[] {
  const kind = kindOf(last);
  const end = pieces.at(-1);
  if (!end || kind === undefined || (kind !== listKind(next) && next?.type !== 'code')) return pieces;
  return [...pieces, written(eol + eol + PARTING, end.origin)];
}

/** The block that a section that was added ends with. */
function lastBlock(slot: Slot): Block | undefined {
  const last = slot.children.at(-1);
  return last ? lastBlock(last) : slot.tail.at(-1);
}

type ListKind = 'ordered' | 'bullets' | undefined;

/** Two lists of one kind with nothing between them would be read as one. */
const kindOf = (block: Block | undefined): ListKind => (block?.kind === 'list' ? (block.list.ordered ? 'ordered' : 'bullets') : undefined);

const listKind = (node: RootContent | undefined): ListKind => (node?.type === 'list' ? (node.ordered ? 'ordered' : 'bullets') : undefined);

/** Items of a list of the author's begin with a line end; those of an added list stand between line ends. */
export function listPieces({ anchor, before, added, style }: ListSlot, house: HouseStyle): Piece[] {
  const gap = style.loose ? house.eol + house.eol : house.eol;
  return added.flatMap((item, index) => ahead(index > 0 ? gap : (before ?? (anchor === undefined ? '' : gap)), itemPieces(item, house)));
}

/** An item with what was put below it. */
export function itemPieces({ parts }: Item, house: HouseStyle): Piece[] {
  return parts.flatMap((part) => ('added' in part ? listPieces(part, house) : part));
}

function sectionPieces(slot: Slot, house: HouseStyle): Piece[] {
  const { eol, tightHeadings } = house;
  const parts = [blockPieces(slot.tail, house), ...slot.children.map((child) => sectionPieces(child, house))];
  const filled = parts.filter((part) => part.length > 0);
  const firstGap = slot.tail.length > 0 && tightHeadings ? eol : eol + eol;
  return [...(slot.heading ?? []), ...filled.flatMap((part, index) => ahead(index === 0 ? firstGap : eol + eol, part))];
}
