/** How a document is written: what is added to it is written the same way. */
import type { List, ListItem, RootContent } from 'mdast';
import type { Document } from '../parse/document.js';
import { type Eol, eolOf, hasBlankLine, lineStart, widthOf } from './lines.js';
import { checkboxOf } from './wording.js';

export interface HouseStyle {
  readonly eol: Eol;
  /** The bullet that the document uses first at each depth of lists; at least one. */
  readonly bullets: readonly string[];
  /** The white space by which a list below an item is indented. Absent: as far as the item's text. */
  readonly nesting?: string;
  /** Whether text follows a heading without a blank line. */
  readonly tightHeadings: boolean;
}

/** How the items of a list are written. */
export interface ListStyle {
  /** White space before the marker. */
  readonly indent: string;
  /** `-`, `*` or `+`; for an ordered list `.` or `)`. */
  readonly marker: string;
  /** White space behind the marker. */
  readonly gap: string;
  /** The number of the next item, and how much the one after it adds: `1. 1. 1.` adds nothing. */
  next: number;
  readonly step: 0 | 1;
  /** What all items begin with: `[ ] `, `✅ `, or nothing. Absent: items keep what they have. */
  readonly checkbox?: string;
  /** Whether blank lines stand between items. */
  readonly loose: boolean;
  /** How the lists below its items are written, where it has some. */
  readonly nested?: NestedStyle;
}

interface NestedStyle {
  /** The white space by which they are indented. Absent: as far as the item's text. */
  readonly indent?: string;
  readonly bullet?: string;
}

/** The greatest number that a list may have in Markdown. */
const MAX_NUMBER = 999_999_999;

/** Reads the style of a document off its text. */
export function houseStyleOf({ source }: Document, nodes: readonly RootContent[]): HouseStyle {
  const bullets: string[] = [];
  let nesting: string | undefined;
  const look = (list: List, depth: number): void => {
    if (!list.ordered) bullets[depth] ??= markOf(list.children[0], source.text).marker;
    nesting ??= nestedStyleOf(list, source.text)?.indent;
    for (const child of listsBelow(list)) look(child, depth + 1);
  };
  for (const node of nodes) if (node.type === 'list') look(node, 0);
  bullets[0] ??= bullets.find((bullet) => bullet !== undefined) ?? '-';
  return { eol: eolOf(source.text), bullets, tightHeadings: headingsAreTight(nodes), ...(nesting !== undefined && { nesting }) };
}

function headingsAreTight(nodes: readonly RootContent[]): boolean {
  let balance = 0;
  for (const [index, node] of nodes.entries()) {
    const next = nodes[index + 1];
    if (node.type !== 'heading' || !next || next.type === 'heading') continue;
    const lines = (next.position?.start.line ?? 0) - (node.position?.end.line ?? 0);
    balance += lines <= 1 ? 1 : -1;
  }
  return balance > 0;
}

/** What an item begins with. */
function markOf(item: ListItem | undefined, text: string): Pick<ListStyle, 'indent' | 'marker' | 'gap'> & { readonly number: string } {
  const start = startOf(item);
  const before = text.slice(lineStart(text, start), start);
  const content = item?.children[0]?.position?.start;
  const [, number = '', marker = '-'] = /^(\d*)([-*+.)])/.exec(text.slice(start, start + 10)) ?? [];
  const markerEnd = start + number.length + 1;
  const isBeside = content !== undefined && content.line === item?.position?.start.line;
  return {
    // An item may begin behind the mark of another one: `- - text`.
    indent: before.trim() === '' ? before : ' '.repeat(widthOf(before)),
    marker,
    number,
    gap: isBeside ? gapOf(text.slice(markerEnd, content.offset)) : ' ',
  };
}

/** Five columns and more begin code. */
const gapOf = (gap: string): string => (/^[ \t]{1,4}$/.test(gap) ? gap : ' ');

