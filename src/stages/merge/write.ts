/** The words of a fragment in the style of the document that they are put into. */
import type { Heading, List, ListItem, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Origin, Piece, Range } from '../../ir.js';
import { contentColumn, type HouseStyle, type ListStyle, nestedIndent, newListStyle, padOf } from './house-style.js';
import { lineStart, linesOf, outdentOf } from './lines.js';
import { rangeOf } from './outline.js';
import type { Item, ListSlot } from './slots.js';
import { checkboxOf } from './wording.js';

/** Text that was made for what stands at an origin. */
export const written = (text: string, origin: Origin): Piece => ({ text, origin, written: true });

/** White space, or a mark, in front of pieces: it is there for the first of them. */
export function ahead(text: string, pieces: readonly Piece[]): Piece[] {
  const [first] = pieces;
  if (!first || text === '') return [...pieces];
  return [written(text, first.origin), ...pieces];
}

/**
 * A block as it stands, with the document's line ends. Code that is told by its indentation gets a fence: behind a list it
 * would be read as part of the last item.
 * @param place where its text begins: the column in its file, and the white space before its lines in the document
 */
export function writeBlock(
  source: SourceText,
  node: RootContent,
  eol: string,
  place: { readonly column: number; readonly pad: string } = { column: 0, pad: '' },
): Piece[] {
  const range = rangeOf(node);
  if (isIndentedCode(node, source.text)) {
    const fence = '`'.repeat(fenceLength(node.value));
    const origin = source.originOf(range);
    const lines = linesOf(source.text, { start: lineStart(source.text, range.start), end: range.end });
    const inner = { column: place.column + 4, pad: place.pad };
    return [
      written(fence + eol, origin),
      ...lines.flatMap((line) => [...writeLine(source, line, inner), written(eol, origin)]),
      written(place.pad + fence, origin),
    ];
  }
  return linesOf(source.text, range).flatMap((line, index) => [
    ...(index === 0 ? source.cut(line.start, line.end) : writeLine(source, line, place)),
    ...lineEnd(source, line, range, eol),
  ]);
}

