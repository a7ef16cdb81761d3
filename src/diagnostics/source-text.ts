import type { Point } from 'unist';
import { type Location, location } from 'vfile-location';
import type { Origin, OriginKind, Piece, Range } from '../ir.js';

/** The text of a file, and the way from an offset to a line and column. */
export interface FileText {
  /** As given to the compiler. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** Line and column, both from 1, of an offset in UTF-16 code units. */
  point(offset: number): Required<Point>;
}

/** The decoded text of a source, with the origins of its stretches. */
export interface SourceText extends FileText {
  /** The file and the offsets in it of a stretch of the text. What lies in another file was inherited from there. */
  originOf(range: Range): Origin;
  /** A stretch of the text, in pieces with one origin each. */
  cut(start: number, end: number): readonly Piece[];
}

/** The text of one file. */
export function createSourceText(path: string, text: string, kind: OriginKind = 'agent'): SourceText {
  return {
    path,
    text,
    point: pointsIn(text),
    originOf: (range) => elsewhere(range, path) ?? { kind, path, start: range.start, end: range.end },
    cut: (start, end) => (end > start ? [{ text: text.slice(start, end), origin: { kind, path, start, end } }] : []),
  };
}

/**
 * A text that was put together from pieces: a base with what it inherits itself, a fragment with its parameters filled in.
 * A stretch of it that spans several pieces counts as a stretch of the first file among them.
 */
export function createComposedText(path: string, pieces: readonly Piece[]): SourceText {
  const text = pieces.map((piece) => piece.text).join('');
  const starts: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    starts.push(length);
    length += piece.text.length;
  }
  const indexAt = (offset: number): number => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
  const cut = (start: number, end: number): Piece[] => {
    const found: Piece[] = [];
    for (let index = indexAt(start); index < pieces.length && (starts[index] ?? 0) < end; index++) {
      const [piece, base] = [pieces[index], starts[index] ?? 0];
      const part = piece && slicePiece(piece, Math.max(0, start - base), Math.min(piece.text.length, end - base));
      if (part && part.text !== '') found.push(part);
    }
    return found;
  };
  return {
    path,
    text,
    point: pointsIn(text),
    originOf(range) {
      const inherited = elsewhere(range, path);
      if (inherited) return inherited;
      const within = cut(range.start, Math.max(range.end, range.start + 1)).map(({ origin }) => origin);
      const first = within.find(({ kind }) => kind !== 'parameter') ?? within[0];
      if (!first) return { kind: 'base', path, start: 0, end: 0 };
      const last = within.findLast((origin) => origin.path === first.path && origin.kind === first.kind) ?? first;
      return { ...first, end: Math.max(first.end, last.end) };
    },
    cut,
  };
}

/** The origin of what does not lie in a text's own file. */
const elsewhere = ({ start, end, path }: Range, own: string): Origin | undefined =>
  path === undefined || path === own ? undefined : { kind: 'base', path, start, end };

/** A part of a piece. Where a piece is not its origin letter by letter, a part of it comes from all of that. */
export function slicePiece(piece: Piece, start: number, end: number): Piece {
  const text = piece.text.slice(start, end);
  if (piece.written) return { ...piece, text };
  const { origin } = piece;
  return { text, origin: { ...origin, start: origin.start + start, end: origin.start + end } };
}

function pointsIn(text: string): SourceText['point'] {
  let lines: Location | undefined;
  return (offset) => {
    lines ??= location(text);
    const { line, column } = lines.toPoint(Math.min(offset, text.length)) ?? { line: 1, column: 1 };
    return { line, column, offset };
  };
}
