/**
 * Stretches that occur more than once in rows of keys. Every stretch is given that cannot be made longer without losing
 * an occurrence: these are the inner nodes of the rows' suffix tree, found by sorting the suffixes.
 */

/** Where a stretch occurs: the row, and the index in it. */
export interface Occurrence {
  readonly row: number;
  readonly at: number;
}

export interface Stretch {
  readonly length: number;
  /** In the order of the rows. Made when asked for: all of all stretches may be many times the rows. */
  occurrences(): Occurrence[];
}

/** A stretch is not followed further than this, so that one item ten thousand times costs no minute. */
const MAX_LENGTH = 200;

/** Finds the repeated stretches. */
export function repeatedStretches(rows: readonly (readonly string[])[]): Stretch[] {
  const { keys, origins } = joinRows(rows);
  const suffixes = origins.flatMap((origin, index) => (origin ? [index] : [])).sort((a, b) => compareSuffixes(keys, a, b));
  const stretches: Stretch[] = [];
  const close = (length: number, from: number, to: number): void => {
    // The same key before all of them: the longer stretch that begins with it has every occurrence.
    const before = keys[(suffixes[from] ?? 0) - 1];
    if (suffixes.slice(from, to).every((start) => keys[start - 1] === before)) return;
    const occurrences = (): Occurrence[] =>
      suffixes
        .slice(from, to)
        .flatMap((start) => origins[start] ?? [])
        .sort((a, b) => a.row - b.row || a.at - b.at);
    stretches.push({ length, occurrences });
  };

  // Sorted neighbours begin alike: for each length in which they do a group is open, the longest on top.
  const open: { length: number; from: number }[] = [];
  for (let index = 1; index <= suffixes.length; index++) {
    const length = index === suffixes.length ? 0 : commonLength(keys, suffixes[index - 1] ?? 0, suffixes[index] ?? 0);
    let from = index - 1;
    for (let top = open.at(-1); top && top.length > length; top = open.at(-1)) {
      close(top.length, top.from, index);
      from = top.from;
      open.pop();
    }
    if (length > (open.at(-1)?.length ?? 0)) open.push({ length, from });
  }
  return stretches;
}

/** All rows as one row of numbers. What occurs once, and the end of a row, has a number of its own: it ends every stretch. */
function joinRows(rows: readonly (readonly string[])[]): { keys: number[]; origins: (Occurrence | undefined)[] } {
  const count = new Map<string, number>();
  for (const row of rows) for (const key of row) count.set(key, (count.get(key) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const keys: number[] = [];
  const origins: (Occurrence | undefined)[] = [];
  const end = (): void => {
    keys.push(-1 - keys.length);
    origins.push(undefined);
  };
  end();
  for (const [row, texts] of rows.entries()) {
    for (const [at, text] of texts.entries()) {
      if ((count.get(text) ?? 0) < 2) {
        end();
        continue;
      }
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      keys.push(number);
      origins.push({ row, at });
    }
    end();
  }
  return { keys, origins };
}

function compareSuffixes(keys: readonly number[], a: number, b: number): number {
  const length = commonLength(keys, a, b);
  return (keys[a + length] ?? 0) - (keys[b + length] ?? 0) || a - b;
}

function commonLength(keys: readonly number[], a: number, b: number): number {
  let length = 0;
  while (length < MAX_LENGTH && keys[a + length] === keys[b + length]) length++;
  return length;
}
