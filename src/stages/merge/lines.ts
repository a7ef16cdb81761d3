/** Lines, their ends and their columns. */
import type { Range } from '../../ir.js';

export type Eol = '\n' | '\r\n';

/** The line end that most lines of a text have. */
export function eolOf(text: string): Eol {
  if (!text.includes('\r\n')) return '\n';
  const crlf = text.split('\r\n').length - 1;
  return crlf * 2 >= text.split('\n').length - 1 ? '\r\n' : '\n';
}

/** The lines of a stretch, without their ends. */
export function linesOf(text: string, { start, end }: Range): Range[] {
  const lines: Range[] = [];
  for (let at = start; ; ) {
    const newline = text.indexOf('\n', at);
    if (newline === -1 || newline >= end) return [...lines, { start: at, end }];
    lines.push({ start: at, end: text[newline - 1] === '\r' && newline > at ? newline - 1 : newline });
    at = newline + 1;
  }
}

/** The offset at which the line of an offset begins. */
export const lineStart = (text: string, offset: number): number => (offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1);

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\r';

/** The offset behind the line end at an offset, white space before it included; the offset itself where none stands there. */
export function behindLine(text: string, offset: number): number {
  let at = offset;
  while (isBlank(text[at])) at++;
  return text[at] === '\n' ? at + 1 : offset;
}

/** The offset at which the blank line that ends at an offset begins; the offset itself where none does. */
export function beforeBlankLine(text: string, offset: number): number {
  if (text[offset - 1] !== '\n') return offset;
  let at = offset - 1;
  while (at > 0 && isBlank(text[at - 1])) at--;
  return at === 0 || text[at - 1] === '\n' ? at : offset;
}

/** Whether a blank line stands in a stretch. */
export function hasBlankLine(text: string, { start, end }: Range): boolean {
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    const behind = behindLine(text, at + 1);
    if (behind > at + 1 && behind <= end) return true;
  }
  return false;
}

/** How many columns white space and text take. A tab goes to the next multiple of four. */
export function widthOf(text: string, from = 0): number {
  let width = from;
  for (const char of text) width = char === '\t' ? width + 4 - (width % 4) : width + 1;
  return width - from;
}

/** How many characters of white space a line begins with up to a column, and the columns that the last of them takes beyond it. */
export function outdentOf(line: string, column: number): { readonly length: number; readonly beyond: number } {
  let length = 0;
  let width = 0;
  while (width < column && (line[length] === ' ' || line[length] === '\t')) {
    width = line[length] === '\t' ? width + 4 - (width % 4) : width + 1;
    length++;
  }
  return { length, beyond: Math.max(0, width - column) };
}
