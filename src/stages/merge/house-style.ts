/** How a document is written: what is added to it is written the same way. */
import type { List, ListItem, RootContent } from 'mdast';
import type { Document } from '../parse/document.js';
import { rangeOf } from './outline.js';
import { checkboxOf } from './wording.js';

export interface HouseStyle {
  readonly eol: '\n' | '\r\n';
  /** The bullet that the document uses first. */
  readonly bullet: string;
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
  /** `[ ] ` when all items have checkboxes, empty when not. Absent: items keep what they have. */
  readonly checkbox?: string;
  /** Whether blank lines stand between items. */
  readonly loose: boolean;
}

/** Reads the style of a document off its text. */
export function houseStyleOf({ source }: Document, nodes: readonly RootContent[]): HouseStyle {
  const list = nodes.find((node) => node.type === 'list' && node.ordered !== true);
  const bullet = list && /[-*+]/.exec(source.text[rangeOf(list).start] ?? '')?.[0];
  return { eol: source.text.includes('\r\n') ? '\r\n' : '\n', bullet: bullet ?? '-', tightHeadings: headingsAreTight(nodes) };
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

/** Reads the style of a list off its text. */
export function listStyleOf(list: List, text: string): ListStyle {
  const last = list.children.at(-1);
  const start = last?.position?.start.offset ?? 0;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const content = last?.children[0]?.position?.start.offset;
  const [, number = '', marker = '-'] = /^(\d*)([-*+.)])/.exec(text.slice(start)) ?? [];
  const markerEnd = start + number.length + 1;
  const numbers = list.children.map((item) => Number.parseInt(text.slice(item.position?.start.offset ?? 0), 10));
  const step = numbers.length > 1 && numbers.every((n) => n === numbers[0]) ? 0 : 1;
  return {
    indent: /^[ \t]*/.exec(text.slice(lineStart, start))?.[0] ?? '',
    marker,
    gap: content === undefined || content <= markerEnd ? ' ' : text.slice(markerEnd, content),
    next: (numbers.at(-1) ?? 0) + step,
    step,
    checkbox: list.children.every((item) => checkboxOf(contentOf(item, text))) ? '[ ] ' : '',
    loose: list.children.length > 1 ? /\n[ \t]*\r?\n/.test(firstToSecond(list, text)) : list.spread === true,
  };
}

/** The style of a list that is written anew: without indentation, with the document's bullet. */
export function newListStyle(list: List, text: string, { bullet }: HouseStyle, indent = ''): ListStyle {
  const { checkbox: _, ...style } = listStyleOf(list, text);
  return { ...style, indent, marker: list.ordered ? style.marker : bullet, gap: ' ', next: list.start ?? 1, step: 1 };
}

/** The column at which the text of an item begins, from 0. */
export function contentColumn(item: ListItem): number {
  return (item.children[0]?.position?.start.column ?? (item.position?.start.column ?? 1) + 2) - 1;
}

function contentOf(item: ListItem, text: string): string {
  return text.slice(item.children[0]?.position?.start.offset ?? item.position?.end.offset, item.position?.end.offset);
}

function firstToSecond({ children: [first, second] }: List, text: string): string {
  return text.slice(first?.position?.start.offset, second?.position?.start.offset);
}
