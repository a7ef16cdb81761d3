import type { Report } from '../../diagnostics/report.js';
import { type SourceText, slicePiece } from '../../diagnostics/source-text.js';
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
    const affected = new Set(matches.map(({ piece }) => piece));
    result = result.flatMap((piece) => (affected.has(piece) ? rewritePiece(piece, pattern, replacement) : piece));
    if (exact) {
      if (fate === 'exact') fate = 'mapped';
      continue;
    }
    fate = 'approximated';
    const [from, to] = [first.match[0], expand(replacement, first.match)];
    report.add('body-rewritten', source, placeOf(first), { target: target.name, from, to, count: matches.length, why });
  }
  for (const { pattern, why } of target.body.expands ?? []) {
    const matches = matchesIn(result, pattern);
    const [first] = matches;
    if (first) {
      const data = { target: target.name, text: first.match[0], count: matches.length, why };
      report.add('body-expanded', source, placeOf(first), data);
    }
  }
  return { body: result, fate };
}

interface Found {
  readonly piece: Piece;
  readonly match: RegExpExecArray;
}

/** Most pieces have nothing of the kind, and `search` makes nothing to say so. */
const matchesIn = (body: Body, pattern: RegExp): Found[] =>
  body
    .filter(({ text }) => text.search(pattern) !== -1)
    .flatMap((piece) => [...piece.text.matchAll(pattern)].map((match) => ({ piece, match })));

/** Where a match stands. */
function placeOf({ piece, match }: Found): Range {
  const { path, start, end } = slicePiece(piece, match.index, match.index + match[0].length).origin;
  return { path, start, end };
}

/** What stands for a match, which may depend on what is behind it. */
const expand = (replacement: string, match: RegExpMatchArray): string =>
  replacement.replaceAll(/\$([1-9&])/g, (_, group: string) => (group === '&' ? match[0] : (match[Number(group)] ?? '')));

function rewritePiece(piece: Piece, pattern: RegExp, replacement: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const keep = (end: number): void => {
    if (end > at) pieces.push(slicePiece(piece, at, end));
    at = end;
  };
  for (const match of piece.text.matchAll(pattern)) {
    keep(match.index);
    at = match.index + match[0].length;
    pieces.push({ ...slicePiece(piece, match.index, at), text: expand(replacement, match), written: true });
  }
  keep(piece.text.length);
  return pieces;
}
