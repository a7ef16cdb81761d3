import { closest, distance } from 'fastest-levenshtein';

/**
 * The known word that a misspelt one was most likely meant to be, or `undefined` when none is close.
 * Close is one edit for about every three characters, two where letters are swapped; letters differ by case for free.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 100) return undefined;
  const folded = word.toLowerCase();
  const byFolded = new Map(known.map((candidate) => [candidate.toLowerCase(), candidate]));
  const found = closest(folded, [...byFolded.keys()]);
  return distance(folded, found) <= Math.max(1, Math.min(3, Math.round((folded.length + 1) / 3))) ? byFolded.get(found) : undefined;
}
