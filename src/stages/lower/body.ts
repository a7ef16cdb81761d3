import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Body, Piece } from '../../ir.js';
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
    const matches = result.flatMap((piece) => [...piece.text.matchAll(pattern)].map((match) => ({ piece, match })));
    const first = matches[0];
    if (!first) continue;
    result = result.flatMap((piece) => rewritePiece(piece, pattern, replacement));
    if (exact) {
      if (fate === 'exact') fate = 'mapped';
      continue;
    }
    fate = 'approximated';
    const origin = first.piece.origin?.path === source.path ? first.piece.origin : undefined;
    const start = origin ? origin.start + first.match.index : 0;
    const from = first.match[0];
    const to = expand(replacement, first.match);
    report.add(
      'body-rewritten',
      source,
      { start, end: origin ? start + from.length : 0 },
      { target: target.name, from, to, count: matches.length, why },
    );
  }
  return { body: result, fate };
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
