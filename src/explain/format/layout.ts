/** Text in columns for a terminal. Cells are measured without colours, so they are painted last. */
import stringWidth from 'string-width';
import { visible } from '../../diagnostics/format/visible.js';

export interface Layout {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** One cell, or one that is broken into lines where it is too wide. */
export interface Column {
  readonly align?: 'right';
  readonly paint?: (text: string) => string;
  /** The last column only: breaks it at spaces, to the width of the terminal. */
  readonly wrap?: number;
}

const INDENT = '  ';

/** Measuring takes time, and most text is plain. */
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

/** Rows below each other, indented. Empty cells at the end of a row leave no spaces. */
export function table(rows: readonly (readonly string[])[], columns: readonly Column[]): string[] {
  const shown = rows.map((row) => row.map(visible));
  const widths = columns.map((_, index) => shown.reduce((most, row) => Math.max(most, widthOf(row[index] ?? '')), 0));
  return shown
    .flatMap((row) => broken(row, columns, widths))
    .map((row) => {
      const last = row.findLastIndex((cell) => cell !== '');
      const cells = row.slice(0, last + 1).map((cell, index) => {
        const gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        const { align, paint = (text: string) => text } = columns[index] ?? {};
        if (align === 'right') return gap + paint(cell);
        return paint(cell) + (index === last ? '' : gap);
      });
      return INDENT + cells.join(INDENT);
    });
}

/** The least width of a cell that is broken, however narrow the terminal is. */
const LEAST = 30;

/** A row whose last cell is too wide, as several. */
function broken(row: readonly string[], columns: readonly Column[], widths: readonly number[]): string[][] {
  const at = columns.findIndex(({ wrap }) => wrap !== undefined);
  const width = columns[at]?.wrap;
  const cell = row[at];
  if (width === undefined || cell === undefined) return [[...row]];
  const left = widths.slice(0, at).reduce((sum, before) => sum + before + INDENT.length, INDENT.length);
  const before = row.slice(0, at);
  return wrap(cell, Math.max(LEAST, width - left)).map((line, index) => [...(index === 0 ? before : before.map(() => '')), line]);
}

/** Breaks a text at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A text that is at most so wide. */
export function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let result = '';
  for (const char of text) {
    if (widthOf(result + char) > width - 1) break;
    result += char;
  }
  return `${result.trimEnd()}…`;
}

/** 14213 → 14,213 */
export const count = (number: number): string => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');

export const plural = (number: number, word: string): string => `${count(number)} ${word}${number === 1 ? '' : 's'}`;
