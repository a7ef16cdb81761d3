/** What was added to slots, as insertions into the author's text. */
import type { Piece } from '../../ir.js';
import type { HouseStyle } from './house-style.js';
import type { Block, ListSlot, Slot } from './slots.js';
import type { Insertion } from './splice.js';
import { ahead } from './write.js';

/** All insertions below a slot, those of one offset in the order in which they are read. */
export function insertionsBelow(slot: Slot, house: HouseStyle): Insertion[] {
  const { own } = slot;
  if (!own) return [];
  const insertions: Insertion[] = [];
  for (const list of slot.lists) {
    if (list.anchor !== undefined && list.added.length > 0)
      insertions.push({ at: list.anchor, pieces: listPieces(list, house), apart: false });
  }
  if (slot.tail.length > 0) insertions.push({ at: own.textEnd, pieces: blockPieces(slot.tail, house), apart: true });
  for (const child of slot.children) insertions.push(...insertionsBelow(child, house));
  for (const child of slot.children) {
    if (!child.own) insertions.push({ at: child.placedAt ?? own.end, pieces: sectionPieces(child, house), apart: true });
  }
  return insertions;
}

/** Blocks with blank lines between them. */
export function blockPieces(blocks: readonly Block[], house: HouseStyle): Piece[] {
  const { eol } = house;
  return blocks.flatMap((block, index) => {
    const previous = blocks[index - 1];
    // Two lists of one kind with nothing between them would be read as one.
    const twins = block.kind === 'list' && previous?.kind === 'list' && previous.list.ordered === block.list.ordered;
    const pieces = block.kind === 'text' ? block.pieces : listPieces(block.list, house);
    return index === 0 ? pieces : ahead(twins ? `${eol}${eol}<!-- -->${eol}${eol}` : eol + eol, pieces);
  });
}

/** Items of a list of the author's begin with a line end; those of an added list stand between line ends. */
export function listPieces({ anchor, added, style }: ListSlot, { eol }: HouseStyle): Piece[] {
  const gap = style.loose ? eol + eol : eol;
  return added.flatMap(({ pieces }, index) => (anchor === undefined && index === 0 ? pieces : ahead(gap, pieces)));
}

function sectionPieces(slot: Slot, house: HouseStyle): Piece[] {
  const { eol, tightHeadings } = house;
  const parts = [blockPieces(slot.tail, house), ...slot.children.map((child) => sectionPieces(child, house))];
  const filled = parts.filter((part) => part.length > 0);
  const firstGap = slot.tail.length > 0 && tightHeadings ? eol : eol + eol;
  return [...(slot.heading ?? []), ...filled.flatMap((part, index) => ahead(index === 0 ? firstGap : eol + eol, part))];
}
