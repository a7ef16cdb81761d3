/** An item of a fragment that is there already: what stands below it, and is not there, goes below that one. */
import type { List, ListItem, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import { contentColumn, type HouseStyle, nestedIndent } from './house-style.js';
import type { Index } from './said.js';
import type { Item, ListSlot, Slot } from './slots.js';
import { blockKey, firstSaying, isOnlyList, keysOfItem } from './wording.js';
import { ahead, newList, writeBlock, writeItem } from './write.js';

/** How many items an item is, with those below it. */
export function countItems(item: ListItem): number {
  return listsIn(item)
    .flatMap((list) => list.children.map(countItems))
    .reduce((sum, count) => sum + count, 1);
}

function listsIn(item: ListItem): List[] {
  return item.children.filter((child) => child.type === 'list');
}

/** Whether an item says nothing: nobody misses it. */
export function passOver(item: ListItem, tally: { total: number; present: number }): boolean {
  if (keysOfItem(item).whole !== '') return false;
  const count = countItems(item);
  tally.total += count;
  tally.present += count;
  return true;
}

/** Puts items of a fragment below items that say the same. */
export function createBelow(
  index: Index,
  house: HouseStyle,
  source: SourceText,
  slot: Slot,
  tally: { total: number; present: number },
): (node: ListItem, known: readonly Item[], scope: Slot) => void {
  function put(node: ListItem, known: readonly Item[], scope: Slot): void {
    tally.total++;
    tally.present++;
    const inner = isOnlyList(node) ? firstSaying(node) : undefined;
    const alike = known.filter((one) => isOnlyList(one.node) === (inner !== undefined));
    const at = alike.length > 0 ? alike : known;
    if (inner) put(inner, known, scope);
    for (const block of node.children.slice(1)) putBlock(node, block, at, scope);
    for (const list of listsIn(node)) putList(list, known, at, scope, inner);
  }

  function putBlock(node: ListItem, block: RootContent, known: readonly Item[], scope: Slot): void {
    // Of an item with the same lead the rest may differ: the one that was there first wins.
    const [item] = known;
    const { head } = keysOfItem(node);
    if (!item || head === undefined || !known.every((one) => keysOfItem(one.node).head === head)) return;
    const key = blockKey(block);
    const hasIt = (one: Item): boolean => one.below.has(key) || one.node.children.some((child) => blockKey(child) === key);
    if (block.type === 'list' || known.some(hasIt)) return;
    if (block.type === 'code' && index.hasBlock(scope, block)) return;
    item.below.add(key);
    if (block.type === 'code') index.hearBlock(slot, block);
    const tight = block.type === 'code' && !item.style.loose;
    const pieces = writeBlock(source, block, house.eol, { column: contentColumn(node, source.text), pad: item.pad });
    item.parts.push(ahead(house.eol + (tight ? '' : house.eol) + item.pad, pieces));
  }

  /**
   * @param known what items may stand below already, and `at` what they go below
   * @param done an item that is put already
   */
  function putList(list: List, known: readonly Item[], [first]: readonly Item[], scope: Slot, done?: ListItem): void {
    for (const node of list.children) {
      if (node === done || passOver(node, tally)) continue;
      const there = index.findBelow(scope, known, node, source);
      if (there.length > 0) put(node, there, scope);
      if (there.length > 0 || !first) continue;
      const target = listBelow(list, first);
      const item = writeItem(source, node, target, house);
      tally.total += countItems(node);
      target.items.push(item);
      target.added.push(item);
      index.hearItem(slot, item);
    }
  }

  /** The list below an item that others join: the last of the kind, else the last, else a new one. */
  function listBelow(list: List, known: Item): ListSlot {
    const ordered = list.ordered === true;
    const joined = known.lists.findLast((one) => one.ordered === ordered) ?? known.lists.at(-1);
    if (joined) return joined;
    const indent = nestedIndent(known.style, known.pad, house);
    const { eol } = house;
    // Text goes on in a line with a number, unless it is 1; a piece of HTML goes on in any line.
    const apart = ((list.start ?? 1) !== 1 && ordered) || known.node.children.at(-1)?.type === 'html';
    const before = apart ? eol + eol : eol;
    const made = newList(source, list, house, { outer: known.style, depth: known.depth + 1, indent, before });
    known.lists.push(made);
    known.parts.push(made);
    return made;
  }

  return put;
}
