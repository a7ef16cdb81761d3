import type { Blocks } from './blocks.js';
import type { Spot } from './repeat.js';

/** Which blocks are in repeats already, so that no text is counted twice. */
export interface Taken {
  add(spots: readonly Spot[]): void;
  /** Whether no block of it is taken. */
  isFree(spot: Spot): boolean;
  /** How much of its text is not taken, from 0 to 1. */
  freeShare(spot: Spot): number;
  /** What is taken now, and stays so when more is. */
  copy(): Taken;
}

export function createTaken(
  texts: readonly Blocks[],
  marks: readonly Uint8Array[] = texts.map(({ all }) => new Uint8Array(all.length)),
): Taken {
  return {
    add(spots) {
      for (const { document, from, to } of spots) marks[document]?.fill(1, from, to);
    },
    isFree: ({ document, from, to }) => marks[document]?.subarray(from, to).every((mark) => mark === 0) === true,
    freeShare({ document, from, to }) {
      let free = 0;
      let total = 0;
      for (let index = from; index < to; index++) {
        const { start = 0, end = 0 } = texts[document]?.all[index]?.range ?? {};
        total += end - start;
        if (marks[document]?.[index] === 0) free += end - start;
      }
      return total === 0 ? 0 : free / total;
    },
    copy: () =>
      createTaken(
        texts,
        marks.map((row) => row.slice()),
      ),
  };
}
