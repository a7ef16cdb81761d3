/** Tables: the rows of a fragment's, put behind those of one that has its columns. */
import type { Table, TableCell, TableRow } from 'mdast';
import stringWidth from 'string-width';
import type { SourceText } from '../../diagnostics/source-text.js';
import { groupBy } from '../../group-by.js';
import type { Piece, Range } from '../../ir.js';
import { behindLine, lineStart } from './lines.js';
import { rangeOf } from './outline.js';
import type { RowStyle, TableSlot } from './slots.js';
import { columnsOf, keysOfTable, rowsOf } from './wording.js';
import { written } from './write.js';

/**
 * A table that rows may be added to.
 * @param anchor the offset behind its last row, for a table of the author's
 */
export function tableSlot(table: Table, source: SourceText, anchor?: number): TableSlot {
  const { kind, rows } = keysOfTable(table);
  const own = anchor !== undefined;
  let style: RowStyle | undefined;
  return {
    kind,
    columns: columnsOf(table),
    get style() {
      style ??= rowStyleOf(table, source.text);
      return style;
    },
    ...(own && { anchor }),
    rows: rows.map((row) => ({ ...row, ...(!own && { source }) })),
    added: [],
  };
}

/**
 * Adds the rows of a table that no other one of its kind has to the first of those, and says how many. A row is there when
 * the author has its first cell; but where `GET` stands before two paths, only the whole row says which one is meant.
 */
export function addRows(known: readonly TableSlot[], table: Table, source: SourceText, eol: string): number {
  const [to] = known;
  if (!to) return 0;
  const order = columnOrder(to, table);
  const { rows } = keysOfTable(table);
  const there = known.flatMap((one) => one.rows);
  const wholes = new Set(there.map(({ whole }) => whole));
  const names = new Set(there.filter((row) => row.source === undefined).map(({ first }) => first));
  const byName = groupBy(rows, ({ first }) => first);
  const count = to.added.length;
  for (const [index, row] of rowsOf(table).entries()) {
    const keys = rows[index];
    if (!keys || wholes.has(keys.whole) || (byName.get(keys.first)?.length === 1 && names.has(keys.first))) continue;
    wholes.add(keys.whole);
    to.added.push(writeRow(source, row, order, to.style, eol));
    to.rows.push({ ...keys, source });
  }
  return to.added.length - count;
}

/** For each column of a slot, the column of a table that has its title. */
function columnOrder(slot: TableSlot, table: Table): number[] {
  const left: (string | undefined)[] = columnsOf(table);
  return slot.columns.map((title) => {
    const index = left.indexOf(title);
    left[index] = undefined;
    return index;
  });
}

/** Reads how the rows of a table are written off its text. */
function rowStyleOf(table: Table, text: string): RowStyle {
  const rows = table.children.map((row) => rangeOf(row));
  const [header = { start: 0, end: 0 }] = rows;
  const raw = (range: Range): string => text.slice(range.start, range.end).trimEnd();
  const widths = table.children.map((row) => row.children.map((cell) => stringWidth(text.slice(rangeOf(cell).start, rangeOf(cell).end))));
  const [first = []] = widths;
  const closed = /(?<!\\)\|$/.test(raw(header));
  // Without a bar at its end the last cell ends with its text.
  const compared = closed ? first.length : first.length - 1;
  const delimiter = text.slice(behindLine(text, header.end), rows[1]?.start ?? rangeOf(table).end).trim();
  const aligned =
    compared > 0 &&
    (!closed || delimiter.length === stringWidth(raw(header))) &&
    widths.every((row) => first.slice(0, compared).every((width, index) => row[index] === width));
  const opened = raw(header).startsWith('|');
  const space = /^\|[ \t]/.test(raw(header)) || /[ \t]\|/.test(raw(header)) ? ' ' : '';
  return {
    indent: text.slice(lineStart(text, header.start), header.start),
    opened,
    closed,
    space,
    ...(aligned && {
      columns: first.map((width, index) => ({
        width: index < compared ? width - barsOf(index, first.length, opened, closed) - 2 * space.length + edge(index, opened, space) : 0,
        align: table.align?.[index] ?? 'left',
      })),
    }),
  };
}

/** How many bars the stretch of a cell has: the one before it, and the last one of the row. */
function barsOf(index: number, count: number, opened: boolean, closed: boolean): number {
  return (index > 0 || opened ? 1 : 0) + (index === count - 1 && closed ? 1 : 0);
}

/** A first cell without a bar before it has no white space there either. */
const edge = (index: number, opened: boolean, space: string): number => (index === 0 && !opened ? space.length : 0);

/** Text that would begin a block of another kind if no bar stood before it. */
const SAFE_START = /^(?:\p{L}|\d+(?![\d.)])|`(?!``))/u;

/** A row in the style of a table, its cells in that table's order. */
function writeRow(source: SourceText, row: TableRow, order: readonly number[], style: RowStyle, eol: string): Piece[] {
  const { indent, space, columns } = style;
  const origin = source.originOf(rangeOf(row));
  const make = (text: string): Piece[] => (text === '' ? [] : [written(text, origin)]);
  const cells = order.map((index) => contentOf(row.children[index]));
  const textOf = (cell: Range | undefined): string => (cell ? source.text.slice(cell.start, cell.end) : '');
  const opened = style.opened || cells.length === 1 || !SAFE_START.test(textOf(cells[0]));
  const closed = style.closed || cells.length === 1 || cells.at(-1) === undefined;

  const pieces = cells.flatMap((cell, index): Piece[] => {
    const last = index === cells.length - 1;
    const missing = last && !closed ? 0 : Math.max(0, (columns?.[index]?.width ?? 0) - stringWidth(textOf(cell)));
    const before = { left: 0, right: missing, center: missing >> 1 }[columns?.[index]?.align ?? 'left'];
    const bar = index > 0 || opened ? `|${space}` : '';
    return [
      ...make(bar + ' '.repeat(before)),
      ...(cell ? source.cut(cell.start, cell.end) : []),
      ...make(' '.repeat(missing - before) + (last ? (closed ? `${space}|` : '') : space)),
    ];
  });
  return [...make(eol + indent), ...pieces];
}

/** The text of a cell, without the white space around it. */
function contentOf(cell: TableCell | undefined): Range | undefined {
  const [first, last] = [cell?.children[0], cell?.children.at(-1)];
  return first && last && { start: rangeOf(first).start, end: rangeOf(last).end };
}