/** A fence is longer than every run of its sign in the code. */
function fenceLength(code: string): number {
  let length = 3;
  for (const [run] of code.matchAll(/`+/g)) length = Math.max(length, run.length + 1);
  return length;
}

function isIndentedCode(node: RootContent, text: string): node is Extract<RootContent, { type: 'code' }> {
  return node.type === 'code' && !/^\s*(?:`{3}|~{3})/.test(text.slice(rangeOf(node).start, rangeOf(node).end));
}

/** A line of a block that is not its first, at another column. */
function writeLine(source: SourceText, { start, end }: Range, { column, pad }: { readonly column: number; readonly pad: string }): Piece[] {
  if (column === 0 && pad === '') return [...source.cut(start, end)];
  const { length, beyond } = outdentOf(source.text.slice(start, end), column);
  return ahead(pad + ' '.repeat(beyond), source.cut(start + length, end));
}

/** A heading at another depth. One that was underlined becomes one with `#`, on one line. */
export function writeHeading(source: SourceText, heading: Heading, depth: number): Piece[] {
  const marks = '#'.repeat(depth);
  const [first, last] = [heading.children[0], heading.children.at(-1)];
  if (!first || !last) return [written(marks, source.originOf(rangeOf(heading)))];
  const range = { start: first.position?.start.offset ?? 0, end: last.position?.end.offset ?? 0 };
  const title = source.text.slice(range.start, range.end);
  const words = /[\r\n]/.test(title) ? [written(onOneLine(title), source.originOf(range))] : source.cut(range.start, range.end);
  return ahead(`${marks} `, words);
}

const onOneLine = (text: string): string =>
  text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .join(' ');

/** An item in the style of a list: marker, number, indentation, checkbox. Counts the list's numbers on. */
export function writeItem(source: SourceText, node: ListItem, { style, ordered, depth }: ListSlot, house: HouseStyle): Item {
  const mark = ordered ? `${style.next}${style.marker}` : style.marker;
  style.next += style.step;
  const range = { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
  const item: Item = { node, depth, source, pad: padOf(style, mark), style, lists: [], parts: [], below: new Set() };
  const place = { column: contentColumn(node, source.text), pad: item.pad };
  const origin = source.originOf(range);
  const head = [written(style.indent + mark + (node.children.length > 0 ? style.gap : ''), origin)];

  for (const [index, child] of node.children.entries()) {
    const between = index === 0 ? '' : gapBefore(source.text, rangeOf(node.children[index - 1] ?? node), rangeOf(child), house.eol);
    if (child.type === 'list') {
      const inline = index === 0;
      if (inline) item.parts.push(head);
      const list = writeList(source, child, item, { style, house, inline, between });
      item.lists.push(list);
      item.parts.push(list);
    } else if (index === 0) item.parts.push([...head, ...writeFirst(source, child, style, house.eol, place, origin)]);
    else item.parts.push(ahead(between + item.pad, writeBlock(source, child, house.eol, place)));
  }
  if (node.children.length === 0) item.parts.push(head);
  return item;
}

/** The block that an item begins with, and the checkbox before it. */
function writeFirst(
  source: SourceText,
  child: RootContent,
  style: ListStyle,
  eol: string,
  place: { readonly column: number; readonly pad: string },
  origin: Origin,
): Piece[] {
  // Behind the mark of a list a rule of the same signs would be part of one long rule.
  if (child.type === 'thematicBreak') return [written(style.marker === '*' ? '---' : '***', origin)];
  const pieces = writeBlock(source, child, eol, place);
  if (child.type !== 'paragraph' || style.checkbox === undefined) return pieces;
  const { start, end } = rangeOf(child);
  const own = checkboxOf(source.text.slice(start, end));
  const kept = own?.startsWith('[') && style.checkbox.startsWith('[') ? own : style.checkbox;
  const [first, ...others] = pieces;
  const bare = own && first ? [...source.cut(start + own.length, start + first.text.length), ...others] : pieces;
  return kept === '' ? bare : [written(kept, origin), ...bare];
}

/** A list below an item that is written. */
function writeList(
  source: SourceText,
  list: List,
  outer: Item,
  { style, house, inline, between }: { style: ListStyle; house: HouseStyle; inline: boolean; between: string },
): ListSlot {
  const indent = inline ? outer.pad : nestedIndent(style, outer.pad, house);
  const made = newList(source, list, house, { outer: style, depth: outer.depth + 1, indent, before: inline ? '' : between });
  for (const node of list.children) {
    const item = writeItem(source, node, made, house);
    // The first item of a list that begins on the line of its outer item stands behind that one's mark.
    const [first] = item.parts;
    if (inline && made.items.length === 0 && Array.isArray(first)) item.parts[0] = withoutIndent(first as readonly Piece[], indent);
    made.items.push(item);
    made.added.push(item);
  }
  return made;
}

function withoutIndent([first, ...others]: readonly Piece[], indent: string): Piece[] {
  return first ? [{ ...first, text: first.text.slice(indent.length) }, ...others] : [];
}

/**
 * A list with nothing in it yet.
 * @param below the style of the list around it, the white space before it, and what stands before its first item
 */
export function newList(
  source: SourceText,
  list: List,
  house: HouseStyle,
  below?: { readonly outer: ListStyle; readonly depth: number; readonly indent: string; readonly before: string },
): ListSlot {
  const style = newListStyle(list, source.text, house, below);
  return { ordered: list.ordered === true, depth: below?.depth ?? 0, style, before: below?.before ?? '', items: [], added: [] };
}

/** The line ends between two blocks of an item: one, or two where a blank line stands. */
function gapBefore(text: string, previous: Range, next: Range, eol: string): string {
  return linesOf(text, { start: previous.end, end: next.start }).length > 2 ? eol + eol : eol;
}

/** What parts a line of a stretch from the next one. */
function lineEnd(source: SourceText, line: Range, { end }: Range, eol: string): readonly Piece[] {
  if (line.end >= end) return [];
  const own = source.text[line.end] === '\r' ? '\r\n' : '\n';
  if (own === eol) return source.cut(line.end, line.end + own.length);
  return [written(eol, source.originOf({ start: line.end, end: line.end + own.length }))];
}
