/**
 * The rules by which a fragment becomes part of a document. Works on slots; what comes out are insertions at offsets of
 * the author's text.
 */
import type { RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import { createBlocks } from './blocks.js';
import type { Fragment } from './fragments.js';
import { houseStyleOf } from './house-style.js';
import { type OutlineSection, outlineOf, rangeOf } from './outline.js';
import { blockPieces, insertionsBelow } from './render.js';
import { type Block, createSlot, type Slot, slotsOf } from './slots.js';
import type { Insertion } from './splice.js';
import { titleKey } from './wording.js';
import { writeHeading } from './write.js';

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

/** Prepares a document to be merged into. */
export function createMerger(host: Document, nodes: readonly RootContent[], report: Report): Merger {
  const house = houseStyleOf(host, nodes);
  const last = nodes.at(-1);
  const root = slotsOf(outlineOf(nodes), host.body.start, last ? rangeOf(last).end : host.body.start);
  const blocks = createBlocks(host, nodes, house, report);
  /** Loose text that a directive places: it belongs to no slot. */
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
      if (match) mergeSection(fragment, section, match, match);
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
    blocks.add(fragment.document.source, section.nodes, { slot, blocks: slot.tail, lists: [], fresh: true });
    for (const child of section.children) {
      appendSection(fragment, child, [titleKey(child.title)], slot, depth + child.depth - section.depth);
    }
  }

  /** `scope`: the matched top section; nothing in it is said again anywhere below. */
  function mergeSection(fragment: Fragment, section: OutlineSection, slot: Slot, scope: Slot): void {
    blocks.add(fragment.document.source, section.nodes, { slot, scope, blocks: slot.tail, lists: slot.own?.lists ?? [], fresh: false });
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
    const placed: Block[] = [];
    const lists = before?.type === 'list' ? [before] : [];
    blocks.add(fragment.document.source, fragmentNodes, { slot, scope: slot, blocks: placed, lists, fresh: false });
    const after = nodes.find((node) => rangeOf(node).start >= at);
    if (placed.length > 0) loose.push(() => ({ at, pieces: blockPieces(placed, house, before, after), apart: true }));
  }

  return { add, insertions: () => [...blocks.insertions(), ...loose.map((make) => make()), ...insertionsBelow(root, house)] };
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
