import type { Json } from '../ir.js';

/** A way to write and read the header of an agent file. */
export interface Format {
  /** One key with its value, ready for the template: lines joined by `\n`, no line end after the last. */
  entry(key: string, value: Json, options: WriteOptions): string;
  /** Whether the header takes the line ends of the source. A prompt inside a header has its own, written as escapes. */
  readonly sourceLineEnds: boolean;
  /** Whether the value must stand after everything that is no table. */
  isTable(value: Json): boolean;
  /** Why a value cannot be written, for a person; `undefined` when it can. */
  objection(value: Json): string | undefined;
  /** The value as a reader of the format gets it. */
  asRead(value: Json): Json;
  /** The prompt as a value of the header. */
  text(value: string): string;
  /** The keys of a file, and its prompt when that follows the header. Throws when it is not of this format. */
  read(file: string): Parsed;
}

export interface WriteOptions {
  /** `---` must not occur in the header. */
  readonly closesAnywhere: boolean;
}

export interface Parsed {
  readonly header: { readonly [key: string]: Json };
  readonly body?: string;
}

// Not `^` with the flag m: for JavaScript a line begins behind U+2028 too.
const HEADER = /^---[ \t]*\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;

/** Splits a file at its `---` lines. Throws when it has none. */
export function splitHeader(file: string): { header: string; body: string } {
  const match = HEADER.exec(file.startsWith('\ufeff') ? file.slice(1) : file);
  if (match?.index !== 0) throw new Error('no front matter');
  return { header: match[1] ?? '', body: match.input.slice(match[0].length) };
}