/** Reads the style of a list off its text. */
export function listStyleOf(list: List, text: string): ListStyle {
  const { number, ...mark } = markOf(list.children.at(-1), text);
  const numbers = list.children.map((item) => Number.parseInt(text.slice(startOf(item), startOf(item) + 10), 10));
  const last = Number.parseInt(number, 10) || 0;
  const step = (numbers.length > 1 && numbers.every((n) => n === numbers[0])) || last >= MAX_NUMBER ? 0 : 1;
  const checkbox = checkboxesOf(list, text);
  const nested = nestedStyleOf(list, text) ?? (mark.indent.includes('\t') ? { indent: '\t' } : undefined);
  return {
    ...mark,
    next: last + step,
    step,
    loose: isLoose(list, text),
    ...(checkbox !== undefined && { checkbox }),
    ...(nested && { nested }),
  };
}

function nestedStyleOf(list: List, text: string): NestedStyle | undefined {
  const [below] = listsBelow(list);
  if (!below) return undefined;
  const [outer, inner] = [markOf(list.children[0], text), markOf(below.children[0], text)];
  return {
    ...(inner.indent.length > outer.indent.length &&
      inner.indent.startsWith(outer.indent) && { indent: inner.indent.slice(outer.indent.length) }),
    ...(!below.ordered && { bullet: inner.marker }),
  };
}

const listsBelow = ({ children }: List): List[] => children.flatMap((item) => item.children.filter((child) => child.type === 'list'));

/** The style of a list that is written anew below an item of another one, or below none. Its bullet is the document's. */
export function newListStyle(
  list: List,
  text: string,
  house: HouseStyle,
  below?: { readonly outer: ListStyle; readonly depth: number; readonly indent: string },
): ListStyle {
  const { marker } = markOf(list.children.at(-1), text);
  const nesting = below?.outer.nested?.indent;
  return {
    indent: below?.indent ?? '',
    marker: list.ordered ? marker : below ? nestedBullet(below.outer, below.depth, house) : (house.bullets[0] ?? '-'),
    gap: ' ',
    next: list.start ?? 1,
    step: 1,
    loose: isLoose(list, text),
    ...(nesting !== undefined && { nested: { indent: nesting } }),
  };
}

/** The bullet of a list below an item: as beside it, else as elsewhere at that depth, else as around it. */
function nestedBullet({ marker, nested }: ListStyle, depth: number, { bullets }: HouseStyle): string {
  const isBullet = /[-*+]/.test(marker);
  // A list that has its own way with bullets goes on with it.
  const usual = !isBullet || bullets[depth - 1] === undefined || marker === bullets[depth - 1] ? bullets[depth] : undefined;
  return nested?.bullet ?? usual ?? (isBullet ? marker : (bullets[0] ?? '-'));
}

function checkboxesOf(list: List, text: string): string | undefined {
  const boxes = list.children.map((item) => checkboxOf(text.slice(startOf(item.children[0]), endOf(item))));
  const last = boxes.at(-1);
  if (boxes.every((box) => box === undefined)) return '';
  if (last === undefined || boxes.includes(undefined)) return undefined;
  return last.startsWith('[') ? '[ ] ' : last;
}

function isLoose({ children: [first, second], spread }: List, text: string): boolean {
  return first && second ? hasBlankLine(text, { start: endOf(first), end: startOf(second) }) : spread === true;
}

/** White space as wide as the mark of an item: what stands before its other lines. */
export function padOf({ indent, gap }: ListStyle, mark: string): string {
  const outer = widthOf(indent);
  return indent + ' '.repeat(widthOf(indent + mark + gap) - outer);
}

/** The indentation of a list below an item whose text stands behind `pad`. */
export function nestedIndent({ indent, nested }: ListStyle, pad: string, house: HouseStyle): string {
  const nesting = nested?.indent ?? house.nesting;
  if (nesting === undefined) return pad;
  const wanted = widthOf(indent + nesting);
  const least = widthOf(pad);
  return wanted >= least && wanted < least + 4 ? indent + nesting : pad;
}

/** The column at which the text of an item begins, from 0. */
export function contentColumn(item: ListItem, text: string): number {
  const start = startOf(item.children[0] ?? item);
  const column = widthOf(text.slice(lineStart(text, start), start));
  return item.children.length > 0 ? column : column + 2;
}

const startOf = (node: RootContent | undefined): number => node?.position?.start.offset ?? 0;
const endOf = (node: RootContent): number => node.position?.end.offset ?? 0;
