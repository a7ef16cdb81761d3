/**
 * The rules by which a fragment becomes part of a document. Works on slots; what comes out are insertions at offsets of
 * the author's text.
 */
import type { Heading, List, ListItem, RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { Piece, Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import type { Fragment } from './fragments.js';
import { type Outline, type OutlineSection, outlineOf, rangeOf } from './outline.js';
import {
  type AddedItem,
  type Block,
  bulletOf,
  createSlot,
  keysOf,
  type ListSlot,
  type ListStyle,
  listsOf,
  note,
  type Slot,
  slotsOf,
  styleOf,
} from './slots.js';
import type { Insertion } from './splice.js';
import { checkboxOf, itemKey, titleKey } from './wording.js';

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
export function createMerger(host: Document, outline: Outline, hostNodes: readonly RootContent[], report: Report): Merger {
  const { text } = host.source;
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  const bullet = bulletOf(host.tree(), text);
  const tight = headingsAreTight(hostNodes);
  const lastNode = hostNodes.at(-1);
  const root = slotsOf(outline, host.body.start, lastNode ? rangeOf(lastNode).end : host.body.start);
  const hostLists = new Map<Slot, List[]>();
  const nested: { at: number; list: ListSlot }[] = [];
  /** Loose text that a directive places, by the directive's offset. */
  const placed: { readonly at: number; readonly slot: Slot; readonly blocks: Block[] }[] = [];
  indexLists(root, outline);

  function indexLists(slot: Slot, part: Outline | OutlineSection): void {
    hostLists.set(slot, listsOf('intro' in part ? part.intro : part.nodes));
    const sections = 'sections' in part ? part.sections : part.children;
    for (const [index, section] of sections.entries()) {
      const child = slot.children[index];
      if (child) indexLists(child, section);
    }
  }

  function add(fragment: Fragment, nodes: readonly RootContent[], use: Range, placeAt?: number): void {
    const { intro, sections } = outlineOf(nodes, fragment.document.source.text.length);
    const around = placeAt === undefined ? undefined : enclosing(placeAt);
    if (intro.length > 0) {
      if (around && placeAt !== undefined) placeLoose(fragment, intro, around, placeAt);
      else report.add('fragment-unplaced', host.source, use, { name: fragment.name });
    }
    for (const [index, section] of sections.entries()) {
      const keys = [titleKey(section.title), ...(index === 0 ? fragment.aliases : [])];
      const match = around ? around.children.find((child) => keys.some((key) => child.keys.has(key))) : search(root, keys);
      if (match) {
        mergeSection(fragment, section, match, match.said);
      } else if (around && placeAt !== undefined) {
        appendSection(fragment, section, keys, around, around.depth > 0 ? around.depth + 1 : topDepth(section.depth), placeAt);
      } else {
        const parent = topParent();
        appendSection(fragment, section, keys, parent, topDepth(section.depth));
      }
    }
  }

  /** The slot whose sections are the document's top sections: a lone title above all others is not one of them. */
  function topParent(): Slot {
    const [only, ...others] = root.children.filter((child) => child.own);
    return only && others.length === 0 && only.depth === 1 ? only : root;
  }

  function topDepth(fallback: number): number {
    const parent = topParent();
    const depths = parent.children.filter((child) => child.own).map((child) => child.depth);
    return depths.length > 0 ? Math.min(...depths) : parent.depth > 0 ? parent.depth + 1 : fallback;
  }

  /** The section with one of the titles that is nearest to the top. */
  function search(from: Slot, keys: readonly string[]): Slot | undefined {
    for (let level = from.children; level.length > 0; level = level.flatMap((slot) => slot.children)) {
      const found = level.find((slot) => keys.some((key) => slot.keys.has(key)));
      if (found) return found;
    }
    return undefined;
  }

  /** The innermost section of the author's that a directive stands in. */
  function enclosing(offset: number): Slot {
    let at = root;
    for (;;) {
      const next = at.children.findLast((child) => child.own && headingStart(child) <= offset);
      if (!next) return at;
      at = next;
    }
  }

  const starts = new Map<Slot, number>();
  indexStarts(root, outline.sections);
  function indexStarts(slot: Slot, sections: readonly OutlineSection[]): void {
    for (const [index, section] of sections.entries()) {
      const child = slot.children[index];
      if (!child) continue;
      starts.set(child, section.range.start);
      indexStarts(child, section.children);
    }
  }
  function headingStart(slot: Slot): number {
    return starts.get(slot) ?? Number.POSITIVE_INFINITY;
  }

  function appendSection(
    fragment: Fragment,
    section: OutlineSection,
    keys: readonly string[],
    parent: Slot,
    depth: number,
    placedAt?: number,
  ): void {
    const clamped = Math.min(depth, MAX_HEADING_DEPTH);
    if (clamped < depth) report.add('heading-clamped', fragment.document.source, section.range, { title: section.title });
    const slot = createSlot(new Set(keys), clamped, parent, undefined, {
      heading: headingPieces(fragment, section.heading, clamped),
      ...(placedAt !== undefined && { placedAt }),
    });
    parent.children.push(slot);
    addBlocks(fragment, section.nodes, slot, slot.said, slot.tail);
    for (const child of section.children)
      appendSection(fragment, child, [titleKey(child.title)], slot, depth + child.depth - section.depth);
  }

  /** `scope`: what the matched top section says; nothing in it is said again anywhere below. */
  function mergeSection(fragment: Fragment, section: OutlineSection, slot: Slot, scope: ReadonlySet<string>): void {
    addBlocks(fragment, section.nodes, slot, scope, slot.tail);
    for (const child of section.children) {
      const key = titleKey(child.title);
      const match = slot.children.find((candidate) => candidate.keys.has(key));
      if (match) mergeSection(fragment, child, match, scope);
      else appendSection(fragment, child, [key], slot, slot.depth + child.depth - section.depth);
    }
  }

  function addBlocks(fragment: Fragment, nodes: readonly RootContent[], slot: Slot, scope: ReadonlySet<string>, tail: Block[]): void {
    for (const node of nodes) {
      if (node.type === 'list') {
        addList(fragment, node, slot, scope, tail);
        continue;
      }
      // A rule parts two texts; between others it parts nothing.
      if (node.type === 'thematicBreak' && slot.own) continue;
      const keys = keysOf(node);
      if (keys.every((key) => scope.has(key))) continue;
      for (const key of keys) note(slot, key);
      tail.push({ kind: 'text', pieces: [verbatim(fragment, rangeOf(node))] });
    }
  }

  function addList(fragment: Fragment, list: List, slot: Slot, scope: ReadonlySet<string>, tail: Block[]): void {
    let target: ListSlot | undefined;
    for (const item of list.children) {
      const key = itemKey(item);
      if (!scope.has(`item:${key}`)) {
        target ??= listFor(fragment, list, slot, tail);
        const added = { key, pieces: itemPieces(fragment, item, target.style) };
        target.added.push(added);
        for (const said of keysOf({ ...list, children: [item] })) note(slot, said);
        continue;
      }
      for (const inner of item.children) {
        if (inner.type === 'list') addNested(fragment, key, inner, slot, scope);
      }
    }
  }

  /** Items below an item that is there already go below that one. */
  function addNested(fragment: Fragment, key: string, list: List, slot: Slot, scope: ReadonlySet<string>): void {
    const missing = list.children.filter((item) => !scope.has(`item:${itemKey(item)}`));
    if (missing.length === 0) return;
    const own = slot.items.get(key);
    if (!own) {
      const added = allAdded(slot).find((item) => item.key === key);
      for (const item of missing) {
        added?.pieces.push({ text: eol }, ...itemPieces(fragment, item, { ...plainStyle(list), indent: '  ', marker: bullet }));
        note(slot, `item:${itemKey(item)}`);
      }
      return;
    }
    const ownList = own.children.findLast((child) => child.type === 'list');
    const anchor = rangeOf((ownList?.children.at(-1) ?? own) as unknown as RootContent).end;
    const style = ownList ? styleOf(ownList, text) : { ...plainStyle(list), indent: ' '.repeat(contentColumn(own)), marker: bullet };
    const target: ListSlot = { ordered: list.ordered === true, style, anchor, added: [] };
    nested.push({ at: anchor, list: target });
    for (const item of missing) {
      target.added.push({ key: itemKey(item), pieces: itemPieces(fragment, item, style) });
      note(slot, `item:${itemKey(item)}`);
    }
  }

  /** The list that items join: the author's last one of the kind, else one that was added, else a new one. */
  function listFor(fragment: Fragment, list: List, slot: Slot, tail: Block[]): ListSlot {
    const ordered = list.ordered === true;
    const lists = hostLists.get(slot) ?? [];
    const own = lists.find((candidate) => (candidate.ordered === true) === ordered) ?? lists[0];
    // A lead-in of the fragment that was just added keeps its items behind it.
    const leadIn = tail.at(-1)?.kind === 'text' && /:\s*$/.test(lastText(tail));
    if (own && !leadIn) {
      const anchor = rangeOf(own).end;
      const known = slot.lists.find((candidate) => candidate.anchor === anchor);
      if (known) return known;
      const made: ListSlot = { ordered: own.ordered === true, style: styleOf(own, text), anchor, added: [] };
      slot.lists.push(made);
      return made;
    }
    const last = tail.at(-1);
    if (last?.kind === 'list') return last.list;
    const before = slot.own && !leadIn ? tail.findLast((block) => block.kind === 'list') : undefined;
    if (before?.kind === 'list') return before.list;
    const fragmentStyle = styleOf(list, fragment.document.source.text);
    const made: ListSlot = {
      ordered,
      style: { ...fragmentStyle, indent: '', marker: ordered ? fragmentStyle.marker : bullet, gap: ' ', next: list.start ?? 1, step: 1 },
      anchor: undefined,
      added: [],
    };
    tail.push({ kind: 'list', list: made });
    return made;
  }

  function placeLoose(fragment: Fragment, nodes: readonly RootContent[], around: Slot, at: number): void {
    const blocks: Block[] = [];
    // Items join the list that the directive stands behind.
    const before = hostNodes.findLast((node) => rangeOf(node).end <= at);
    const follows = before?.type === 'list' ? before : undefined;
    const lists = hostLists.get(around) ?? [];
    hostLists.set(around, follows ? [follows] : []);
    addBlocks(fragment, nodes, around, around.said, blocks);
    hostLists.set(around, lists);
    if (blocks.length > 0) placed.push({ at, slot: around, blocks });
  }

  function headingPieces({ document }: Fragment, heading: Heading, depth: number): Piece[] {
    const { source } = document;
    const first = heading.children[0];
    const last = heading.children.at(-1);
    if (!first || !last) return [{ text: '#'.repeat(depth) }];
    const range = { start: first.position?.start.offset ?? 0, end: last.position?.end.offset ?? 0 };
    // The text of an underlined heading may have lines.
    const title = source.text.slice(range.start, range.end).replaceAll(/\s*\r?\n\s*/g, ' ');
    return [{ text: `${'#'.repeat(depth)} ` }, { text: title, origin: { path: source.path, ...range } }];
  }

  function verbatim({ document }: Fragment, range: Range): Piece {
    const { text: raw, path } = document.source;
    return { text: withEol(raw.slice(range.start, range.end)), origin: { path, ...range } };
  }

  /** An item in the words of the fragment and the style of the list: marker, number, indentation, checkbox. */
  function itemPieces({ document }: Fragment, item: ListItem, style: ListStyle): Piece[] {
    const { text: raw, path } = document.source;
    const start = item.position?.start.offset ?? 0;
    const end = item.position?.end.offset ?? start;
    const contentStart = item.children[0]?.position?.start.offset ?? end;
    const contentWidth = contentColumn(item);
    const bullets = nestedBullets(item);
    const content = replaceAt(
      raw.slice(contentStart, end),
      bullets.map((at) => at - contentStart),
      bullet,
    );
    const ordered = /[.)]/.test(style.marker);
    const marker = ordered ? `${style.next}${style.marker}` : style.marker;
    style.next += style.step;
    const box = checkboxOf(content);
    const bare = box ? content.slice(box.length) : content;
    const kept = style.checkbox === '' ? bare : `${box ?? style.checkbox}${bare}`;
    const pad = ' '.repeat(marker.length + style.gap.length);
    const lines = kept.split(/\r?\n/).map((line, index) => {
      if (index === 0) return line;
      const unindented = line.replace(new RegExp(`^[ ]{0,${contentWidth}}|^\\t`), '');
      return unindented === '' ? '' : `${style.indent}${pad}${unindented}`;
    });
    return [{ text: `${style.indent}${marker}${style.gap}` }, { text: lines.join(eol), origin: { path, start: contentStart, end } }];
  }

  function insertions(): Insertion[] {
    const result: Insertion[] = nested.map(({ at, list }) => ({ at, pieces: listPieces(list), apart: false }));
    collect(root);
    for (const { at, blocks } of placed) result.push({ at, pieces: blockPieces(blocks), apart: true });
    return result;

    function collect(slot: Slot): void {
      for (const list of slot.lists) {
        if (list.anchor !== undefined && list.added.length > 0) result.push({ at: list.anchor, pieces: listPieces(list), apart: false });
      }
      if (slot.own && slot.tail.length > 0) result.push({ at: slot.own.textEnd, pieces: blockPieces(slot.tail), apart: true });
      for (const child of slot.children) if (child.own) collect(child);
      for (const child of slot.children) {
        if (child.own) continue;
        result.push({ at: child.placedAt ?? slot.own?.end ?? host.body.end, pieces: sectionPieces(child), apart: true });
      }
    }
  }

  function sectionPieces(slot: Slot): Piece[] {
    const parts = [blockPieces(slot.tail), ...slot.children.map(sectionPieces)].filter((part) => part.length > 0);
    const [first, ...others] = parts;
    const gap = slot.tail.length > 0 && tight ? eol : eol + eol;
    return [
      ...(slot.heading ?? []),
      ...(first ? [{ text: gap }, ...first] : []),
      ...others.flatMap((part) => [{ text: eol + eol }, ...part]),
    ];
  }

  function blockPieces(blocks: readonly Block[]): Piece[] {
    return blocks.flatMap((block, index) => {
      // Two lists of one kind with nothing between them would be read as one.
      const previous = blocks[index - 1];
      const twins = block.kind === 'list' && previous?.kind === 'list' && previous.list.ordered === block.list.ordered;
      const gap = index === 0 ? [] : [{ text: twins ? `${eol}${eol}<!-- -->${eol}${eol}` : eol + eol }];
      return [...gap, ...(block.kind === 'text' ? block.pieces : listPieces(block.list))];
    });
  }

  /** Items of a list of the author's begin with a line end; those of an added list stand between line ends. */
  function listPieces({ anchor, added, style }: ListSlot): Piece[] {
    const gap = style.loose ? eol + eol : eol;
    return added.flatMap(({ pieces }, index) => (anchor === undefined && index === 0 ? pieces : [{ text: gap }, ...pieces]));
  }

  const withEol = (raw: string): string => raw.replaceAll(/\r?\n/g, eol);

  return { add, insertions };
}

function headingsAreTight(nodes: readonly RootContent[]): boolean {
  let close = 0;
  let apart = 0;
  for (const [index, node] of nodes.entries()) {
    const next = nodes[index + 1];
    if (node.type !== 'heading' || !next || next.type === 'heading') continue;
    if ((next.position?.start.line ?? 0) - (node.position?.end.line ?? 0) <= 1) close++;
    else apart++;
  }
  return close > apart;
}

function plainStyle(list: List): ListStyle {
  return { indent: '', marker: list.ordered ? '.' : '-', gap: ' ', next: list.start ?? 1, step: 1, checkbox: '', loose: false };
}

/** The column at which the text of an item begins, from 0. */
function contentColumn(item: ListItem): number {
  return (item.children[0]?.position?.start.column ?? (item.position?.start.column ?? 1) + 2) - 1;
}

/** The offsets of the bullets of all lists below an item. */
function nestedBullets(item: ListItem): number[] {
  return item.children.flatMap((child) =>
    child.type !== 'list'
      ? []
      : child.children.flatMap((inner) => [...(child.ordered ? [] : [inner.position?.start.offset ?? 0]), ...nestedBullets(inner)]),
  );
}

function replaceAt(text: string, offsets: readonly number[], char: string): string {
  let result = text;
  for (const at of offsets) result = result.slice(0, at) + char + result.slice(at + 1);
  return result;
}

function lastText(blocks: readonly Block[]): string {
  const last = blocks.at(-1);
  return last?.kind === 'text' ? last.pieces.map((piece) => piece.text).join('') : '';
}

function allAdded(slot: Slot): AddedItem[] {
  return [...slot.lists.flatMap((list) => list.added), ...slot.tail.flatMap((block) => (block.kind === 'list' ? block.list.added : []))];
}
