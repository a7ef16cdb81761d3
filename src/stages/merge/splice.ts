/** Cuts ranges out of a text and puts pieces in, by offset. */
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Body, Piece, Range } from '../../ir.js';
import { written } from './write.js';

/** Pieces that stand at an offset. `apart`: they need a blank line before and after. */
export interface Insertion {
  readonly at: number;
  readonly pieces: readonly Piece[];
  readonly apart: boolean;
}

/**
 * Widens the ranges of comments and blocks to whole lines, and takes one of two blank lines along, so that what is left
 * reads as if they had never been there.
 */
export function cutLines(text: string, ranges: readonly Range[], within: Range): Range[] {
  const whole = ranges.map(({ start, end }) => {
    const newline = text.indexOf('\n', end);
    return { start: Math.max(within.start, text.lastIndexOf('\n', start - 1) + 1), end: newline === -1 ? within.end : newline + 1 };
  });
  return joined(whole).map(({ start, end }) => {
    const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(end, end + 200))?.[0].length ?? 0;
    const blankBefore = start === within.start || /\n[ \t]*\r?\n$/.test(text.slice(Math.max(0, start - 200), start));
    // At the end of a text nothing follows that a blank line would part.
    const blank =
      end + blankAfter >= within.end ? (/\n([ \t]*\r?\n)$/.exec(text.slice(Math.max(0, start - 200), start))?.[1]?.length ?? 0) : 0;
    return { start: start - blank, end: blankBefore ? end + blankAfter : end };
  });
}

function joined(ranges: readonly Range[]): Range[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

/** Builds the body: the author's text without the cuts, and with the insertions. Order at one offset is kept. */
export function splice(source: SourceText, body: Range, cuts: readonly Range[], insertions: readonly Insertion[]): Body {
  const { text } = source;
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  const gone = joined(cuts);
  const pieces: Piece[] = [];
  let at = body.start;

  const ending = (): string =>
    pieces
      .slice(-3)
      .map((piece) => piece.text)
      .join('')
      .slice(-8);
  const own = (end: number): void => {
    for (const cut of gone) {
      if (cut.end <= at || cut.start >= end) continue;
      pieces.push(...source.cut(at, cut.start));
      at = Math.max(at, cut.end);
    }
    if (end > at) {
      pieces.push(...source.cut(at, end));
      at = end;
    }
  };
  /** What follows in the author's text, cuts left out. */
  const rest = (from: number): string => {
    let result = '';
    let start = from;
    for (const cut of [...gone, { start: body.end, end: body.end }]) {
      if (cut.end < start) continue;
      result += text.slice(start, Math.max(start, cut.start));
      start = cut.end;
    }
    return result;
  };

  const ordered = insertions.toSorted((a, b) => a.at - b.at);
  for (const [index, insertion] of ordered.entries()) {
    own(insertion.at);
    const [first, last] = [insertion.pieces[0], insertion.pieces.at(-1)];
    if (!first || !last) continue;
    const before = ending();
    if (insertion.apart && pieces.length > 0 && !/(?:^|\n)[ \t]*\r?\n$/.test(before)) {
      pieces.push(written(before === '' ? '' : before.endsWith('\n') ? eol : eol + eol, first.origin));
    }
    pieces.push(...insertion.pieces);
    if (!insertion.apart || ordered[index + 1]?.at === insertion.at) continue;
    const following = rest(Math.max(at, insertion.at));
    if (following.trim() === '') {
      // A directive on the last line took the line's end with it.
      if (text.endsWith('\n') && !following.includes('\n')) pieces.push(written(eol, last.origin));
    } else if (!/^[ \t]*\r?\n/.test(following)) pieces.push(written(eol + eol, last.origin));
    else if (!/^[ \t]*\r?\n[ \t]*\r?\n/.test(following)) pieces.push(written(eol, last.origin));
  }
  own(body.end);
  return pieces.filter((piece) => piece.text !== '');
}
