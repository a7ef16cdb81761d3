/**
 * Texts that are nearly the same. How alike two are is told by the runs of three words that they share: twice the shared
 * ones, divided by those of both (Dice). Texts are gathered around leaders: each joins the leader that it is most like,
 * or becomes one. So a thousand copies that differ by a name cost a thousand comparisons and not a million.
 */

/** A text that others gather around, and those that did. */
export interface Gathering {
  /** The index of the text. */
  readonly leader: number;
  readonly others: readonly {
    readonly index: number;
    /** 0 to 1. */
    readonly likeness: number;
  }[];
}

/** Gathers texts, those first that come first; `atLeast` is how alike they must be, from 0 to 1. */
export function gather(texts: readonly string[], atLeast: number): Gathering[] {
  const ranked = rankedShingles(texts);
  /** Leaders by the rarest of their shingles: two texts that are alike have one of those in common. */
  const leaders = new Map<number, number[]>();
  const gatherings = new Map<number, { index: number; likeness: number }[]>();
  for (const [index, shingles] of ranked.entries()) {
    const rare = shingles.slice(0, shingles.length - leastShared(shingles.length, atLeast) + 1);
    const candidates = new Set(rare.flatMap((shingle) => leaders.get(shingle) ?? []));
    let best: { leader: number; likeness: number } | undefined;
    const own = new Set(shingles);
    for (const leader of candidates) {
      const likeness = likenessOf(own, ranked[leader] ?? [], atLeast);
      if (likeness >= atLeast && likeness > (best?.likeness ?? 0)) best = { leader, likeness };
    }
    if (best) {
      gatherings.get(best.leader)?.push({ index, likeness: best.likeness });
      continue;
    }
    gatherings.set(index, []);
    for (const shingle of rare) {
      const known = leaders.get(shingle);
      if (known) known.push(index);
      else leaders.set(shingle, [index]);
    }
  }
  return [...gatherings].map(([leader, others]) => ({ leader, others }));
}

/** The most of the shingles of a text of `size` that must be shared by any text that is alike enough. */
function leastShared(size: number, atLeast: number): number {
  return Math.max(1, Math.ceil((size * atLeast) / (2 - atLeast) - 1e-9));
}

/** The distinct shingles of each text, the rarest first. */
function rankedShingles(texts: readonly string[]): number[][] {
  const all = texts.map(shinglesOf);
  const counts = new Map<number, number>();
  for (const shingles of all) for (const shingle of shingles) counts.set(shingle, (counts.get(shingle) ?? 0) + 1);
  return all.map((shingles) => [...shingles].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0) || a - b));
}

/** Words; in scripts without spaces each sign is one. */
const SIGN = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]`;
const WORDS = new RegExp(String.raw`(?=\p{L})${SIGN}|(?:(?!${SIGN})[\p{L}\p{N}])+`, 'gu');

/** Runs of three words, as hashes of 32 bits: that two are equal by chance changes a likeness by next to nothing. */
function shinglesOf(text: string): Set<number> {
  const words = (text.toLowerCase().match(WORDS) ?? []).map(hashOf);
  const shingles = new Set<number>();
  for (let at = 0; at < Math.max(1, words.length - 2); at++) {
    let hash = 0;
    for (let next = at; next < at + 3; next++) hash = Math.imul(hash ^ (words[next] ?? 0), 0x9e3779b1) ^ (hash >>> 15);
    shingles.add(hash);
  }
  return shingles;
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash;
}

function likenessOf(a: ReadonlySet<number>, b: readonly number[], atLeast: number): number {
  if ((2 * Math.min(a.size, b.length)) / (a.size + b.length) < atLeast) return 0;
  let shared = 0;
  for (const shingle of b) if (a.has(shingle)) shared++;
  return (2 * shared) / (a.size + b.length);
}
