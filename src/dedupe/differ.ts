/** In what two texts differ, for a person who makes them equal. */

export interface Difference {
  /** The line of the one text, from 0, and what it says; absent behind its end. */
  readonly here: { readonly line: number; readonly text: string | undefined };
  readonly there: { readonly line: number; readonly text: string | undefined };
}

/** The first lines that differ, blank ones left out; `undefined` when only white space does. */
export function firstDifference(one: string, other: string): Difference | undefined {
  const [here, there] = [linesOf(one), linesOf(other)];
  const at = here.findIndex(({ text }, index) => text !== there[index]?.text);
  const index = at === -1 ? here.length : at;
  if (index === here.length && index === there.length) return undefined;
  const pick = (lines: readonly { line: number; text: string }[]): Difference['here'] => ({
    line: lines[Math.min(index, lines.length - 1)]?.line ?? 0,
    text: lines[index]?.text,
  });
  return { here: pick(here), there: pick(there) };
}

function linesOf(text: string): { line: number; text: string }[] {
  return text.split('\n').flatMap((words, line) => (words.trim() === '' ? [] : { line, text: words.trim() }));
}
