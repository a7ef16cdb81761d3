/**
 * The rules by which a fragment, or what is inherited, becomes part of a document. Works on slots; what comes out are
 * insertions at offsets of the author's text.
 */
import type { List, RootContent } from 'mdast';
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { FragmentUse, Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import { createBlocks, type Tally } from './blocks.js';
import type { Contribution } from './contribution.js';
import { houseStyleOf, listStyleOf } from './house-style.js';
import { createInheritance, type Inherit } from './inherit.js';
import { type OutlineSection, outlineOf, rangeOf, rangeOfSection } from './outline.js';
import { blockPieces, insertionsBelow } from './render.js';
import { type Block, createSlot, enclosing, goesBy, type Slot, search, slotsOf, titlesBelow, topDepth, topParent } from './slots.js';
import type { Insertion } from './splice.js';
import { titleKey } from './wording.js';
import { writeHeading, written } from './write.js';
import type { Material, NewSection, Writing } from './writing.js';

const MAX_HEADING_DEPTH = 6;

/** A fragment as a use wants it. */
export interface FragmentMaterial extends Material {
  readonly name: string;
  /** Keys of other titles that its first section goes by. */
  readonly aliases: readonly string[];
}

/** Where a fragment is asked for. */
export interface Use {
  readonly use: FragmentUse;
  /** The text that the use stands in: messages point there. */
  readonly source: SourceText;
  /** The offset of the directive that places it; absent for a name in front matter. */
  readonly placeAt?: number;
}

export interface Merger {
  /** Puts what the document inherits between its own sections, and where `@super` stands. Comes before fragments. */
  readonly inherit: Inherit;
  add(fragment: FragmentMaterial, use: Use): void;
  /** What to put into the author's text. */
  insertions(): Insertion[];
  /** What was put in, section by section. */
  readonly contributions: readonly Contribution[];
  /** The titles of all sections, own ones and others. */
  titles(): string[];
}

/**
 * Prepares a document to be merged into.
 * @param marks the directives at which something is put in: they belong to the sections that they stand in
 */
export function createMerger(host: Document, nodes: readonly RootContent[], marks: readonly Range[], report: Report): Merger {
  const house = houseStyleOf(host, nodes);
  const last = nodes.at(-1);
  const root = slotsOf(outlineOf(nodes), host.body.start, last ? rangeOf(last).end : host.body.start);
  for (const { start, end } of marks) {
    const inner = enclosing(root, start);
    if (inner.own) inner.own.textEnd = Math.max(inner.own.textEnd, end);
    for (let slot: Slot | undefined = inner; slot; slot = slot.parent) if (slot.own) slot.own.end = Math.max(slot.own.end, end);
  }
  const blocks = createBlocks(host, nodes, house, report);
  /** Loose text that a directive places: it belongs to no slot. */
  const loose: (() => Insertion)[] = [];
  const contributions: Contribution[] = [];

  const writing: Writing = {
    fill: (source, added, slot, scope) =>
      blocks.add(source, added, { slot, scope, blocks: slot.tail, lists: slot.own?.lists ?? [], fresh: false }),
    place(source, added, slot, at, joins = false) {
      const placed: Block[] = [];
      // Items join the list that they stand behind.
      const before = nodes.findLast((node) => rangeOf(node).end <= at);
      const lists: List[] = before?.type === 'list' ? [before] : [];
      const tally = blocks.add(source, added, { slot, scope: slot, blocks: placed, lists, fresh: false });
      const after = nodes.find((node) => rangeOf(node).start >= at);
      if (placed.length > 0)
        loose.push(
          () => (joins && joinedTo(after, placed, before)) || { at, pieces: blockPieces(placed, house, before, after), apart: true },
        );
      return tally;
    },
    append,
    told: (contribution) => void contributions.push(contribution),
  };

  /** Blocks whose last items become the first ones of a list of the author's, when both are written alike. */
  function joinedTo(after: RootContent | undefined, placed: readonly Block[], before: RootContent | undefined): Insertion | undefined {
    const last = placed.at(-1);
    if (after?.type !== 'list' || last?.kind !== 'list') return undefined;
    const style = listStyleOf(after, host.source.text);
    if (last.list.style.marker !== style.marker || style.indent !== '') return undefined;
    const pieces = blockPieces(placed, house, before);
    const end = pieces.at(-1);
    const gap = style.loose ? house.eol + house.eol : house.eol;
    return end && { at: rangeOf(after).start, pieces: [...pieces, written(gap, end.origin)], apart: 'before' };
  }

  function append(source: SourceText, { section, keys, parent, depth, placedAt }: NewSection): Tally {
    const clamped = Math.min(depth, MAX_HEADING_DEPTH);
    if (clamped < depth) report.add('heading-clamped', source, rangeOf(section.heading), { title: section.title });
    const heading = writeHeading(source, section.heading, clamped);
    const { title } = section;
    const slot = createSlot({ title, keys: new Set(keys), depth: clamped, parent, heading, ...(placedAt !== undefined && { placedAt }) });
    parent.children.push(slot);
    const own = blocks.add(source, section.nodes, { slot, blocks: slot.tail, lists: [], fresh: true });
    const below = section.children.map((child) =>
      append(source, { section: child, keys: [titleKey(child.title)], parent: slot, depth: depth + child.depth - section.depth }),
    );
    return sum([own, ...below]);
  }

  /** `scope`: the matched top section; nothing in it is said again anywhere below. */
  function mergeSection(source: SourceText, section: OutlineSection, slot: Slot, scope: Slot): Tally {
    const own = writing.fill(source, section.nodes, slot, scope);
    const below = section.children.map((child) => {
      const keys = [titleKey(child.title)];
      const match = slot.children.find((candidate) => goesBy(candidate, keys));
      // A section that another fragment brought stands for itself, as it does for the one that comes first.
      if (match) return mergeSection(source, child, match, match.own ? scope : match);
      return append(source, { section: child, keys, parent: slot, depth: slot.depth + child.depth - section.depth });
    });
    return sum([own, ...below]);
  }

  function add({ name, aliases, source, nodes: added }: FragmentMaterial, { use, source: from, placeAt }: Use): void {
    const around = placeAt === undefined ? sectionUnder(use, from) : enclosing(root, placeAt);
    if (around === 'missing') return;
    const { intro, sections } = outlineOf(added);
    const tell = (about: Pick<Contribution, 'how' | 'title' | 'into'>, at: Range, tally: Tally): void =>
      writing.told({ from: name, origin: source.originOf(at), ...about, ...tally });

    const [first, end] = [intro[0], intro.at(-1)];
    if (first && end) {
      const at = { start: rangeOf(first).start, end: rangeOf(end).end };
      if (!around) report.add('fragment-unplaced', from, use.range, { name });
      else {
        const tally = placeAt === undefined ? writing.fill(source, intro, around, around) : writing.place(source, intro, around, placeAt);
        tell({ how: 'merged', ...titleOf(around) }, at, tally);
      }
    }
    for (const [index, section] of sections.entries()) {
      const keys = [titleKey(section.title), ...(index === 0 ? aliases : [])];
      const { title } = section;
      // What is put under a section of its own title is what that section says.
      const itself = around && placeAt === undefined && goesBy(around, keys) ? around : undefined;
      const match = itself ?? (around ? around.children.find((slot) => goesBy(slot, keys)) : search(root, keys));
      if (match) tell({ how: 'merged', title, ...titleOf(match) }, rangeOfSection(section), mergeSection(source, section, match, match));
      else {
        const parent = around ?? topParent(root);
        const depth = around && around.depth > 0 ? around.depth + 1 : topDepth(root, section.depth);
        const tally = append(source, { section, keys, parent, depth, placedAt: placeAt });
        tell({ how: 'appended', title, ...(around && titleOf(around)) }, rangeOfSection(section), tally);
      }
    }
  }

  /** The section that `under` names. */
  function sectionUnder({ under }: FragmentUse, from: SourceText): Slot | 'missing' | undefined {
    if (!under) return undefined;
    const found = search(root, [titleKey(under.value)]);
    if (found) return found;
    const known = titlesBelow(root);
    report.add('section-not-found', from, under.range, { title: under.value, near: nearest(under.value, known), known });
    return 'missing';
  }

  return {
    inherit: createInheritance(host, nodes, root, writing, report),
    add,
    insertions: () => [...blocks.insertions(), ...loose.map((make) => make()), ...insertionsBelow(root, house)],
    contributions,
    titles: () => titlesBelow(root),
  };
}

const sum = (tallies: readonly Tally[]): Tally => ({
  total: tallies.reduce((all, { total }) => all + total, 0),
  present: tallies.reduce((all, { present }) => all + present, 0),
});

const titleOf = ({ title }: Slot): Pick<Contribution, 'into'> => (title === undefined ? {} : { into: title });
