/**
 * The rules by which a fragment becomes part of a document. Works on slots; what comes out are insertions at offsets of
 * the author's text.
 */
import type { Definition, List, RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import type { Fragment } from './fragments.js';
import { contentColumn, houseStyleOf, listStyleOf, newListStyle } from './house-style.js';
import { type OutlineSection, outlineOf, rangeOf } from './outline.js';
import { blockPieces, insertionsBelow, listPieces } from './render.js';
import { type AddedItem, type Block, createSlot, hear, keysOf, type ListSlot, type Slot, saidBy, slotsOf } from './slots.js';
import type { Insertion } from './splice.js';
import { itemKey, titleKey } from './wording.js';
import { writeBlock, writeHeading, writeItem } from './write.js';

const MAX_HEADING_DEPTH = 6;

export interface Merger {
  /**
   * Merges a fragment.
   * @param use where the agent names it: messages point there
   * @param placeAt the offset of the directive that places it; absent for a name in front matter
   */
  add(fragment: Fragment, nodes: readonly RootContent[], use: Range, placeAt?: number): void;
  /** What to put into the author's text. */
  insertions(): Insertion[];
}

/** Where blocks of a fragment go. */
interface Destination {
  readonly slot: Slot;
  /** What need not be said again. */
  readonly scope: ReadonlySet<string>;
  readonly blocks: Block[];
  /** Lists of the author's that items may join, the nearest first. */
  readonly lists: readonly List[];
  /** A section that the fragment brings: its lists stay as they are. */
  readonly fresh: boolean;
}

/** Prepares a document to be merged into. */
export function createMerger(host: Document, nodes: readonly RootContent[], report: Report): Merger {
  const house = houseStyleOf(host, nodes);
  const last = nodes.at(-1);
  const definitions = new Map(nodes.filter((node) => node.type === 'definition').map((node) => [node.identifier, node.url]));
  const root = slotsOf(outlineOf(nodes), host.body.start, last ? rangeOf(last).end : host.body.start);
  /** Insertions that belong to no slot: items below items, and loose text that a directive places. */
  const loose: (() => Insertion)[] = [];

  function add(fragment: Fragment, fragmentNodes: readonly RootContent[], use: Range, placeAt?: number): void {
    const { intro, sections } = outlineOf(fragmentNodes);
    const around = placeAt === undefined ? undefined : enclosing(root, placeAt);
    if (intro.length > 0) {
      if (around && placeAt !== undefined) placeLoose(fragment, intro, around, placeAt);
      else report.add('fragment-unplaced', host.source, use, { name: fragment.name });
    }
    for (const [index, section] of sections.entries()) {
      const keys = [titleKey(section.title), ...(index === 0 ? fragment.aliases : [])];
      const match = around ? around.children.find((child) => goesBy(child, keys)) : search(root, keys);
      if (match) mergeSection(fragment, section, match, match.said);
      else if (!around) appendSection(fragment, section, keys, topParent(root), topDepth(root, section.depth));
      else appendSection(fragment, section, keys, around, around.depth > 0 ? around.depth + 1 : topDepth(root, section.depth), placeAt);
    }
  }

  function appendSection(
    fragment: Fragment,
    section: OutlineSection,
    keys: readonly string[],
    parent: Slot,
    depth: number,
    placedAt?: number,
  ): void {
    const { source } = fragment.document;
    const clamped = Math.min(depth, MAX_HEADING_DEPTH);
    if (clamped < depth) report.add('heading-clamped', source, rangeOf(section.heading), { title: section.title });
    const heading = writeHeading(source, section.heading, clamped);
    const slot = createSlot({ keys: new Set(keys), depth: clamped, parent, heading, ...(placedAt !== undefined && { placedAt }) });
    parent.children.push(slot);
    addBlocks(fragment, section.nodes, { slot, scope: new Set(), blocks: slot.tail, lists: [], fresh: true });
    for (const child of section.children) {
      appendSection(fragment, child, [titleKey(child.title)], slot, depth + child.depth - section.depth);
    }
  }

  /** `scope`: what the matched top section says; nothing in it is said again anywhere below. */
  function mergeSection(fragment: Fragment, section: OutlineSection, slot: Slot, scope: ReadonlySet<string>): void {
    addBlocks(fragment, section.nodes, { slot, scope, blocks: slot.tail, lists: slot.own?.lists ?? [], fresh: false });
    for (const child of section.children) {
      const keys = [titleKey(child.title)];
      const match = slot.children.find((candidate) => goesBy(candidate, keys));
      if (match) mergeSection(fragment, child, match, scope);
      else appendSection(fragment, child, keys, slot, slot.depth + child.depth - section.depth);
    }
  }

  /** Loose text goes where the directive stands; items join the list that it stands behind. */
  function placeLoose(fragment: Fragment, fragmentNodes: readonly RootContent[], slot: Slot, at: number): void {
    const before = nodes.findLast((node) => rangeOf(node).end <= at);
    const blocks: Block[] = [];
    addBlocks(fragment, fragmentNodes, { slot, scope: slot.said, blocks, lists: before?.type === 'list' ? [before] : [], fresh: false });
    if (blocks.length > 0) loose.push(() => ({ at, pieces: blockPieces(blocks, house), apart: true }));
  }

  function addBlocks(fragment: Fragment, fragmentNodes: readonly RootContent[], to: Destination): void {
    for (const node of fragmentNodes) {
      // A rule parts two texts; between others it parts nothing.
      if (node.type === 'thematicBreak' && !to.fresh) continue;
      if (node.type === 'definition' && isDefined(fragment, node)) continue;
      if (node.type === 'list') addList(fragment, node, to);
      else if (!keysOf(node).every((key) => to.scope.has(key))) {
        to.blocks.push({ kind: 'text', pieces: [writeBlock(fragment.document.source, node, house)] });
        hear(to.slot, [node]);
      }
    }
  }

  /** The labels of links hold for a whole document: a second definition of one would not be read. */
  function isDefined(fragment: Fragment, node: Definition): boolean {
    const known = definitions.get(node.identifier);
    if (known === undefined) definitions.set(node.identifier, node.url);
    else if (known !== node.url) report.add('link-conflict', fragment.document.source, rangeOf(node), { label: node.identifier, known });
    return known !== undefined;
  }

  function addList(fragment: Fragment, list: List, to: Destination): void {
    const { source } = fragment.document;
    let target: ListSlot | undefined;
    for (const item of list.children) {
      if (to.scope.has(saidBy(item))) {
        for (const inner of item.children) if (inner.type === 'list') addNested(fragment, itemKey(item), inner, to);
        continue;
      }
      target ??= listFor(fragment, list, to);
      target.added.push({ key: itemKey(item), pieces: writeItem(source, item, target.style, house) });
      hear(to.slot, [{ ...list, children: [item] }]);
    }
  }

  /** The list that items join: the author's nearest of the kind, else one that was added, else a new one. */
  function listFor(fragment: Fragment, list: List, { slot, blocks, lists, fresh }: Destination): ListSlot {
    const ordered = list.ordered === true;
    const own = lists.find((candidate) => (candidate.ordered === true) === ordered) ?? lists[0];
    // Items stay behind a lead-in that the fragment has just brought.
    const led = endsInColon(blocks.at(-1));
    if (own && !led) return joined(own, slot);
    const earlier = fresh || led ? undefined : blocks.findLast((block) => block.kind === 'list');
    if (earlier?.kind === 'list') return earlier.list;
    const made: ListSlot = { ordered, style: newListStyle(list, fragment.document.source.text, house), added: [] };
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
  function addNested(fragment: Fragment, key: string, list: List, { slot, scope }: Destination): void {
    const { source } = fragment.document;
    const missing = list.children.filter((item) => !scope.has(saidBy(item)));
    const own = slot.own?.items.get(key);
    if (missing.length === 0) return;
    hear(slot, [{ ...list, children: missing }]);
    if (!own) {
      const style = newListStyle(list, source.text, house, '  ');
      const above = addedItems(slot).find((item) => item.key === key);
      for (const item of missing) above?.pieces.push({ text: house.eol }, ...writeItem(source, item, style, house));
      return;
    }
    const below = own.children.findLast((child) => child.type === 'list');
    const style = below ? listStyleOf(below, host.source.text) : newListStyle(list, source.text, house, ' '.repeat(contentColumn(own)));
    const anchor = (below?.children.at(-1) ?? own).position?.end.offset ?? 0;
    const added = missing.map((item) => ({ key: itemKey(item), pieces: writeItem(source, item, style, house) }));
    loose.push(() => ({ at: anchor, pieces: listPieces({ ordered: list.ordered === true, style, anchor, added }, house), apart: false }));
  }

  return { add, insertions: () => [...loose.map((make) => make()), ...insertionsBelow(root, house)] };
}

const goesBy = (slot: Slot, keys: readonly string[]): boolean => keys.some((key) => slot.keys.has(key));

/** The slot whose sections are the document's top sections: a lone title above all others is not one of them. */
function topParent(root: Slot): Slot {
  const [only, ...others] = root.children.filter((child) => child.own);
  return only && others.length === 0 && only.depth === 1 ? only : root;
}

/** The depth of the document's top sections. */
function topDepth(root: Slot, fallback: number): number {
  const parent = topParent(root);
  const depths = parent.children.filter((child) => child.own).map((child) => child.depth);
  if (depths.length > 0) return Math.min(...depths);
  return parent.depth > 0 ? parent.depth + 1 : fallback;
}

/** The section with one of the titles that is nearest to the top. */
function search(root: Slot, keys: readonly string[]): Slot | undefined {
  for (let level = root.children; level.length > 0; level = level.flatMap((slot) => slot.children)) {
    const found = level.find((slot) => goesBy(slot, keys));
    if (found) return found;
  }
  return undefined;
}

/** The innermost section of the author's that an offset stands in. */
function enclosing(root: Slot, offset: number): Slot {
  let at = root;
  for (;;) {
    const next = at.children.findLast((child) => child.own && child.own.start <= offset);
    if (!next) return at;
    at = next;
  }
}

function endsInColon(block: Block | undefined): boolean {
  return block?.kind === 'text' && /:\s*$/.test(block.pieces.map((piece) => piece.text).join(''));
}

function addedItems(slot: Slot): AddedItem[] {
  return [...slot.lists, ...slot.tail.flatMap((block) => (block.kind === 'list' ? [block.list] : []))].flatMap((list) => list.added);
}
