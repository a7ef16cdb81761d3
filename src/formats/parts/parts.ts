/** A file that many write to, as parts that have names. Text that is no part of ours is never changed. */

/** In place of a part's content: it says what it says, in its place among the others. */
export const STAYS = Symbol('stays');

/** What a part is to be: `undefined` takes it out. */
export type PartText = string | undefined | typeof STAYS;

/** How one kind of shared file keeps its parts. */
export interface PartsFormat {
  /**
   * The parts of a file by name, each as what it says, so that two ways to write one thing are equal.
   * Throws an Error whose message says, for a person, why the file cannot be shared.
   */
  read(file: string): ReadonlyMap<string, string>;
  /** What a part says that emit wrote. */
  said(content: string): string;
  /**
   * The file with these parts as they are to be, in this order. A part that says the same already stays as it is written.
   * The file may be empty.
   */
  edit(file: string, parts: ReadonlyMap<string, PartText>): string;
  /** Whether nothing is left in a file but what holds the parts. */
  isEmpty(file: string): boolean;
}

/**
 * The file with its parts changed, and read back: parts that were to change have, the others say what they said. Throws an
 * Error with a sentence when the file does not let itself be changed.
 * @param before what the file says
 */
export function changed(
  format: PartsFormat,
  file: string,
  parts: ReadonlyMap<string, PartText>,
  before: ReadonlyMap<string, string> = format.read(file),
): string {
  const result = format.edit(file, parts);
  const wanted = new Map(before);
  for (const [name, content] of parts) {
    if (content === STAYS) continue;
    if (content === undefined) wanted.delete(name);
    else wanted.set(name, format.said(content));
  }
  const now = result === file ? before : read(format, result);
  const isRight = now?.size === wanted.size && [...wanted].every(([name, said]) => now.get(name) === said);
  if (!isRight) throw new Error('nothing can be put into it, as something in it is not closed');
  return result;
}

function read(format: PartsFormat, file: string): ReadonlyMap<string, string> | undefined {
  try {
    return format.read(file);
  } catch {
    return undefined;
  }
}

/** The first name that has been there already. */
export function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** A stretch of a file to be replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces stretches of a text that do not overlap. */
export function replaced(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let result = '';
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The line end that a file has. */
export const lineEndOf = (file: string): string => (file.includes('\r\n') ? '\r\n' : '\n');
