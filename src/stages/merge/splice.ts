/** Cuts ranges out of a text and puts pieces in, by offset. */
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Body, Piece, Range } from '../../ir.js';
import { beforeBlankLine, behindLine, eolOf, lineStart } from './lines.js';
import { written } from './write.js';

/** Pieces that stand at an offset. */
export interface Insertion {
  readonly at: number;
  readonly pieces: readonly Piece[];
  /** They need a blank line before and after; `before`: they end as what follows wants it. */
  readonly apart: boolean | 'before';
}

/**
 * Widens the ranges of comments and blocks to whole lines, and takes one of two blank lines along, so that what is left
 * reads as if they had never been there. Gives them in order and apart from each other.
 */
export function cutLines(text: string, ranges: readonly Range[], within: Range): Range[] {
  const whole = ranges.map(({ start, end }) => {
    const newline = text.indexOf('\n', end);
    return { start: Math.max(within.start, lineStart(text, start)), end: newline === -1 ? within.end : newline + 1 };
  });
  // Between two cuts, blank lines part nothing.
  const widened = joined(whole, (start, end) => text.slice(start, end).trim() === '').map(({ start, end }) => {
    const behind = behindLine(text, end);
    // At the end of a text nothing follows that a blank line would part.
    const first = behind >= within.end ? Math.max(within.start, beforeBlankLine(text, start)) : start;
    return { start: first, end: start === within.start || beforeBlankLine(text, start) < start ? behind : end };
  });
  return joined(widened);
}

function joined(ranges: readonly Range[], isNothing: (start: number, end: number) => boolean = (start, end) => start >= end): Range[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && (start <= last.end || isNothing(last.end, start))) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

/**
 * Builds the body: the author's text without the cuts, and with the insertions. Order at one offset is kept.
 * @param cuts as `cutLines` gives them
 */
export function splice(source: SourceText, body: Range, cuts: readonly Range[], insertions: readonly Insertion[]): Body {
  const { text } = source;
  const eol = eolOf(text);
  const pieces: Piece[] = [];
  let at = body.start;
  let cut = 0;

  /** Takes over the author's text up to an offset. */
  const own = (end: number): void => {
    while (at < end) {
      const next = cuts[cut];
      const stop = next ? Math.min(end, Math.max(at, next.start)) : end;
      for (const piece of source.cut(at, stop)) pieces.push(piece);
      at = stop;
      if (!next || next.start >= end) continue;
      at = Math.max(at, next.end);
      cut++;
    }
  };
  /** The end of what is there, as far as blank lines go. */
  const ending = (): string => {
    let result = '';
    for (let index = pieces.length - 1; index >= 0 && result.trim() === ''; index--)
      result = (pieces[index]?.text.slice(-100) ?? '') + result;
    return result;
  };
  /** What follows in the author's text, up to the end of its first line with text. */
  const following = (from: number): string => {
    let result = '';
    let start = from;
    for (let index = cut; result.trim() === '' && start < body.end; index++) {
      const stop = Math.max(start, cuts[index]?.start ?? body.end);
      result += /^\s*[^\n]*/.exec(text.slice(start, Math.min(stop, start + 1000)))?.[0] ?? '';
      start = Math.max(stop, cuts[index]?.end ?? body.end);
    }
    return result;
  };

  const ordered = insertions.toSorted((a, b) => a.at - b.at);
  for (const [index, insertion] of ordered.entries()) {
    own(insertion.at);
    const [first, last] = [insertion.pieces[0], insertion.pieces.at(-1)];
    if (!first || !last) continue;
    const before = ending();
    if (insertion.apart && before !== '') pieces.push(written(eol.repeat(2 - lineEndsBehind(before)), first.origin));
    for (const piece of insertion.pieces) pieces.push(piece);
    if (insertion.apart === 'before' || ordered[index + 1]?.at === insertion.at) continue;
    const rest = following(Math.max(at, insertion.at));
    if (!insertion.apart && (rest.trim() === '' || OWN_BLOCK.test(rest))) continue;
    const wanted = rest.trim() === '' ? (text.endsWith('\n') ? 1 : 0) : 2;
    pieces.push(written(eol.repeat(Math.max(0, wanted - lineEndsBefore(rest))), last.origin));
  }
  own(body.end);
  return pieces.filter((piece) => piece.text !== '');
}

/** A line that begins a block wherever it stands. Another one right behind an item would go on with that item's text. */
const OWN_BLOCK = /^\s*(?:[-*+]\s+\S|\d+[.)]\s+\S|#{1,6}\s|`{3}|~{3}|>|<!--|\|)/;

/** How many line ends a text ends with: two are a blank line. */
function lineEndsBehind(text: string): number {
  if (!text.endsWith('\n')) return 0;
  const blank = beforeBlankLine(text, text.length);
  return blank < text.length ? 2 : 1;
}

/** How many line ends a text begins with. */
function lineEndsBefore(text: string): number {
  const first = behindLine(text, 0);
  return first === 0 ? 0 : behindLine(text, first) > first ? 2 : 1;
}
