import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Body, Piece, Range } from '../../ir.js';
import type { Target } from '../../targets/target.js';

export interface Rewritten {
  readonly body: Body;
  /** `mapped`: the assistant reads what the author wrote; `approximated`: something that is nearly it. */
  readonly fate: 'exact' | 'mapped' | 'approximated';
}

/**
 * Writes differently what the target would expand or choke on. The very same body when there is nothing of the kind.
 * A match that two pieces share is not seen; pieces end at line ends, and no target's pattern spans lines.
 */
export function rewriteBody(body: Body, target: Target, source: SourceText, report: Report): Rewritten {
  let result = body;
  let fate: Rewritten['fate'] = 'exact';
  for (const { pattern, replacement, why, exact } of target.body.rewrites ?? []) {
    const matches = matchesIn(result, pattern);
    const [first] = matches;
    if (!first) continue;
    result = result.flatMap((piece) => rewritePiece(piece, pattern, replacement));
    if (exact) {
      if (fate === 'exact') fate = 'mapped';
      continue;
    }
    fate = 'approximated';
    const [from, to] = [first.match[0], expand(replacement, first.match)];
    report.add('body-rewritten', source, placeOf(first, source), { target: target.name, from, to, count: matches.length, why });
  }
  for (const { pattern, why } of target.body.expands ?? []) {
    const matches = matchesIn(result, pattern);
    const [first] = matches;
    if (first) {
      const data = { target: target.name, text: first.match[0], count: matches.length, why };
      report.add('body-expanded', source, placeOf(first, source), data);
    }
  }
  return { body: result, fate };
}

interface Found {
  readonly piece: Piece;
  readonly match: RegExpExecArray;
}

const matchesIn = (body: Body, pattern: RegExp): Found[] =>
  body.flatMap((piece) => [...piece.text.matchAll(pattern)].map((match) => ({ piece, match })));

/** Where a match stands in the agent's own file; its start for text of a fragment. */
function placeOf({ piece, match }: Found, source: SourceText): Range {
  if (piece.origin?.path !== source.path) return { start: 0, end: 0 };
  const start = piece.origin.start + match.index;
  return { start, end: start + match[0].length };
}

/** What stands for a match, which may depend on what is behind it. */
const expand = (replacement: string, match: RegExpMatchArray): string =>
  replacement.replaceAll(/\$([1-9&])/g, (_, group: string) => (group === '&' ? match[0] : (match[Number(group)] ?? '')));

function rewritePiece(piece: Piece, pattern: RegExp, replacement: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const keep = (end: number): void => {
    if (end > at) pieces.push(slice(piece, at, end));
    at = end;
  };
  for (const match of piece.text.matchAll(pattern)) {
    keep(match.index);
    at = match.index + match[0].length;
    pieces.push({ ...slice(piece, match.index, at), text: expand(replacement, match) });
  }
  keep(piece.text.length);
  return pieces;
}

/** A part of a piece. Where a piece is not its source letter by letter, a part of it comes from all of that. */
function slice({ text, origin }: Piece, start: number, end: number): Piece {
  if (origin && origin.end - origin.start !== text.length) return { text: text.slice(start, end), origin };
  return {
    text: text.slice(start, end),
    ...(origin && { origin: { path: origin.path, start: origin.start + start, end: origin.start + end } }),
  };
}
